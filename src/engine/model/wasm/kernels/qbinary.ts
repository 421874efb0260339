import { fusedMultiplyAdd } from '../../ir/mlas.ts';
import { type Quantization, rangeFor } from '../../ir/operators.ts';
import { countOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { Fused } from '../fused.ts';
import { vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { clampAndRound } from '../rounding.ts';
import { store16 } from '../store.ts';
import { walk, walkOf } from './elementwise.ts';

const f = Math.fround;

export interface QBinary {
  readonly kind: 'add' | 'mul';
  readonly a: Quantization;
  readonly b: Quantization;
  readonly to: Quantization;
}

/**
 * Sum or product of 8-bit tensors with the arithmetic of MLAS (float32):
 *
 *   add  fma(a, sa / sc, fma(b, sb / sc, zc - (sa / sc * za + sb / sc * zb)))
 *   mul  ((a - za) * (b - zb)) * (sa * sb / sc) + zc
 *
 * rounded half to even and held in the range of the type. Where one number meets many, MLAS calls the many `a`. Here the zero point of the result is in the sum, so the clamp is
 * the type's own range and the zero point is subtracted afterwards.
 */
export function emitQBinary(emitter: Emitter, operation: QBinary, a: Tensor, b: Tensor, target: Tensor): void {
  const { body } = emitter;
  const plan = walkOf(a.shape, b.shape, target.shape);
  if (plan.a === 0 && plan.b === 1) {
    emitQBinary(emitter, { ...operation, a: operation.b, b: operation.a }, b, a, target);
    return;
  }
  const exact = target.exact || (countOf(target) > plan.count && plan.count % 8 !== 0);
  const [x, y, low, high] = [body.local(), body.local(), body.local(), body.local()];
  const combine = operation.kind === 'add' ? addition(emitter, operation, a.zero, b.zero) : multiplication(emitter, operation);
  const { min, max } = rangeFor(operation.to.dtype);
  const zero = operation.to.zeros[0]!;
  walk(emitter, plan, [emitter.pointer(a), emitter.pointer(b), emitter.pointer(target)], [2, 2, 2], ([one, two, to]) => {
    const streams = [
      { from: one!, bytes: plan.a * 2 },
      { from: two!, bytes: plan.b * 2 },
      { from: to!, bytes: 2 },
    ];
    vectors(body, plan.count, 8, streams, ([first, second, result], valid) => {
      for (const [half, into] of [low, high].entries()) {
        for (const [pointer, moves, local] of [
          [first!, plan.a, x],
          [second!, plan.b, y],
        ] as const) {
          if (moves === 1) body.vector(V128.LOAD16X4_S, 8, pointer, 8 * half).set(local);
          else body.loadInt16(pointer).op(V128.I32X4_SPLAT).set(local);
        }
        combine(x, y, into);
        clampAndRound(emitter, into, { low: min, high: max });
      }
      body.get(low).get(high).op(V128.I16X8_NARROW_I32X4_S);
      if (zero !== 0) body.load(emitter.splatShort(zero)).op(V128.I16X8_SUB);
      body.set(low);
      store16(body, result!, low, valid, exact);
    });
  });
}

type Combine = (x: number, y: number, into: number) => void;

function multiplication(emitter: Emitter, { a, b, to }: QBinary): Combine {
  const { body } = emitter;
  const ratio = f(f(a.scales[0]! * b.scales[0]!) / to.scales[0]!);
  return (x, y, into) => {
    body.get(x).get(y).op(V128.I32X4_MUL).op(V128.F32X4_CONVERT_I32X4_S);
    body.load(emitter.splat(ratio)).op(V128.F32X4_MUL).load(emitter.splat(to.zeros[0]!)).op(V128.F32X4_ADD).set(into);
  };
}

function addition(emitter: Emitter, { a, b, to }: QBinary, storedA: number, storedB: number): Combine {
  const { body } = emitter;
  const fused = new Fused(emitter);
  const [wideA, wideB, sum] = [fused.halves(), fused.halves(), fused.halves()];
  const [ratioA, ratioB] = [f(a.scales[0]! / to.scales[0]!), f(b.scales[0]! / to.scales[0]!)];
  const [zeroA, zeroB] = [a.zeros[0]!, b.zeros[0]!];
  const fixed = f(to.zeros[0]! - fusedMultiplyAdd(ratioA, zeroA, f(ratioB * zeroB)));
  const whole = (local: number, stored: number): void => {
    body.get(local);
    if (stored !== 0) body.load(emitter.splatInt(stored)).op(V128.I32X4_ADD);
    body.op(V128.F32X4_CONVERT_I32X4_S).set(local);
  };
  return (x, y, into) => {
    whole(x, storedA);
    whole(y, storedB);
    fused.widen(x, wideA);
    fused.widen(y, wideB);
    fused.scaleAdd(sum, wideB, ratioB, fixed);
    fused.scaleAdd(sum, wideA, ratioA, sum);
    fused.narrow(sum);
    body.set(into);
  };
}
