import type { Tensor } from '../../lower/program.ts';
import { countOf } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { type Clamp, clampAndRound } from '../rounding.ts';
import { store16, store32 } from '../store.ts';

const WIDTH = 8;

/** q - zero = rne(clamp(x / scale)), a true division; NaN becomes the smallest. float32 to q16. */
export function emitQuantize(emitter: Emitter, x: Tensor, target: Tensor, scale: number, range: Clamp): void {
  const { body } = emitter;
  const [low, high] = [body.local(), body.local()];
  const streams = [
    { from: emitter.pointer(x), bytes: 4 },
    { from: emitter.pointer(target), bytes: 2 },
  ];
  vectors(body, countOf(x), WIDTH, streams, ([from, to], valid) => {
    [low, high].forEach((local, half) => {
      body
        .load(from!, 16 * half)
        .load(emitter.splat(scale))
        .op(V128.F32X4_DIV)
        .set(local);
      clampAndRound(emitter, local, range);
    });
    body.get(low).get(high).op(V128.I16X8_NARROW_I32X4_S).set(low);
    store16(body, to!, low, valid, target.exact);
  });
}

/** float(q - zero) * scale; q16 whose stored zero is `zero` off the one wanted, to float32. */
export function emitDequantize(emitter: Emitter, x: Tensor, target: Tensor, scale: number, zero: number): void {
  const { body } = emitter;
  const local = body.local();
  const streams = [
    { from: emitter.pointer(x), bytes: 2 },
    { from: emitter.pointer(target), bytes: 4 },
  ];
  vectors(body, countOf(x), 4, streams, ([from, to], valid) => {
    body.vector(V128.LOAD16X4_S, 8, from!);
    if (x.zero !== zero) body.load(emitter.splatInt(x.zero - zero)).op(V128.I32X4_ADD);
    body.op(V128.F32X4_CONVERT_I32X4_S).load(emitter.splat(scale)).op(V128.F32X4_MUL).set(local);
    store32(body, to!, local, valid, target.exact);
  });
}

/** q16 with another zero point subtracted. */
export function emitRecentre(emitter: Emitter, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const local = body.local();
  const streams = [
    { from: emitter.pointer(x), bytes: 2 },
    { from: emitter.pointer(target), bytes: 2 },
  ];
  vectors(body, countOf(x), WIDTH, streams, ([from, to], valid) => {
    body
      .load(from!)
      .load(emitter.splatShort(x.zero - target.zero))
      .op(V128.I16X8_ADD)
      .set(local);
    store16(body, to!, local, valid, target.exact);
  });
}
