import type { Emitter } from './emitter.ts';
import type { Pointer } from './encoder.ts';
import { V128 } from './opcodes.ts';

/** Bytes 8..15, then the first operand's again: the upper two float32 become the lower. */
const UPPER = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
/** The lower halves of two vectors side by side. */
const LOWER_BOTH = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Four float32 as two locals of two float64 each, exactly. */
export interface Halves {
  readonly low: number;
  readonly high: number;
}

/**
 * Fused multiply-add of float32 without an instruction for it: the product of two float32 is exact in float64, the sum is
 * rounded there to 53 bits and then to 24. The two roundings differ from one only when the first lands on the middle of two
 * float32 without being it: about once in 2^29 inexact sums.
 */
export class Fused {
  private readonly emitter: Emitter;

  constructor(emitter: Emitter) {
    this.emitter = emitter;
  }

  halves(): Halves {
    const { body } = this.emitter;
    return { low: body.local(), high: body.local() };
  }

  /** Widens the float32 vector in `local`. */
  widen(local: number, to: Halves): void {
    const { body } = this.emitter;
    body.get(local).op(V128.F64X2_PROMOTE_LOW_F32X4).set(to.low);
    body.get(local).get(local).shuffle(UPPER).op(V128.F64X2_PROMOTE_LOW_F32X4).set(to.high);
  }

  /** Sets both halves to a constant. */
  fill(value: number, to: Halves): void {
    const { body } = this.emitter;
    body.load(this.emitter.splatDouble(value)).tee(to.low).set(to.high);
  }

  /** sum = sum * x + c, rounded to float32. */
  multiplyAdd(sum: Halves, x: Halves, c: number | Halves): void {
    for (const half of ['low', 'high'] as const) {
      this.emitter.body.get(sum[half]).get(x[half]).op(V128.F64X2_MUL);
      this.add(half, c);
      this.emitter.body.op(V128.F32X4_DEMOTE_F64X2_ZERO).op(V128.F64X2_PROMOTE_LOW_F32X4).set(sum[half]);
    }
  }

  /** sum = sum * x, rounded to float32. */
  multiply(sum: Halves, x: Halves): void {
    for (const half of ['low', 'high'] as const) {
      const { body } = this.emitter;
      body.get(sum[half]).get(x[half]).op(V128.F64X2_MUL).op(V128.F32X4_DEMOTE_F64X2_ZERO).op(V128.F64X2_PROMOTE_LOW_F32X4).set(sum[half]);
    }
  }

  /** target = x * factor + c, rounded to float32; `factor` is a constant. */
  scaleAdd(target: Halves, x: Halves, factor: number, c: number | Halves): void {
    const scale: Pointer = this.emitter.splatDouble(factor);
    for (const half of ['low', 'high'] as const) {
      this.emitter.body.get(x[half]).load(scale).op(V128.F64X2_MUL);
      this.add(half, c);
      this.emitter.body.op(V128.F32X4_DEMOTE_F64X2_ZERO).op(V128.F64X2_PROMOTE_LOW_F32X4).set(target[half]);
    }
  }

  /** The polynomial of `x`, a fused step for each coefficient. */
  horner(coefficients: readonly number[], sum: Halves, x: Halves): void {
    this.fill(coefficients[0]!, sum);
    for (const coefficient of coefficients.slice(1)) this.multiplyAdd(sum, x, coefficient);
  }

  /** Pushes the float32 vector. */
  narrow(x: Halves): void {
    this.emitter.body.get(x.low).op(V128.F32X4_DEMOTE_F64X2_ZERO).get(x.high).op(V128.F32X4_DEMOTE_F64X2_ZERO).shuffle(LOWER_BOTH);
  }

  private add(half: 'low' | 'high', c: number | Halves): void {
    if (typeof c === 'number') this.emitter.body.load(this.emitter.splatDouble(c));
    else this.emitter.body.get(c[half]);
    this.emitter.body.op(V128.F64X2_ADD);
  }
}
