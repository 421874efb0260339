import { elementsOf, type Shape } from '../ir/types.ts';
import type { Lowering } from './lowering.ts';
import type { Tensor } from './program.ts';

/** A product of matrices as `batch` products of [rows, inputs] by [inputs, outputs]. */
export interface Product {
  readonly batch: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Elements from one product's operand to the next; 0 when it stays. */
  readonly aStep: number;
  readonly bStep: number;
}

/** How operands multiply, or undefined when their outer axes broadcast in more than one way. */
export function productOf(a: Shape, b: Shape): Product | undefined {
  const [rows, inputs] = [a.length > 1 ? a[a.length - 2]! : 1, a[a.length - 1]!];
  const outputs = b.length > 1 ? b[b.length - 1]! : 1;
  const [outerA, outerB] = [elementsOf(a.slice(0, -2)), elementsOf(b.slice(0, -2))];
  if (outerB === 1) return { batch: 1, rows: rows * outerA, inputs, outputs, aStep: 0, bStep: 0 };
  if (outerA !== 1 && (outerA !== outerB || a.length !== b.length || a.slice(0, -2).some((dim, axis) => dim !== b[axis]))) return undefined;
  return { batch: outerB, rows, inputs, outputs, aStep: outerA === 1 ? 0 : rows * inputs, bStep: inputs * outputs };
}

/** `x` seen with another shape of as many elements. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  return { ...x, shape };
}

/** `x` with its last two axes exchanged, by a step that copies. */
export function turnedTensor(to: Lowering, name: string, x: Tensor): Tensor {
  const rank = x.shape.length;
  return to.permuted(name, x, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}
