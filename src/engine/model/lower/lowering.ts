import { UnsupportedModelError } from '../errors.ts';
import type { Graph, Node } from '../ir/graph.ts';
import { elementsOf, type Shape, stridesOf, type Value } from '../ir/types.ts';
import { emitStridedCopy } from '../wasm/kernels/strided-copy.ts';
import { constantTensor, type Format, newTensor, type Program, type Step, sizeOf, type Tensor } from './program.ts';

/** Where a value is to be written: a part of another tensor's buffer, or a buffer of the graph's outputs. */
export type Placement = Pick<Tensor, 'buffer' | 'offset' | 'exact'>;

/** The state of a lowering: where each value lies, and the steps so far. */
export class Lowering {
  readonly steps: Step[] = [];
  private readonly file: string;
  private readonly tensors = new Map<Value, Tensor>();
  private readonly placements: ReadonlyMap<Value, Placement>;

  constructor(graph: Graph) {
    this.file = graph.file;
    this.placements = placementsOf(graph);
  }

  /** The tensor of an operand. Constants lie where they are needed: float32 and int32 as they are, 8 bits as q16. */
  tensor(value: Value): Tensor {
    let tensor = this.tensors.get(value);
    if (tensor === undefined) {
      tensor = constantTensor(constantData(value), value.shape);
      this.tensors.set(value, tensor);
    }
    return tensor;
  }

  /** A new tensor for a result. `zero` is what q16 elements have subtracted. */
  result(value: Value, format: Format, zero = 0): Tensor {
    const placement = this.placements.get(value);
    const made =
      placement === undefined ? newTensor('scratch', format, value.shape, zero) : { ...placement, format, zero, shape: value.shape };
    this.tensors.set(value, made);
    return made;
  }

  /** Says that `value` lies in memory that already holds it. */
  alias(value: Value, tensor: Tensor): void {
    this.tensors.set(value, tensor);
  }

  /** The memory chosen for `value`, where it has to be written. */
  placementOf(value: Value): Placement | undefined {
    return this.placements.get(value);
  }

  /** `x` with its axes in another order, in scratch memory. */
  permuted(name: string, x: Tensor, order: readonly number[]): Tensor {
    const target = this.scratch(
      x.format,
      order.map((axis) => x.shape[axis]!),
      x.zero,
    );
    this.permuteInto(name, x, order, target);
    return target;
  }

  /** Copies `x` with its axes in another order. */
  permuteInto(name: string, x: Tensor, order: readonly number[], target: Tensor): void {
    const strides = stridesOf(x.shape);
    const shape = order.map((axis) => x.shape[axis]!);
    const fromStrides = order.map((axis) => strides[axis]!);
    this.step({
      name,
      reads: [x],
      writes: [target],
      emit: (emitter) => {
        const [from, to] = [emitter.pointer(x), emitter.pointer(target)];
        emitStridedCopy(emitter, { from, to, shape, fromStrides, toStrides: stridesOf(shape), bytes: sizeOf(x.format) });
      },
    });
  }

  scratch(format: Format, shape: Shape, zero = 0): Tensor {
    return newTensor('scratch', format, shape, zero);
  }

  step(step: Step): void {
    this.steps.push(step);
  }

  unsupported(node: Node, why: string): UnsupportedModelError {
    return new UnsupportedModelError(this.file, `operator ${node.op}, node ${node.name}: ${why}`);
  }

  finish(inputs: readonly Tensor[], outputs: readonly Tensor[]): Program {
    return { inputs, outputs, steps: this.steps };
  }
}

export function formatOf(value: Value): Format {
  return value.dtype === 'f32' ? 'f32' : value.dtype === 'i32' || value.dtype === 'i64' ? 'i32' : 'q16';
}

function constantData(value: Value): Float32Array | Int32Array | Int16Array {
  const { data } = value;
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  return Int16Array.from(data!);
}

/**
 * Chooses memory ahead for results that end up inside another: outputs of the graph, what is only reshaped into one, and
 * operands of a concatenation whose parts follow one another whole. Such results are written in their final place.
 */
function placementsOf(graph: Graph): Map<Value, Placement> {
  const placements = new Map<Value, Placement>();
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  for (const value of graph.outputs) {
    if (produced.has(value) && value.dtype === 'f32') placements.set(value, newTensor('output', 'f32', value.shape));
  }
  for (const node of graph.nodes.toReversed()) {
    const y = node.outputs[0]!;
    const own = placements.get(y);
    if (node.op === 'Reshape' && own !== undefined) {
      const x = node.inputs[0]!;
      if (produced.has(x) && !placements.has(x)) placements.set(x, own);
    }
    if (node.op === 'Concat' && y.dtype === 'f32' && elementsOf(y.shape.slice(0, node.attributes.axis)) === 1) {
      const place = own ?? newTensor('scratch', 'f32', y.shape);
      placements.set(y, place);
      let offset = place.offset;
      node.inputs.forEach((x, index) => {
        const alone = node.inputs.indexOf(x) === index;
        const exact = place.exact || index < node.inputs.length - 1;
        if (produced.has(x!) && !placements.has(x!) && alone) placements.set(x!, { buffer: place.buffer, offset, exact });
        offset += elementsOf(x!.shape) * sizeOf('f32');
      });
    }
  }
  return placements;
}
