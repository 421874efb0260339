/**
 * Element types of the compiler. int64 appears in constants only (axes, shapes, indexes); its data saturates to int32, which
 * every dimension that is allowed fits.
 */
export type DType = 'f32' | 'u8' | 'i8' | 'i32' | 'i64';
export type Shape = readonly number[];
export type ConstantData = Float32Array | Uint8Array | Int8Array | Int32Array;

/** A tensor of the graph: a constant when it has `data`. Two values are the same when they are the same object. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data?: ConstantData;
}

/** Elements of a shape. */
export function elementsOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Elements between neighbours along each axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Shape of an elementwise result (NumPy rules), or undefined when the two do not broadcast. */
export function broadcast(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const one = a[a.length - rank + i] ?? 1;
    const two = b[b.length - rank + i] ?? 1;
    if (one !== two && one !== 1 && two !== 1) return undefined;
    shape.push(one === 1 ? two : one);
  }
  return shape;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** A constant of the given type; the data is taken, not copied. */
export function constant(name: string, dtype: DType, shape: Shape, data: ConstantData): Value {
  return { name, dtype, shape, data };
}

/** An empty array that holds `length` elements of `dtype`. */
export function newData(dtype: DType, length: number): ConstantData {
  switch (dtype) {
    case 'f32':
      return new Float32Array(length);
    case 'u8':
      return new Uint8Array(length);
    case 'i8':
      return new Int8Array(length);
    default:
      return new Int32Array(length);
  }
}
