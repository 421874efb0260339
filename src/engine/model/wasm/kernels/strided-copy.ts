import type { Shape } from '../../ir/types.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat, vectors } from '../loops.ts';
import { MEMORY } from '../opcodes.ts';
import { store16, store32 } from '../store.ts';

export interface StridedCopy {
  readonly from: Pointer;
  readonly to: Pointer;
  readonly shape: Shape;
  /** Elements between neighbours along each axis; those of the source may be negative. */
  readonly fromStrides: readonly number[];
  readonly toStrides: readonly number[];
  /** Of an element. */
  readonly bytes: 2 | 4;
}

interface Axis {
  turns: number;
  from: number;
  to: number;
}

/** Copies elements between two layouts; runs that are contiguous in both go by vectors. Nothing beyond the result is written. */
export function emitStridedCopy(emitter: Emitter, copy: StridedCopy): void {
  const { body } = emitter;
  const axes: Axis[] = [];
  for (let axis = copy.shape.length - 1; axis >= 0; axis--) {
    const next = { turns: copy.shape[axis]!, from: copy.fromStrides[axis]!, to: copy.toStrides[axis]! };
    const inner = axes[0];
    if (next.turns === 1) continue;
    if (inner !== undefined && next.from === inner.from * inner.turns && next.to === inner.to * inner.turns) inner.turns *= next.turns;
    else axes.unshift(next);
  }
  const local = body.local();
  const last = axes[axes.length - 1];
  const run = last !== undefined && last.from === 1 && last.to === 1 ? axes.pop()!.turns : 1;
  const element = ([from, to]: readonly Pointer[]): void => {
    if (run > 1) {
      const streams = [
        { from: from!, bytes: copy.bytes },
        { from: to!, bytes: copy.bytes },
      ];
      vectors(body, run, 16 / copy.bytes, streams, ([source, target], valid) => {
        body.load(source!).set(local);
        if (copy.bytes === 2) store16(body, target!, local, valid, true);
        else store32(body, target!, local, valid, true);
      });
    } else if (copy.bytes === 2) body.address(to!).loadInt16(from!).memory(MEMORY.I32_STORE16, 2, to!.offset);
    else body.address(to!).loadFloat(from!).memory(MEMORY.F32_STORE, 4, to!.offset);
  };
  nest(emitter, copy, axes, [copy.from, copy.to], element);
}

function nest(
  emitter: Emitter,
  copy: StridedCopy,
  axes: readonly Axis[],
  at: readonly Pointer[],
  element: (at: readonly Pointer[]) => void,
): void {
  const [axis, ...rest] = axes;
  if (axis === undefined) return element(at);
  const streams = [
    { from: at[0]!, bytes: axis.from * copy.bytes },
    { from: at[1]!, bytes: axis.to * copy.bytes },
  ];
  repeat(emitter.body, axis.turns, streams, (pointers) => nest(emitter, copy, rest, pointers, element));
}
