import type { Attributes, Operator } from './operators.ts';
import type { Value } from './types.ts';

/** One operation. `name` is the ONNX node's, for messages. */
export interface NodeOf<O extends Operator> {
  readonly op: O;
  readonly name: string;
  readonly attributes: Attributes[O];
  /** An optional input that is not given is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
}

export type Node = { [O in Operator]: NodeOf<O> }[Operator];

/** A graph whose nodes stand in an order of execution. Passes return a new one. */
export interface Graph {
  /** For messages. */
  readonly file: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

export function makeNode<O extends Operator>(
  op: O,
  name: string,
  attributes: Attributes[O],
  inputs: readonly (Value | undefined)[],
  outputs: readonly Value[],
): Node {
  return { op, name, attributes, inputs, outputs } as unknown as Node;
}

/** Who produces and who reads each value. */
export class Uses {
  private readonly producers = new Map<Value, Node>();
  private readonly readers = new Map<Value, Node[]>();
  private readonly results: ReadonlySet<Value>;

  constructor(graph: Graph) {
    this.results = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const value of node.outputs) this.producers.set(value, node);
      for (const value of node.inputs) {
        if (value === undefined) continue;
        const nodes = this.readers.get(value);
        if (nodes === undefined) this.readers.set(value, [node]);
        else nodes.push(node);
      }
    }
  }

  producer(value: Value | undefined): Node | undefined {
    return value === undefined ? undefined : this.producers.get(value);
  }

  /** Reads of `value`; a node that reads it twice counts twice. */
  consumers(value: Value): readonly Node[] {
    return this.readers.get(value) ?? [];
  }

  isOutput(value: Value): boolean {
    return this.results.has(value);
  }

  /** The one node that reads `value`, if there is just one and the graph does not return it. */
  only(value: Value): Node | undefined {
    const nodes = this.consumers(value);
    return nodes.length === 1 && !this.results.has(value) ? nodes[0] : undefined;
  }
}

/** Collects a rewritten list of nodes: values that were replaced are followed to what stands for them. */
export class Rewriter {
  private readonly graph: Graph;
  private readonly nodes: Node[] = [];
  private readonly replaced = new Map<Value, Value>();
  changed = false;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** What `value` is now. */
  resolve(value: Value): Value {
    let now = value;
    for (let next = this.replaced.get(now); next !== undefined; next = this.replaced.get(now)) now = next;
    return now;
  }

  /** From here on `next` is read instead of `value`. */
  replace(value: Value, next: Value): void {
    if (value === next) return;
    this.replaced.set(value, next);
    this.changed = true;
  }

  /** Appends `node` with its inputs resolved. */
  push(node: Node): void {
    const inputs = node.inputs.map((value) => value && this.resolve(value));
    const same = inputs.every((value, i) => value === node.inputs[i]);
    this.nodes.push(same ? node : ({ ...node, inputs } as Node));
  }

  /** Appends a node in the place of what came before. */
  insert(node: Node): void {
    this.changed = true;
    this.push(node);
  }

  finish(): Graph {
    if (!this.changed) return this.graph;
    return { ...this.graph, nodes: this.nodes, outputs: this.graph.outputs.map((value) => this.resolve(value)) };
  }
}
