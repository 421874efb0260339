import { countOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { vectors } from '../loops.ts';
import { MEMORY, SCALAR } from '../opcodes.ts';

/** An 8-bit function by table, one element at a time: `table` holds a q16 result for each byte. */
export function emitLookup(emitter: Emitter, x: Tensor, target: Tensor, table: Int16Array): void {
  const { body } = emitter;
  const entries = emitter.put(table);
  const streams = [
    { from: emitter.pointer(x), bytes: 2 },
    { from: emitter.pointer(target), bytes: 2 },
  ];
  vectors(body, countOf(x), 1, streams, ([from, to]) => {
    body.address(to!).loadInt16(from!);
    if (x.zero !== 0) body.int(x.zero).scalar(SCALAR.I32_ADD);
    // A signed byte and its unsigned form stand at the same place.
    body.int(0xff).scalar(SCALAR.I32_AND).int(1).scalar(SCALAR.I32_SHL);
    body.memory(MEMORY.I32_LOAD16_S, 2, entries.offset).memory(MEMORY.I32_STORE16, 2, to!.offset);
  });
}
