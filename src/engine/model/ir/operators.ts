import type { DType, Shape } from './types.ts';

/** Attributes of each operator. Axes are never negative and shapes are never open here: the front end resolved them. */
export interface Attributes {
  readonly Add: None;
  readonly Sub: None;
  readonly Mul: None;
  readonly Div: None;
  readonly Unary: { readonly kind: UnaryKind };
  readonly Clip: { readonly min: number; readonly max: number };
  readonly Cast: { readonly to: DType };
  readonly Softmax: { readonly axis: number };
  readonly LayerNormalization: { readonly axis: number; readonly epsilon: number };
  readonly Reduce: { readonly kind: ReduceKind; readonly axes: readonly number[]; readonly keepDims: boolean };
  readonly Concat: { readonly axis: number };
  /** One start, step and count for each axis. */
  readonly Slice: { readonly starts: readonly number[]; readonly steps: readonly number[]; readonly counts: readonly number[] };
  readonly Reshape: { readonly shape: Shape };
  /** Axis `i` of the result is axis `order[i]` of the operand. */
  readonly Transpose: { readonly order: readonly number[] };
  /** Float product of matrices (NumPy rules for more axes), plus input 2 when given. */
  readonly Gemm: GemmAttributes;
  readonly Conv: ConvAttributes;
  readonly QuantizeLinear: { readonly to: Quantization };
  readonly DequantizeLinear: { readonly from: Quantization };
  /** Outputs: uint8 values, float32 scale, uint8 zero point. */
  readonly DynamicQuantizeLinear: None;
  /** int32 product of 8-bit matrices; zero points are inputs 2 and 3. */
  readonly MatMulInteger: None;
  /** Product of 8-bit matrices with int32 bias (input 2), requantized, or scaled to float32. */
  readonly QGemm: QGemmAttributes;
  readonly QConv: QConvAttributes;
  /** Sum or product of two 8-bit tensors. */
  readonly QBinary: { readonly kind: 'add' | 'mul'; readonly a: Quantization; readonly b: Quantization; readonly to: Quantization };
  /** An 8-bit function of an 8-bit tensor by its 256 values: entry `i` belongs to the byte `i`. */
  readonly QLookup: { readonly to: Quantization; readonly table: Uint8Array };
  readonly QSoftmax: { readonly axis: number; readonly from: Quantization; readonly to: Quantization };
}

export type Operator = keyof Attributes;
export type None = Readonly<Record<never, never>>;

export const UNARY_KINDS = ['Relu', 'Sigmoid', 'Tanh', 'Sqrt', 'Exp', 'Neg', 'Abs'] as const;
export type UnaryKind = (typeof UNARY_KINDS)[number];

export const REDUCE_KINDS = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2'] as const;
export type ReduceKind = (typeof REDUCE_KINDS)[number];

/** How an 8-bit (or, for a bias, int32) tensor stands for real numbers: real = (q - zero) * scale. */
export interface Quantization {
  readonly dtype: 'u8' | 'i8' | 'i32';
  /** One, or one for each index along `axis`. */
  readonly scales: Float32Array;
  /** As many as `scales`. */
  readonly zeros: Int32Array;
  /** Used when there is more than one scale. */
  readonly axis: number;
}

export interface GemmAttributes {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
}

export interface QGemmAttributes {
  readonly transB: boolean;
  readonly a: Quantization;
  /** Per tensor, or along the columns of the product. */
  readonly b: Quantization;
  /** Without it the result is the sums times both scales, float32. */
  readonly to: Quantization | undefined;
  /** The requantized result is given back dequantized, float32. */
  readonly dequantize: boolean;
}

export interface ConvAttributes {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

export interface QConvAttributes extends ConvAttributes {
  readonly a: Quantization;
  /** Per tensor, or along the output channels. */
  readonly b: Quantization;
  readonly to: Quantization;
}

/** True when both say the same for every element. */
export function sameQuantization(a: Quantization, b: Quantization): boolean {
  return (
    a.dtype === b.dtype &&
    a.scales.length === b.scales.length &&
    (a.scales.length === 1 || a.axis === b.axis) &&
    a.scales.every((scale, i) => scale === b.scales[i]) &&
    a.zeros.every((zero, i) => zero === b.zeros[i])
  );
}

/** Smallest and largest value of a quantized type. */
export function rangeFor(dtype: Quantization['dtype']): { readonly min: number; readonly max: number } {
  if (dtype === 'i32') return { min: -(2 ** 31), max: 2 ** 31 - 1 };
  return dtype === 'u8' ? { min: 0, max: 255 } : { min: -128, max: 127 };
}
