import { EXP, LOGISTIC, TANH } from './mlas-constants.ts';
import type { UnaryKind } from './operators.ts';

const double = new Float64Array(1);
const doubleBits = new BigUint64Array(double.buffer);
const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);
const f = Math.fround;

/** a * b + c of float32 numbers, rounded once to float32. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  // The product is exact. The sum is rounded to odd (Boldo and Melquiond 2008), so that the second rounding is the only one.
  const p = a * b;
  const sum = p + c;
  const part = sum - p;
  const error = p - (sum - part) + (c - part);
  if (error === 0 || !Number.isFinite(sum)) return f(sum);
  double[0] = sum;
  if ((doubleBits[0]! & 1n) === 0n) doubleBits[0] = doubleBits[0]! + (error > 0 === sum > 0 ? 1n : -1n);
  return f(double[0]);
}

function horner(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = fusedMultiplyAdd(sum, x, coefficients[i]!);
  return sum;
}

/** NaN passes. */
function held(x: number, range: number): number {
  return x < -range ? -range : x > range ? range : x;
}

function logistic(x: number): number {
  const v = held(x, LOGISTIC.range);
  const square = f(v * v);
  const result = f(f(f(horner(LOGISTIC.p, square) * v) / horner(LOGISTIC.q, square)) + 0.5);
  return result < 0 ? 0 : result > 1 ? 1 : result;
}

function tanh(x: number): number {
  const v = held(x, TANH.range);
  const square = f(v * v);
  return f(f(horner(TANH.p, square) * v) / horner(TANH.q, square));
}

function exp(x: number): number {
  const held = x < EXP.low ? EXP.low : x > EXP.high ? EXP.high : x;
  const biased = fusedMultiplyAdd(held, EXP.log2Reciprocal, EXP.rounding);
  const m = f(biased - EXP.rounding);
  const r = fusedMultiplyAdd(m, EXP.log2Low, fusedMultiplyAdd(m, EXP.log2High, held));
  float[0] = biased;
  const shifted = floatBits[0]! << 23;
  const normal = Math.max(Math.min(shifted, EXP.exponentMax), EXP.exponentMin);
  floatBits[0] = (((shifted - normal) | 0) + EXP.exponentMax) | 0;
  const overflow = float[0];
  floatBits[0] = (normal + EXP.exponentMax) | 0;
  return f(fusedMultiplyAdd(horner(EXP.p, r), f(r * overflow), overflow) * float[0]);
}

/** The unary operators as ONNX Runtime computes them in float32, bit for bit. */
export const MLAS_UNARY: Readonly<Record<UnaryKind, (x: number) => number>> = {
  Relu: (x) => (x < 0 ? 0 : x),
  Sigmoid: logistic,
  Tanh: tanh,
  Exp: exp,
  Sqrt: (x) => f(Math.sqrt(x)),
  Neg: (x) => -x,
  Abs: Math.abs,
};
