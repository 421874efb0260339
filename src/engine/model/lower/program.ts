import { elementsOf, type Shape } from '../ir/types.ts';
import type { Emitter } from '../wasm/emitter.ts';

/** A piece of the model's memory region. Scratch buffers share memory when their lives do not overlap. */
export interface Buffer {
  readonly kind: 'input' | 'output' | 'scratch' | 'constant';
  readonly bytes: number;
  /** Of a constant. */
  readonly data?: Float32Array | Int32Array | Int16Array;
}

/**
 * How a tensor's elements lie in memory: float32, int32, or int16 holding an 8-bit quantized value less `zero`. Products want
 * the difference to the zero point, and the int16 pair is what the dot instruction multiplies.
 */
export type Format = 'f32' | 'i32' | 'q16';

/** A tensor in memory, row-major without gaps. */
export interface Tensor {
  readonly buffer: Buffer;
  /** Bytes from the buffer's begin. */
  readonly offset: number;
  readonly format: Format;
  /** What was subtracted from the elements; 0 except for q16. */
  readonly zero: number;
  readonly shape: Shape;
  /** True when other data follows directly: nothing may be written beyond the last element. */
  readonly exact: boolean;
}

/** One piece of work; `emit` appends its code. `scratch` is memory that only this step uses. */
export interface Step {
  readonly name: string;
  readonly reads: readonly Tensor[];
  readonly writes: readonly Tensor[];
  emit(emitter: Emitter): void;
}

export interface Program {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly steps: readonly Step[];
}

/** Vectors are read and written whole: a buffer has this many bytes behind its last element. */
const SLACK_BYTES = 32;

export function sizeOf(format: Format): 2 | 4 {
  return format === 'q16' ? 2 : 4;
}

export function countOf(tensor: Tensor): number {
  return elementsOf(tensor.shape);
}

export function newBuffer(kind: Buffer['kind'], format: Format, elements: number): Buffer {
  return { kind, bytes: elements * sizeOf(format) + SLACK_BYTES };
}

export function newTensor(kind: Buffer['kind'], format: Format, shape: Shape, zero = 0): Tensor {
  return { buffer: newBuffer(kind, format, elementsOf(shape)), offset: 0, format, zero, shape, exact: false };
}

export function constantTensor(data: Float32Array | Int32Array | Int16Array, shape: Shape, zero = 0): Tensor {
  const format = data instanceof Float32Array ? 'f32' : data instanceof Int32Array ? 'i32' : 'q16';
  return { buffer: { kind: 'constant', bytes: data.byteLength + SLACK_BYTES, data }, offset: 0, format, zero, shape, exact: false };
}
