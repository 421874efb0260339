import type { Node } from './graph.ts';
import { type Quantization, rangeFor, type UnaryKind } from './operators.ts';
import { type ConstantData, type DType, elementsOf, newData, type Shape, stridesOf, type Value } from './types.ts';

const TWO_23 = 8_388_608;

/** Nearest integer, half to even, of a float32; beyond 2^23 every float32 is one. */
export function roundHalfEven(value: number): number {
  if (!(Math.abs(value) < TWO_23)) return value;
  const magic = value < 0 ? -TWO_23 : TWO_23;
  return Math.fround(Math.fround(value) + magic) - magic;
}

/** Nearest integer, half away from zero. */
export function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
}

/** Results of a node whose operands are all constants, or undefined for an operator that is not folded. */
export function evaluate(node: Node): ConstantData[] | undefined {
  const operands: Value[] = [];
  for (const value of node.inputs) if (value?.data !== undefined) operands.push(value);
  if (operands.length !== node.inputs.length || operands.length === 0) return undefined;
  const result = one(node, operands as (Value & { data: ConstantData })[]);
  return result && [result];
}

type Constant = Value & { readonly data: ConstantData };

function one(node: Node, operands: readonly Constant[]): ConstantData | undefined {
  const x = operands[0]!;
  const { dtype, shape } = node.outputs[0]!;
  switch (node.op) {
    case 'Add':
      return elementwise(operands, shape, dtype, (a, b) => a + b);
    case 'Sub':
      return elementwise(operands, shape, dtype, (a, b) => a - b);
    case 'Mul':
      return elementwise(operands, shape, dtype, (a, b) => a * b);
    case 'Div':
      return dtype === 'f32' ? elementwise(operands, shape, dtype, (a, b) => a / b) : divideIntegers(operands, shape, dtype);
    case 'Unary': {
      const apply = UNARY[node.attributes.kind];
      return apply && Float32Array.from(x.data as Float32Array, apply);
    }
    case 'Clip': {
      const { min, max } = node.attributes;
      return Float32Array.from(x.data as Float32Array, (value) => (value < min ? min : value > max ? max : value));
    }
    case 'Cast':
      return cast(x.data, dtype);
    case 'Reshape':
      return x.data;
    case 'Transpose':
      return gather(
        x,
        shape,
        node.attributes.order.map((axis) => stridesOf(x.shape)[axis]!),
        0,
      );
    case 'Slice': {
      const strides = stridesOf(x.shape);
      const { starts, steps } = node.attributes;
      const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
      return gather(
        x,
        shape,
        strides.map((stride, axis) => stride * steps[axis]!),
        first,
      );
    }
    case 'Concat':
      return concat(operands, node.attributes.axis, shape, dtype);
    case 'QuantizeLinear':
      return quantize(x, node.attributes.to);
    case 'DequantizeLinear':
      return dequantize(x, node.attributes.from);
    default:
      return undefined;
  }
}

/** Functions whose float32 result is the rounded exact one, so that folding changes no bit. */
const UNARY: Partial<Record<UnaryKind, (value: number) => number>> = {
  Relu: (value) => (value < 0 ? 0 : value),
  Sqrt: Math.sqrt,
  Neg: (value) => -value,
  Abs: Math.abs,
};

/** Visits the elements of `shape` in row-major order with an offset into each operand. */
export function forEachOffset(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (at: number, offsets: readonly number[]) => void,
): void {
  const count = elementsOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  const offsets = strides.map(() => 0);
  for (let at = 0; at < count; at++) {
    visit(at, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      for (let k = 0; k < offsets.length; k++) offsets[k]! += strides[k]![axis]!;
      if (index[axis]! < shape[axis]!) break;
      for (let k = 0; k < offsets.length; k++) offsets[k]! -= strides[k]![axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/** Strides with which an operand of shape `from` is walked as if it had shape `to`. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!));
}

function elementwise(operands: readonly Constant[], shape: Shape, dtype: DType, apply: (a: number, b: number) => number): ConstantData {
  const [a, b] = [operands[0]!, operands[1]!];
  const data = newData(dtype, elementsOf(shape));
  forEachOffset(shape, [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)], (at, offsets) => {
    data[at] = apply(a.data[offsets[0]!]!, b.data[offsets[1]!]!);
  });
  return data;
}

function divideIntegers(operands: readonly Constant[], shape: Shape, dtype: DType): ConstantData | undefined {
  if (operands[1]!.data.includes(0 as never)) return undefined;
  return elementwise(operands, shape, dtype, (a, b) => Math.trunc(a / b));
}

function cast(data: ConstantData, dtype: DType): ConstantData | undefined {
  const result = newData(dtype, data.length);
  for (let i = 0; i < data.length; i++) {
    result[i] = dtype === 'f32' ? data[i]! : Math.trunc(data[i]!);
    // What does not fit is left to the runtime's own rules.
    if (dtype !== 'f32' && result[i] !== Math.trunc(data[i]!)) return undefined;
  }
  return result;
}

function gather(x: Constant, shape: Shape, strides: readonly number[], first: number): ConstantData {
  const data = newData(x.dtype, elementsOf(shape));
  forEachOffset(shape, [strides], (at, offsets) => {
    data[at] = x.data[first + offsets[0]!]!;
  });
  return data;
}

function concat(operands: readonly Constant[], axis: number, shape: Shape, dtype: DType): ConstantData {
  const data = newData(dtype, elementsOf(shape));
  const outer = elementsOf(shape.slice(0, axis));
  const row = elementsOf(shape.slice(axis));
  let column = 0;
  for (const { data: part, shape: own } of operands) {
    const width = elementsOf(own.slice(axis));
    for (let i = 0; i < outer; i++) data.set(part.subarray(i * width, (i + 1) * width), i * row + column);
    column += width;
  }
  return data;
}

/** Index into the scales for element `at` of `shape`. */
function channelOf(quantization: Quantization, shape: Shape): (at: number) => number {
  if (quantization.scales.length === 1) return () => 0;
  const { axis } = quantization;
  const [stride, dim] = [stridesOf(shape)[axis]!, shape[axis]!];
  return (at) => Math.floor(at / stride) % dim;
}

function quantize(x: Constant, to: Quantization): ConstantData {
  const data = newData(to.dtype, x.data.length);
  const channel = channelOf(to, x.shape);
  for (let at = 0; at < data.length; at++) {
    const c = channel(at);
    data[at] = quantizeOne(Math.fround(x.data[at]! / to.scales[c]!), to, c);
  }
  return data;
}

/** `v`, already divided by the scale, as a quantized value; NaN becomes the smallest, as in MLAS. */
export function quantizeOne(v: number, to: Quantization, channel = 0): number {
  const { min, max } = rangeFor(to.dtype);
  const zero = to.zeros[channel]!;
  const [low, high] = [min - zero, max - zero];
  return roundHalfEven(v > low ? (v < high ? v : high) : low) + zero;
}

function dequantize(x: Constant, from: Quantization): ConstantData {
  const data = new Float32Array(x.data.length);
  const channel = channelOf(from, x.shape);
  for (let at = 0; at < data.length; at++) {
    const c = channel(at);
    data[at] = Math.fround(x.data[at]! - from.zeros[c]!) * from.scales[c]!;
  }
  return data;
}
