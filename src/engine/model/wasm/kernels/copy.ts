import { countOf, sizeOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { vectors } from '../loops.ts';
import { store16, store32 } from '../store.ts';

/** Copies all elements of a tensor to another of the same format and zero point. */
export function emitCopy(emitter: Emitter, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const local = body.local();
  const bytes = sizeOf(x.format);
  const streams = [
    { from: emitter.pointer(x), bytes },
    { from: emitter.pointer(target), bytes },
  ];
  vectors(body, countOf(x), 16 / bytes, streams, ([from, to], valid) => {
    body.load(from!).set(local);
    if (bytes === 2) store16(body, to!, local, valid, target.exact);
    else store32(body, to!, local, valid, target.exact);
  });
}
