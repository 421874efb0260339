import { MODEL_ELEMENTS_MAX } from '../../../core/limits.ts';
import { refuseModel, UnsupportedModelError } from '../errors.ts';
import { evaluate } from '../ir/evaluate.ts';
import { makeNode, type Node } from '../ir/graph.ts';
import { inferTypes, ShapeError } from '../ir/infer.ts';
import type { Attributes, Operator } from '../ir/operators.ts';
import { elementsOf, type Value } from '../ir/types.ts';
import type { OnnxGraph, OnnxNode, Tensor } from './graph.ts';

/** Turns one ONNX node into operations of the compiler's graph. */
export type ImportRule = (node: OnnxNode, to: Importer) => void;

/** The state of an import: what each ONNX name stands for, and the operations so far. */
export class Importer {
  readonly source: OnnxGraph;
  /** Rows that the graph is imported for. */
  readonly batch: number;
  readonly nodes: Node[] = [];
  private readonly values = new Map<string, Value>();

  constructor(source: OnnxGraph, batch: number) {
    this.source = source;
    this.batch = batch;
  }

  /** Says what an ONNX name stands for. */
  define(name: string, value: Value): void {
    this.values.set(name, value);
  }

  lookup(name: string): Value | undefined {
    return this.values.get(name);
  }

  /** Operand `index`, or undefined when it is not given. */
  optional(node: OnnxNode, index: number): Value | undefined {
    const name = node.inputs[index] ?? '';
    if (name === '') return undefined;
    const value = this.values.get(name);
    if (value !== undefined) return value;
    const tensor = this.source.tensors.get(name);
    if (tensor === undefined) return refuseModel(this.source.file, `node ${node.name} reads "${name}", which nothing produces`);
    if (tensor.dtype === undefined) throw this.unsupported(node, `"${name}" has an element type that is not compiled`);
    const made = { name, dtype: tensor.dtype, shape: tensor.dims, data: tensor.data };
    this.values.set(name, made);
    return made;
  }

  required(node: OnnxNode, index: number): Value {
    const value = this.optional(node, index);
    if (value === undefined) return refuseModel(this.source.file, `${this.describe(node)}: input ${index} is missing`);
    return value;
  }

  /** Operand `index`, which has to be known when the model is compiled. */
  constant(node: OnnxNode, index: number): Value & Required<Pick<Value, 'data'>> {
    const value = this.required(node, index);
    if (value.data === undefined) throw this.unsupported(node, `input ${index} ("${value.name}") is not a constant of the graph`);
    return value as Value & Required<Pick<Value, 'data'>>;
  }

  /** Integers of a constant operand, or undefined when it is not given. */
  integers(node: OnnxNode, index: number): number[] | undefined {
    return this.optional(node, index) === undefined ? undefined : [...this.constant(node, index).data];
  }

  number(node: OnnxNode, name: string, otherwise: number): number {
    const value = node.attributes.get(name) ?? otherwise;
    if (typeof value !== 'number') return refuseModel(this.source.file, `${this.describe(node)}: attribute ${name} is not a number`);
    return value;
  }

  text(node: OnnxNode, name: string, otherwise: string): string {
    const value = node.attributes.get(name) ?? otherwise;
    if (typeof value !== 'string') return refuseModel(this.source.file, `${this.describe(node)}: attribute ${name} is not a text`);
    return value;
  }

  numbers(node: OnnxNode, name: string): readonly number[] | undefined {
    const value = node.attributes.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'number')) {
      return refuseModel(this.source.file, `${this.describe(node)}: attribute ${name} is not a list of numbers`);
    }
    return value as readonly number[];
  }

  tensor(node: OnnxNode, name: string): Tensor | undefined {
    const value = node.attributes.get(name);
    return typeof value === 'object' && 'dims' in value ? value : undefined;
  }

  /** `axis` counted from the front; refuses one that is not there. */
  axis(node: OnnxNode, axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(at) || at < 0 || at >= rank) {
      return refuseModel(this.source.file, `${this.describe(node)}: axis ${axis} of a tensor with ${rank} axes`);
    }
    return at;
  }

  /** Appends an operation; its results are named `names`, and constants are computed at once where they are integers. */
  add<O extends Operator>(
    node: OnnxNode,
    op: O,
    attributes: Attributes[O],
    inputs: readonly (Value | undefined)[],
    names: readonly string[] = node.outputs,
  ): Value[] {
    const types = this.infer(node, op, attributes, inputs);
    const outputs = types.map(({ dtype, shape }, i): Value => {
      if (elementsOf(shape) > MODEL_ELEMENTS_MAX) {
        refuseModel(this.source.file, `${this.describe(node)}: ${elementsOf(shape)} elements, at most ${MODEL_ELEMENTS_MAX}`);
      }
      return { name: names[i] ?? '', dtype, shape };
    });
    const made = makeNode(op, node.name, attributes, inputs, outputs);
    const folded = outputs[0]?.dtype === 'i64' ? evaluate(made) : undefined;
    if (folded !== undefined) return outputs.map((value, i) => ({ ...value, data: folded[i]! }));
    if (outputs.some((value) => value.dtype === 'i64')) throw this.unsupported(node, 'int64 values that are not constants');
    this.nodes.push(made);
    return outputs;
  }

  /** `add`, whose results are what the node's outputs stand for. */
  produce<O extends Operator>(node: OnnxNode, op: O, attributes: Attributes[O], inputs: readonly (Value | undefined)[]): void {
    this.add(node, op, attributes, inputs).forEach((value, i) => {
      const name = node.outputs[i] ?? '';
      if (name !== '') this.define(name, value);
    });
  }

  unsupported(node: OnnxNode, why: string): UnsupportedModelError {
    return new UnsupportedModelError(this.source.file, `${this.describe(node)}: ${why}`);
  }

  describe(node: OnnxNode): string {
    return `operator ${node.domain === '' ? '' : `${node.domain}.`}${node.op}, node ${node.name}`;
  }

  private infer<O extends Operator>(node: OnnxNode, op: O, attributes: Attributes[O], inputs: readonly (Value | undefined)[]) {
    try {
      return inferTypes(op, attributes, inputs);
    } catch (error) {
      if (error instanceof ShapeError) return refuseModel(this.source.file, `${this.describe(node)}: ${error.message}`);
      throw error;
    }
  }
}
