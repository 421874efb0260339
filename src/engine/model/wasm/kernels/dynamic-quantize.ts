import { countOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { vectors } from '../loops.ts';
import { MEMORY, SCALAR, V128 } from '../opcodes.ts';
import { clampAndRound } from '../rounding.ts';
import { store16 } from '../store.ts';
import { rowCode } from './reduce.ts';

const LEVELS = 255;

/**
 * uint8 over the range of the data and 0: scale = (max - min) / 255, zero = rne(clamp(-min / scale)), both computed at run
 * time. `target` holds the values themselves (zero 0), `scale` one float32, `zero` one q16.
 */
export function emitDynamicQuantize(emitter: Emitter, x: Tensor, target: Tensor, scale: Tensor, zero: Tensor): void {
  const { body } = emitter;
  const [low, high, step] = [body.local('F32'), body.local('F32'), body.local('F32')];
  const [scales, offset, first, second] = [body.local(), body.local(), body.local(), body.local()];
  const from = emitter.pointer(x);
  const extreme = (kind: 'ReduceMin' | 'ReduceMax', local: number, instruction: number): void => {
    rowCode(emitter, kind, countOf(x))(from);
    body.float(0).scalar(instruction).set(local);
  };
  extreme('ReduceMin', low, SCALAR.F32_MIN);
  extreme('ReduceMax', high, SCALAR.F32_MAX);
  body.get(high).get(low).scalar(SCALAR.F32_SUB).float(LEVELS).scalar(SCALAR.F32_DIV);
  body.float(1).get(high).get(low).scalar(SCALAR.F32_EQ).scalar(SCALAR.I32_EQZ).scalar(SCALAR.SELECT).set(step);
  const scaleAt = emitter.pointer(scale);
  body.address(scaleAt).get(step).memory(MEMORY.F32_STORE, 4, scaleAt.offset);
  body.float(0).get(low).get(step).scalar(SCALAR.F32_DIV).scalar(SCALAR.F32_SUB);
  body.float(0).scalar(SCALAR.F32_MAX).float(LEVELS).scalar(SCALAR.F32_MIN).scalar(SCALAR.F32_NEAREST);
  body.op(V128.F32X4_SPLAT).set(offset);
  const zeroAt = emitter.pointer(zero);
  body
    .address(zeroAt)
    .get(offset)
    .lane(V128.F32X4_EXTRACT_LANE, 0)
    .scalar(SCALAR.I32_TRUNC_F32_S)
    .memory(MEMORY.I32_STORE16, 2, zeroAt.offset);
  body.get(step).op(V128.F32X4_SPLAT).set(scales);
  const streams = [
    { from, bytes: 4 },
    { from: emitter.pointer(target), bytes: 2 },
  ];
  vectors(body, countOf(x), 8, streams, ([source, to], valid) => {
    [first, second].forEach((local, half) => {
      body
        .load(source!, 16 * half)
        .get(scales)
        .op(V128.F32X4_DIV)
        .op(V128.F32X4_NEAREST)
        .get(offset)
        .op(V128.F32X4_ADD)
        .set(local);
      clampAndRound(emitter, local, { low: 0, high: LEVELS });
    });
    body.get(first).get(second).op(V128.I16X8_NARROW_I32X4_S).set(first);
    store16(body, to!, first, valid, target.exact);
  });
}

/** q16 less a zero point that is only known at run time. */
export function emitCentreDynamic(emitter: Emitter, x: Tensor, zero: Tensor, target: Tensor): void {
  const { body } = emitter;
  const [offset, value] = [body.local(), body.local()];
  const zeroAt = emitter.pointer(zero);
  // Both are stored less a constant of their own.
  body
    .loadInt16(zeroAt)
    .int(zero.zero - x.zero)
    .scalar(SCALAR.I32_ADD)
    .op(V128.I16X8_SPLAT)
    .set(offset);
  const streams = [
    { from: emitter.pointer(x), bytes: 2 },
    { from: emitter.pointer(target), bytes: 2 },
  ];
  vectors(body, countOf(x), 8, streams, ([source, to], valid) => {
    body.load(source!).get(offset).op(V128.I16X8_SUB).set(value);
    store16(body, to!, value, valid, target.exact);
  });
}
