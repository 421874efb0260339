import type { ConvAttributes } from '../../ir/operators.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat, vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { store16, store32 } from '../store.ts';
import { emitStridedCopy } from './strided-copy.ts';

export interface Columns extends Pick<ConvAttributes, 'stride' | 'dilation' | 'padBegin'> {
  readonly channels: number;
  /** Steps of the input and of the result. */
  readonly length: number;
  readonly steps: number;
  readonly kernel: number;
  readonly bytes: 2 | 4;
}

/**
 * Lays a [channels, length] input out as [channels x kernel, steps]: row (c, k) holds what tap k of channel c meets at each
 * step, 0 in the padding. A convolution is then a product with the weights on the left.
 */
export function emitColumns(emitter: Emitter, columns: Columns, from: Pointer, to: Pointer): void {
  const { body } = emitter;
  const { channels, length, steps, kernel, bytes, stride, dilation, padBegin } = columns;
  const zero = body.local();
  const fill = (target: Pointer, first: number, end: number): void => {
    if (end <= first) return;
    vectors(body, end - first, 16 / bytes, [{ from: { ...target, offset: target.offset + bytes * first }, bytes }], ([at], valid) => {
      if (bytes === 2) store16(body, at!, zero, valid, true);
      else store32(body, at!, zero, valid, true);
    });
  };
  const streams = [
    { from, bytes: bytes * length },
    { from: to, bytes: bytes * kernel * steps },
  ];
  body.int(0).op(V128.I32X4_SPLAT).set(zero);
  repeat(body, channels, streams, ([source, target]) => {
    for (let k = 0; k < kernel; k++) {
      const shift = k * dilation - padBegin;
      const first = Math.min(steps, Math.max(0, Math.ceil(-shift / stride)));
      const end = Math.max(first, Math.min(steps, Math.ceil((length - shift) / stride)));
      const row = { ...target!, offset: target!.offset + bytes * k * steps };
      fill(row, 0, first);
      if (end > first) {
        emitStridedCopy(emitter, {
          from: { ...source!, offset: source!.offset + bytes * (first * stride + shift) },
          to: { ...row, offset: row.offset + bytes * first },
          shape: [end - first],
          fromStrides: [stride],
          toStrides: [1],
          bytes,
        });
      }
      fill(row, end, steps);
    }
  });
}
