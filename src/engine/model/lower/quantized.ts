import type { NodeOf } from '../ir/graph.ts';
import { type QGemmAttributes, type Quantization, rangeFor } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';
import { emitCentreDynamic, emitDynamicQuantize } from '../wasm/kernels/dynamic-quantize.ts';
import { emitLookup } from '../wasm/kernels/lookup.ts';
import { emitPack, packedBytes } from '../wasm/kernels/pack.ts';
import { emitQBinary } from '../wasm/kernels/qbinary.ts';
import { type Epilogue, emitQGemm, packWeights, padFloat32, padInt32 } from '../wasm/kernels/qgemm.ts';
import { emitDequantize, emitQuantize, emitRecentre } from '../wasm/kernels/quantize.ts';
import { emitQSoftmax } from '../wasm/kernels/softmax.ts';
import { repeat } from '../wasm/loops.ts';
import type { Clamp } from '../wasm/rounding.ts';
import { alongLast } from './float.ts';
import type { LowerTable } from './lower.ts';
import type { Lowering } from './lowering.ts';
import { type Product, productOf, turnedTensor } from './products.ts';
import type { Tensor } from './program.ts';
import { softmaxTable } from './softmax-table.ts';

/** The range of a quantized value less its zero point. */
export function clampOf(to: Quantization): Clamp {
  const { min, max } = rangeFor(to.dtype);
  return { low: min - to.zeros[0]!, high: max - to.zeros[0]! };
}

/** `value` as q16 less `zero`: as it lies, or moved. */
export function centred(to: Lowering, value: Value, zero: number): Tensor {
  const x = to.tensor(value);
  if (x.zero === zero) return x;
  const target = to.scratch('q16', x.shape, zero);
  to.step({ name: `centre ${value.name}`, reads: [x], writes: [target], emit: (emitter) => emitRecentre(emitter, x, target) });
  return target;
}

function lowerQuantize(node: NodeOf<'QuantizeLinear'>, to: Lowering): void {
  const quantization = node.attributes.to;
  if (quantization.scales.length > 1) throw to.unsupported(node, 'more than one scale for activations');
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'q16', quantization.zeros[0]!);
  to.step({
    name: node.name,
    reads: [x],
    writes: [target],
    emit: (emitter) => emitQuantize(emitter, x, target, quantization.scales[0]!, clampOf(quantization)),
  });
}

function lowerDequantize(node: NodeOf<'DequantizeLinear'>, to: Lowering): void {
  const { from } = node.attributes;
  if (from.scales.length > 1) throw to.unsupported(node, 'more than one scale for activations');
  if (from.dtype === 'i32') throw to.unsupported(node, 'int32 activations');
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'f32');
  to.step({
    name: node.name,
    reads: [x],
    writes: [target],
    emit: (emitter) => emitDequantize(emitter, x, target, from.scales[0]!, from.zeros[0]!),
  });
}

/** What becomes of the sums, and the factor of each output (or row). */
export function epilogueOf(
  attributes: Pick<QGemmAttributes, 'a' | 'b' | 'to' | 'dequantize'>,
  count: number,
): { readonly epilogue: Epilogue; readonly factors: Float32Array } {
  const { a, b, to, dequantize } = attributes;
  const combined = Float32Array.from({ length: count }, (_, n) => a.scales[0]! * (b.scales[n] ?? b.scales[0]!));
  if (to === undefined) return { epilogue: { kind: 'scale' }, factors: combined };
  const factors = combined.map((scale) => scale / to.scales[0]!);
  const range = clampOf(to);
  return { epilogue: dequantize ? { kind: 'dequantize', range, scale: to.scales[0]! } : { kind: 'requantize', range }, factors };
}

/** The right operand of a product: packed ahead when it is constant, else packed by each run. */
interface Right {
  readonly shape: readonly number[];
  readonly packed: Int16Array | undefined;
  readonly dynamic: Tensor | undefined;
}

function rightOf(to: Lowering, node: NodeOf<'QGemm'> | NodeOf<'MatMulInteger'>, value: Value, turn: boolean, zeros: Int32Array): Right {
  const { data } = value;
  if (data !== undefined && value.shape.length === 2) {
    const [inputs, outputs] = turn ? [value.shape[1]!, value.shape[0]!] : [value.shape[0]!, value.shape[1]!];
    const packed = packWeights(inputs, outputs, (k, n) => data[turn ? n * inputs + k : k * outputs + n]! - (zeros[n] ?? zeros[0]!));
    return { shape: [inputs, outputs], packed, dynamic: undefined };
  }
  if (zeros.length > 1) throw to.unsupported(node, 'zero points for each column of a right operand that is no constant matrix');
  const x = centred(to, value, zeros[0]!);
  const dynamic = turn ? turnedTensor(to, `${node.name} b`, x) : x;
  return { shape: dynamic.shape, packed: undefined, dynamic };
}

interface QProduct {
  readonly a: Tensor;
  readonly right: Right;
  readonly product: Product;
  readonly bias: Int32Array | undefined;
  readonly factors: Float32Array | undefined;
  readonly epilogue: Epilogue;
  readonly target: Tensor;
}

function productStep(to: Lowering, name: string, { a, right, product, bias, factors, epilogue, target }: QProduct): void {
  const { batch, rows, inputs, outputs, aStep, bStep } = product;
  const size = target.format === 'q16' ? 2 : 4;
  const padded = Math.ceil(outputs / 4) * 4;
  const { dynamic } = right;
  const scratch = dynamic && to.scratch('q16', [packedBytes(inputs, outputs) / 2]);
  to.step({
    name,
    reads: dynamic === undefined ? [a] : [a, dynamic, scratch!],
    writes: dynamic === undefined ? [target] : [target, scratch!],
    emit: (emitter) => {
      const weights = right.packed === undefined ? emitter.pointer(scratch!) : emitter.put(right.packed);
      const biasAt = bias && emitter.put(padInt32(bias, padded));
      const factorsAt = factors && emitter.put(padFloat32(factors, padded));
      const streams = [
        { from: emitter.pointer(a), bytes: 2 * aStep },
        { from: emitter.pointer(target), bytes: size * rows * outputs },
        { from: dynamic === undefined ? weights : emitter.pointer(dynamic), bytes: 2 * bStep },
      ];
      repeat(emitter.body, batch, streams, ([aAt, targetAt, from]) => {
        if (dynamic !== undefined) emitPack(emitter, from!, inputs, outputs, weights);
        emitQGemm(emitter, {
          rows,
          inputs,
          outputs,
          a: aAt!,
          weights,
          bias: biasAt,
          factors: factorsAt,
          perRow: false,
          epilogue,
          target: targetAt!,
          format: target.format,
          exact: target.exact || (batch > 1 && outputs % 8 !== 0),
        });
      });
    },
  });
}

function lowerQGemm(node: NodeOf<'QGemm'>, to: Lowering): void {
  const { attributes } = node;
  const [aValue, bValue, biasValue] = node.inputs as [Value, Value, Value | undefined];
  const right = rightOf(to, node, bValue, attributes.transB, attributes.b.zeros);
  const a = centred(to, aValue, attributes.a.zeros[0]!);
  const product = productOf(a.shape, right.shape);
  if (product === undefined) throw to.unsupported(node, 'its outer axes broadcast in a way that is not compiled');
  const { epilogue, factors } = epilogueOf(attributes, product.outputs);
  const y = node.outputs[0]!;
  const target = epilogue.kind === 'requantize' ? to.result(y, 'q16', attributes.to!.zeros[0]!) : to.result(y, 'f32');
  const bias = biasValue === undefined ? undefined : biasOf(to, node, biasValue, product.outputs);
  productStep(to, node.name, { a, right, product, bias, factors, epilogue, target });
}

export function biasOf(to: Lowering, node: NodeOf<'QGemm'> | NodeOf<'QConv'>, value: Value, outputs: number): Int32Array {
  const { data } = value;
  if (!(data instanceof Int32Array) || data.length !== outputs) throw to.unsupported(node, `its bias is not ${outputs} int32 constants`);
  return data;
}

function lowerMatMulInteger(node: NodeOf<'MatMulInteger'>, to: Lowering): void {
  const [aValue, bValue, aZero, bZero] = node.inputs as [Value, Value, Value | undefined, Value | undefined];
  if (bZero !== undefined && bZero.data === undefined) throw to.unsupported(node, 'the zero point of its right operand is not a constant');
  if (aZero !== undefined && aZero.shape.reduce((product, dim) => product * dim, 1) !== 1)
    throw to.unsupported(node, 'zero points for each row');
  const right = rightOf(to, node, bValue, false, bZero === undefined ? new Int32Array(1) : Int32Array.from(bZero.data!));
  let a = aZero?.data !== undefined || aZero === undefined ? centred(to, aValue, aZero?.data?.[0] ?? 0) : to.tensor(aValue);
  if (aZero !== undefined && aZero.data === undefined) {
    const [x, zero] = [a, to.tensor(aZero)];
    const target = to.scratch('q16', x.shape);
    to.step({
      name: `${node.name} centre`,
      reads: [x, zero],
      writes: [target],
      emit: (emitter) => emitCentreDynamic(emitter, x, zero, target),
    });
    a = target;
  }
  const product = productOf(a.shape, right.shape);
  if (product === undefined) throw to.unsupported(node, 'its outer axes broadcast in a way that is not compiled');
  const target = to.result(node.outputs[0]!, 'i32');
  productStep(to, node.name, { a, right, product, bias: undefined, factors: undefined, epilogue: { kind: 'sum' }, target });
}

function lowerDynamicQuantize(node: NodeOf<'DynamicQuantizeLinear'>, to: Lowering): void {
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'q16');
  const scale = to.result(node.outputs[1]!, 'f32');
  const zero = to.result(node.outputs[2]!, 'q16');
  to.step({
    name: node.name,
    reads: [x],
    writes: [target, scale, zero],
    emit: (emitter) => emitDynamicQuantize(emitter, x, target, scale, zero),
  });
}

function lowerLookup(node: NodeOf<'QLookup'>, to: Lowering): void {
  const { to: quantization, table } = node.attributes;
  const zero = quantization.zeros[0]!;
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'q16', zero);
  const entries = Int16Array.from(
    quantization.dtype === 'i8' ? new Int8Array(table.buffer, table.byteOffset, table.length) : table,
    (q) => q - zero,
  );
  to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitLookup(emitter, x, target, entries) });
}

function lowerQBinary(node: NodeOf<'QBinary'>, to: Lowering): void {
  const { attributes } = node;
  const [aValue, bValue] = node.inputs as [Value, Value];
  // Products want the differences to the zero points, sums the values themselves.
  const [a, b] =
    attributes.kind === 'mul'
      ? [centred(to, aValue, attributes.a.zeros[0]!), centred(to, bValue, attributes.b.zeros[0]!)]
      : [to.tensor(aValue), to.tensor(bValue)];
  const target = to.result(node.outputs[0]!, 'q16', attributes.to.zeros[0]!);
  to.step({ name: node.name, reads: [a, b], writes: [target], emit: (emitter) => emitQBinary(emitter, attributes, a, b, target) });
}

function lowerQSoftmax(node: NodeOf<'QSoftmax'>, to: Lowering): void {
  const { axis, from, to: quantization } = node.attributes;
  const [value, y] = [node.inputs[0]!, node.outputs[0]!];
  const width = value.shape[axis]!;
  const tables = softmaxTable(from, quantization, width);
  if (tables === undefined)
    throw to.unsupported(node, `${width} elements with an output scale of ${quantization.scales[0]} overflow in ONNX Runtime`);
  const plan = { width, ...tables };
  const zero = quantization.zeros[0]!;
  alongLast(
    to,
    node.name,
    value,
    y,
    axis,
    (x, target) => {
      const rows = x.shape.reduce((product, dim) => product * dim, 1) / width;
      to.step({ name: node.name, reads: [x], writes: [target], emit: (emitter) => emitQSoftmax(emitter, { ...plan, rows }, x, target) });
    },
    zero,
  );
}

export const QUANTIZED: LowerTable = {
  QuantizeLinear: lowerQuantize,
  DequantizeLinear: lowerDequantize,
  DynamicQuantizeLinear: lowerDynamicQuantize,
  QGemm: lowerQGemm,
  MatMulInteger: lowerMatMulInteger,
  QLookup: lowerLookup,
  QBinary: lowerQBinary,
  QSoftmax: lowerQSoftmax,
};
