import type { MemoryPlan } from '../lower/memory-plan.ts';
import { roundUp } from '../lower/memory-plan.ts';
import type { Buffer, Program, Tensor } from '../lower/program.ts';
import { assembleModule, FunctionBody, type Pointer } from './encoder.ts';

const LANES = 4;
const ALIGN_BYTES = 64;
/** Code of one function; beyond it the program goes on in another, because optimizing compilers are not linear in it. */
export const FUNCTION_BYTES_MAX = 24_576;

/** Constants at their place in the model's memory region; `offset` is relative to the region. */
export interface DataSegment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface EmittedProgram {
  /** The module; its addresses contain the base offset. */
  readonly module: Uint8Array;
  readonly segments: readonly DataSegment[];
  /** Bytes of the region. */
  readonly bytes: number;
}

/** What a step's code is appended to: the current function, and the constants, which lie in order of first use. */
export class Emitter {
  body = new FunctionBody();
  private readonly base: number;
  private readonly plan: MemoryPlan;
  private readonly bodies: FunctionBody[] = [];
  private readonly segments: DataSegment[] = [];
  private readonly splats = new Map<string, Pointer>();
  private readonly constants = new Map<Buffer, number>();
  private top: number;

  constructor(plan: MemoryPlan, base: number) {
    this.plan = plan;
    this.base = base;
    this.top = plan.bytes;
  }

  emit(program: Program): EmittedProgram {
    for (const step of program.steps) {
      if (this.body.size > FUNCTION_BYTES_MAX) this.startFunction();
      step.emit(this);
    }
    this.bodies.push(this.body);
    if (this.bodies.length > 1) {
      const all = new FunctionBody();
      for (let index = 0; index < this.bodies.length; index++) all.call(index);
      this.bodies.push(all);
    }
    return { module: assembleModule(this.bodies), segments: this.segments, bytes: roundUp(this.top, 128) };
  }

  /** Where a tensor's first element lies. */
  pointer(tensor: Tensor, bytes = 0): Pointer {
    const { buffer } = tensor;
    const offset = buffer.kind === 'constant' ? this.constantOffset(buffer) : this.plan.offsets.get(buffer)!;
    return { offset: this.base + offset + tensor.offset + bytes };
  }

  /** Places constant data. */
  put(data: Float32Array | Int32Array | Int16Array | Uint8Array): Pointer {
    return { offset: this.base + this.place(data, data.byteLength) };
  }

  /** A vector of four equal float32. */
  splat(value: number): Pointer {
    return this.shared(`f${Object.is(value, -0) ? '-0' : value}`, () => new Float32Array(LANES).fill(value));
  }

  /** A vector of four equal int32. */
  splatInt(value: number): Pointer {
    return this.shared(`i${value}`, () => new Int32Array(LANES).fill(value));
  }

  /** A vector of two equal float64. */
  splatDouble(value: number): Pointer {
    return this.shared(`d${value}`, () => new Uint8Array(new Float64Array(2).fill(value).buffer));
  }

  /** A vector of eight equal int16. */
  splatShort(value: number): Pointer {
    return this.shared(`s${value}`, () => new Int16Array(8).fill(value));
  }

  private startFunction(): void {
    this.bodies.push(this.body);
    this.body = new FunctionBody();
  }

  private shared(key: string, make: () => Float32Array | Int32Array | Int16Array | Uint8Array): Pointer {
    let pointer = this.splats.get(key);
    if (pointer === undefined) {
      pointer = this.put(make());
      this.splats.set(key, pointer);
    }
    return pointer;
  }

  private constantOffset(buffer: Buffer): number {
    let offset = this.constants.get(buffer);
    if (offset === undefined) {
      offset = this.place(buffer.data!, buffer.bytes);
      this.constants.set(buffer, offset);
    }
    return offset;
  }

  private place(data: Float32Array | Int32Array | Int16Array | Uint8Array, bytes: number): number {
    const offset = this.top;
    this.segments.push({ offset, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    this.top = roundUp(offset + bytes, ALIGN_BYTES);
    return offset;
  }
}
