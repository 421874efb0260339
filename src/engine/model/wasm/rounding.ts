import type { Emitter } from './emitter.ts';
import { V128 } from './opcodes.ts';

/** 1.5 * 2^23: adding it to a float32 below 2^22 rounds to an integer, half to even, in the low bits of the sum. */
const ROUNDING = 12_582_912;
const ROUNDING_BITS = 0x4b400000;

/** The range of a quantized value less its zero point. */
export interface Clamp {
  readonly low: number;
  readonly high: number;
}

/** float32 in `local` is held inside `range`, left on the stack. The operand order makes NaN the minimum, as in MLAS. */
function clamp(emitter: Emitter, local: number, { low, high }: Clamp): void {
  const { body } = emitter;
  body.load(emitter.splat(low)).get(local).op(V128.F32X4_PMAX).set(local);
  body.load(emitter.splat(high)).get(local).op(V128.F32X4_PMIN);
}

/** float32 in `local` becomes the nearest int32 inside `range`, ties to even. */
export function clampAndRound(emitter: Emitter, local: number, range: Clamp): void {
  clamp(emitter, local, range);
  emitter.body.load(emitter.splat(ROUNDING)).op(V128.F32X4_ADD).load(emitter.splatInt(ROUNDING_BITS)).op(V128.I32X4_SUB).set(local);
}

/** As `clampAndRound`, then times `scale`: the float32 that the quantized value stands for. */
export function clampRoundAndScale(emitter: Emitter, local: number, range: Clamp, scale: number): void {
  clamp(emitter, local, range);
  const rounding = emitter.splat(ROUNDING);
  emitter.body.load(rounding).op(V128.F32X4_ADD).load(rounding).op(V128.F32X4_SUB).load(emitter.splat(scale)).op(V128.F32X4_MUL).set(local);
}
