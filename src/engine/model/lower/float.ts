import type { Node, NodeOf } from '../ir/graph.ts';
import { elementsOf, type Value } from '../ir/types.ts';
import { emitClip, emitToFloat, emitUnary } from '../wasm/kernels/activations.ts';
import { BINARY, emitBinary } from '../wasm/kernels/elementwise.ts';
import { emitGemm, FLOAT_BLOCK, packFloatWeights } from '../wasm/kernels/gemm.ts';
import { emitLayerNorm } from '../wasm/kernels/layernorm.ts';
import { padFloat32 } from '../wasm/kernels/qgemm.ts';
import { emitReduce, emitReduceQuantized } from '../wasm/kernels/reduce.ts';
import { emitSoftmax } from '../wasm/kernels/softmax.ts';
import { repeat } from '../wasm/loops.ts';
import type { LowerTable } from './lower.ts';
import type { Lowering } from './lowering.ts';
import { productOf, reshaped, turnedTensor } from './products.ts';
import { constantTensor, type Tensor } from './program.ts';

function lowerBinary(node: NodeOf<'Add'> | NodeOf<'Sub'> | NodeOf<'Mul'> | NodeOf<'Div'>, to: Lowering): void {
  const y = node.outputs[0]!;
  if (y.dtype !== 'f32') throw to.unsupported(node, `${y.dtype} values that are not constants`);
  const [a, b] = [to.tensor(node.inputs[0]!), to.tensor(node.inputs[1]!)];
  const target = to.result(y, 'f32');
  to.step({ name: node.name, reads: [a, b], writes: [target], emit: (emitter) => emitBinary(emitter, BINARY[node.op], a, b, target) });
}

function lowerUnary(node: NodeOf<'Unary'>, to: Lowering): void {
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'f32');
  to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitUnary(emitter, x, target, node.attributes.kind) });
}

function lowerClip(node: NodeOf<'Clip'>, to: Lowering): void {
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'f32');
  const { min, max } = node.attributes;
  to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitClip(emitter, x, target, min, max) });
}

function lowerCast(node: NodeOf<'Cast'>, to: Lowering): void {
  const x = to.tensor(node.inputs[0]!);
  if (x.format !== 'i32' || node.attributes.to !== 'f32') throw to.unsupported(node, 'only int32 to float32 is compiled');
  const target = to.result(node.outputs[0]!, 'f32');
  to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitToFloat(emitter, x, target) });
}

/** Runs `apply` on rows along the last axis: `axis` is moved there and back when it is another. */
export function alongLast(
  to: Lowering,
  name: string,
  value: Value,
  result: Value,
  axis: number,
  apply: (x: Tensor, target: Tensor) => void,
  zero = 0,
): void {
  const x = to.tensor(value);
  const last = x.shape.length - 1;
  const order = x.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
  if (elementsOf(x.shape.slice(axis + 1)) === 1) {
    apply(x, to.result(result, x.format, zero));
    return;
  }
  const moved = to.permuted(`${name} there`, x, order);
  const computed = to.scratch(x.format, moved.shape, zero);
  apply(moved, computed);
  to.permuteInto(`${name} back`, computed, order, to.result(result, x.format, zero));
}

function lowerSoftmax(node: NodeOf<'Softmax'>, to: Lowering): void {
  const { axis } = node.attributes;
  const width = node.inputs[0]!.shape[axis]!;
  alongLast(to, node.name, node.inputs[0]!, node.outputs[0]!, axis, (x, target) => {
    const rows = elementsOf(x.shape) / width;
    to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitSoftmax(emitter, x, target, rows, width) });
  });
}

function lowerLayerNorm(node: NodeOf<'LayerNormalization'>, to: Lowering): void {
  const { axis, epsilon } = node.attributes;
  const [x, scale] = [to.tensor(node.inputs[0]!), to.tensor(node.inputs[1]!)];
  const bias = node.inputs[2] && to.tensor(node.inputs[2]);
  const target = to.result(node.outputs[0]!, 'f32');
  const width = elementsOf(x.shape.slice(axis));
  const plan = { rows: elementsOf(x.shape) / width, width, epsilon };
  const reads = bias === undefined ? [x, scale] : [x, scale, bias];
  to.step({ name: node.name, reads, writes: [target], emit: (emitter) => emitLayerNorm(emitter, plan, x, scale, bias, target) });
}

function lowerReduce(node: NodeOf<'Reduce'>, to: Lowering): void {
  const { axes, kind } = node.attributes;
  let x = to.tensor(node.inputs[0]!);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const together = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
  // Apart, or along rows of 8-bit values: the reduced axes go first, so that columns are reduced side by side.
  if (!together || (x.format === 'q16' && axes.includes(x.shape.length - 1))) x = to.permuted(`${node.name} axes`, x, [...axes, ...kept]);
  const first = x === to.tensor(node.inputs[0]!) ? axes[0]! : 0;
  const length = elementsOf(x.shape.slice(first, first + axes.length));
  const reduction = { kind, outer: elementsOf(x.shape.slice(0, first)), length, inner: elementsOf(x.shape.slice(first + axes.length)) };
  const source = x;
  const target = to.result(node.outputs[0]!, x.format, x.zero);
  to.step({
    name: node.name,
    reads: [source],
    writes: [target],
    emit: (emitter) => (source.format === 'q16' ? emitReduceQuantized : emitReduce)(emitter, reduction, source, target),
  });
}

function lowerGemm(node: NodeOf<'Gemm'>, to: Lowering): void {
  const { transA, transB, alpha, beta } = node.attributes;
  const [aValue, bValue, bias] = node.inputs as [Value, Value, Value | undefined];
  const a = transA ? turnedTensor(to, `${node.name} a`, to.tensor(aValue)) : to.tensor(aValue);
  const constantB = bValue.data instanceof Float32Array && bValue.shape.length === 2 ? bValue.data : undefined;
  const b = constantB === undefined && transB ? turnedTensor(to, `${node.name} b`, to.tensor(bValue)) : to.tensor(bValue);
  const shapeB = constantB !== undefined && transB ? [bValue.shape[1]!, bValue.shape[0]!] : b.shape;
  const product = productOf(a.shape, shapeB);
  if (product === undefined) throw to.unsupported(node, 'its outer axes broadcast in a way that is not compiled');
  const { batch, rows, inputs, outputs, aStep, bStep } = product;
  const columns = bias?.data !== undefined && elementsOf(bias.shape) === outputs && bias.shape[bias.shape.length - 1] === outputs;
  const later = bias !== undefined && !columns;
  const y = node.outputs[0]!;
  const target = later ? to.scratch('f32', y.shape) : to.result(y, 'f32');
  const columnBias = columns
    ? padFloat32(
        (bias!.data as Float32Array).map((value) => value * beta),
        Math.ceil(outputs / FLOAT_BLOCK) * FLOAT_BLOCK,
      )
    : undefined;
  const packed = constantB && packFloatWeights(inputs, outputs, (k, n) => constantB[transB ? n * inputs + k : k * outputs + n]!);
  to.step({
    name: node.name,
    reads: packed === undefined ? [a, b] : [a],
    writes: [target],
    emit: (emitter) => {
      const weights = packed === undefined ? emitter.pointer(b) : emitter.put(packed);
      const layout =
        packed === undefined
          ? { rowBytes: 4 * outputs, blockBytes: 4 * FLOAT_BLOCK }
          : { rowBytes: 4 * FLOAT_BLOCK, blockBytes: 4 * FLOAT_BLOCK * inputs };
      const biasAt = columnBias && emitter.put(columnBias);
      const streams = [
        { from: emitter.pointer(a), bytes: 4 * aStep },
        { from: weights, bytes: 4 * bStep },
        { from: emitter.pointer(target), bytes: 4 * rows * outputs },
      ];
      repeat(emitter.body, batch, streams, ([aAt, weightsAt, targetAt]) => {
        emitGemm(emitter, {
          rows,
          inputs,
          outputs,
          a: aAt!,
          weights: weightsAt!,
          ...layout,
          alpha,
          bias: biasAt,
          perRow: false,
          activation: undefined,
          target: targetAt!,
          exact: target.exact || (batch > 1 && outputs % 4 !== 0),
        });
      });
    },
  });
  if (later) addBias(to, node, target, to.tensor(bias), beta);
}

/** A bias that is no constant for each column: its product with beta, then the sum. */
function addBias(to: Lowering, node: Node, product: Tensor, bias: Tensor, beta: number): void {
  let scaled = bias;
  if (beta !== 1) {
    scaled = to.scratch('f32', bias.shape);
    const factor = constantTensor(Float32Array.of(beta), []);
    to.step({ name: node.name, reads: [bias], writes: [scaled], emit: (emitter) => emitBinary(emitter, BINARY.Mul, bias, factor, scaled) });
  }
  const target = to.result(node.outputs[0]!, 'f32');
  const summand = reshaped(product, target.shape);
  const addend = scaled;
  to.step({
    name: node.name,
    reads: [summand, addend],
    writes: [target],
    emit: (emitter) => emitBinary(emitter, BINARY.Add, summand, addend, target),
  });
}

export const FLOAT: LowerTable = {
  Add: lowerBinary,
  Sub: lowerBinary,
  Mul: lowerBinary,
  Div: lowerBinary,
  Unary: lowerUnary,
  Clip: lowerClip,
  Cast: lowerCast,
  Softmax: lowerSoftmax,
  LayerNormalization: lowerLayerNorm,
  Reduce: lowerReduce,
  Gemm: lowerGemm,
};
