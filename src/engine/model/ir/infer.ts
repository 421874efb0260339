import type { Attributes, ConvAttributes, Operator } from './operators.ts';
import { broadcast, type DType, elementsOf, type Shape, type Value } from './types.ts';

export interface Type {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Why operands do not fit an operator; the front end adds file and node. */
export class ShapeError extends Error {}

type Inputs = readonly (Value | undefined)[];
type Rule<O extends Operator> = (attributes: Attributes[O], inputs: Inputs) => readonly Type[];

/** Types of an operator's results; throws ShapeError naming what does not fit. */
export function inferTypes<O extends Operator>(op: O, attributes: Attributes[O], inputs: Inputs): readonly Type[] {
  return (RULES[op] as Rule<O>)(attributes, inputs);
}

function operand(inputs: Inputs, index: number, ...dtypes: DType[]): Value {
  const value = inputs[index];
  if (value === undefined) throw new ShapeError(`input ${index} is missing`);
  if (dtypes.length > 0 && !dtypes.includes(value.dtype)) {
    throw new ShapeError(`input ${index} ("${value.name}") is ${value.dtype}, expected ${dtypes.join(' or ')}`);
  }
  return value;
}

const text = (shape: Shape): string => `[${shape.join(', ')}]`;

function elementwise(inputs: Inputs, ...dtypes: DType[]): Type[] {
  const a = operand(inputs, 0, ...dtypes);
  const b = operand(inputs, 1, a.dtype);
  const shape = broadcast(a.shape, b.shape);
  if (shape === undefined) throw new ShapeError(`shapes ${text(a.shape)} and ${text(b.shape)} do not broadcast`);
  return [{ dtype: a.dtype, shape }];
}

function unary(inputs: Inputs, ...dtypes: DType[]): Type[] {
  const { dtype, shape } = operand(inputs, 0, ...dtypes);
  return [{ dtype, shape }];
}

/** Shape of a product of matrices; the operands are already turned. */
export function productShape(a: Shape, b: Shape): number[] {
  if (a.length === 0 || b.length === 0) throw new ShapeError('a scalar is not a matrix');
  const rows = a.length === 1 ? [] : [a[a.length - 2]!];
  const columns = b.length === 1 ? [] : [b[b.length - 1]!];
  const [k, inner] = [a[a.length - 1]!, b.length === 1 ? b[0]! : b[b.length - 2]!];
  if (k !== inner) throw new ShapeError(`${k} columns of ${text(a)} meet ${inner} rows of ${text(b)}`);
  const outer = broadcast(a.slice(0, -2), b.slice(0, -2));
  if (outer === undefined) throw new ShapeError(`shapes ${text(a)} and ${text(b)} do not broadcast`);
  return [...outer, ...rows, ...columns];
}

export function turned(shape: Shape, turn: boolean): Shape {
  return turn && shape.length >= 2 ? [...shape.slice(0, -2), shape[shape.length - 1]!, shape[shape.length - 2]!] : shape;
}

function convolution(attributes: ConvAttributes, x: Shape, w: Shape): number[] {
  if (x.length !== 3 || w.length !== 3) throw new ShapeError(`shapes ${text(x)} and ${text(w)}: only 1-D convolutions are known`);
  const { stride, dilation, groups, padBegin, padEnd } = attributes;
  if (x[1] !== w[1]! * groups || w[0]! % groups !== 0) {
    throw new ShapeError(`${x[1]} channels, ${groups} groups and weights ${text(w)} do not fit`);
  }
  const reach = dilation * (w[2]! - 1) + 1;
  const length = Math.floor((x[2]! + padBegin + padEnd - reach) / stride) + 1;
  if (length < 1) throw new ShapeError(`a kernel that reaches ${reach} does not fit ${x[2]} steps`);
  return [x[0]!, w[0]!, length];
}

const binary = (_: unknown, inputs: Inputs): Type[] => elementwise(inputs, 'f32', 'i32', 'i64');

const RULES: { readonly [O in Operator]: Rule<O> } = {
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Unary: (_, inputs) => unary(inputs, 'f32'),
  Clip: (_, inputs) => unary(inputs, 'f32'),
  Cast: ({ to }, inputs) => [{ dtype: to, shape: operand(inputs, 0).shape }],
  Softmax: (_, inputs) => unary(inputs, 'f32'),
  LayerNormalization: ({ axis }, inputs) => {
    const [x, scale, bias] = [operand(inputs, 0, 'f32'), operand(inputs, 1, 'f32'), inputs[2]];
    const width = elementsOf(x.shape.slice(axis));
    for (const value of bias === undefined ? [scale] : [scale, bias]) {
      if (elementsOf(value.shape) !== width)
        throw new ShapeError(`"${value.name}" has shape ${text(value.shape)}, expected ${width} elements`);
    }
    return [{ dtype: 'f32', shape: x.shape }];
  },
  Reduce: ({ axes, keepDims }, inputs) => {
    const { dtype, shape } = operand(inputs, 0, 'f32', 'u8', 'i8');
    const reduced = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    return [{ dtype, shape: keepDims ? reduced : reduced.filter((_, axis) => !axes.includes(axis)) }];
  },
  Concat: ({ axis }, inputs) => {
    const first = operand(inputs, 0);
    const shape = [...first.shape];
    for (let i = 1; i < inputs.length; i++) {
      const { shape: other } = operand(inputs, i, first.dtype);
      if (other.length !== shape.length || other.some((dim, at) => at !== axis && dim !== shape[at])) {
        throw new ShapeError(`shapes ${text(first.shape)} and ${text(other)} do not join along axis ${axis}`);
      }
      shape[axis]! += other[axis]!;
    }
    return [{ dtype: first.dtype, shape }];
  },
  Slice: ({ counts }, inputs) => [{ dtype: operand(inputs, 0).dtype, shape: counts }],
  Reshape: ({ shape }, inputs) => {
    const x = operand(inputs, 0);
    if (elementsOf(shape) !== elementsOf(x.shape)) throw new ShapeError(`${text(x.shape)} does not reshape to ${text(shape)}`);
    return [{ dtype: x.dtype, shape }];
  },
  Transpose: ({ order }, inputs) => {
    const { dtype, shape } = operand(inputs, 0);
    return [{ dtype, shape: order.map((axis) => shape[axis]!) }];
  },
  Gemm: ({ transA, transB }, inputs) => {
    const shape = productShape(turned(operand(inputs, 0, 'f32').shape, transA), turned(operand(inputs, 1, 'f32').shape, transB));
    return [{ dtype: 'f32', shape: checkedBias(shape, inputs[2], 'f32') }];
  },
  Conv: (attributes, inputs) => {
    const shape = convolution(attributes, operand(inputs, 0, 'f32').shape, operand(inputs, 1, 'f32').shape);
    return [{ dtype: 'f32', shape: checkedChannels(shape, inputs[2]) }];
  },
  QuantizeLinear: ({ to }, inputs) => [{ dtype: to.dtype, shape: operand(inputs, 0, 'f32').shape }],
  DequantizeLinear: ({ from }, inputs) => [{ dtype: 'f32', shape: operand(inputs, 0, from.dtype).shape }],
  DynamicQuantizeLinear: (_, inputs) => [
    { dtype: 'u8', shape: operand(inputs, 0, 'f32').shape },
    { dtype: 'f32', shape: [] },
    { dtype: 'u8', shape: [] },
  ],
  MatMulInteger: (_, inputs) => [
    { dtype: 'i32', shape: productShape(operand(inputs, 0, 'u8', 'i8').shape, operand(inputs, 1, 'u8', 'i8').shape) },
  ],
  QGemm: ({ transB, a, b, to, dequantize }, inputs) => {
    const shape = productShape(operand(inputs, 0, a.dtype).shape, turned(operand(inputs, 1, b.dtype).shape, transB));
    return [{ dtype: to === undefined || dequantize ? 'f32' : to.dtype, shape: checkedBias(shape, inputs[2], 'i32') }];
  },
  QConv: (attributes, inputs) => {
    const shape = convolution(attributes, operand(inputs, 0, attributes.a.dtype).shape, operand(inputs, 1, attributes.b.dtype).shape);
    return [{ dtype: attributes.to.dtype, shape: checkedChannels(shape, inputs[2]) }];
  },
  QBinary: ({ a, b, to }, inputs) => {
    const shape = broadcast(operand(inputs, 0, a.dtype).shape, operand(inputs, 1, b.dtype).shape);
    if (shape === undefined) throw new ShapeError('shapes do not broadcast');
    return [{ dtype: to.dtype, shape }];
  },
  QLookup: ({ to }, inputs) => [{ dtype: to.dtype, shape: operand(inputs, 0, 'u8', 'i8').shape }],
  QSoftmax: ({ from, to }, inputs) => [{ dtype: to.dtype, shape: operand(inputs, 0, from.dtype).shape }],
};

function checkedBias(shape: number[], bias: Value | undefined, dtype: DType): number[] {
  if (bias === undefined) return shape;
  const joined = bias.dtype === dtype ? broadcast(shape, bias.shape) : undefined;
  if (joined === undefined || elementsOf(joined) !== elementsOf(shape)) {
    throw new ShapeError(`bias "${bias.name}" is ${bias.dtype} ${text(bias.shape)}, expected ${dtype} for ${text(shape)}`);
  }
  return shape;
}

function checkedChannels(shape: number[], bias: Value | undefined): number[] {
  if (bias !== undefined && elementsOf(bias.shape) !== shape[1]) {
    throw new ShapeError(`bias "${bias.name}" has shape ${text(bias.shape)}, expected ${shape[1]} elements`);
  }
  return shape;
}
