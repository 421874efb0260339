import type { FunctionBody, Pointer } from './encoder.ts';
import { V128 } from './opcodes.ts';

/** Stores the first `valid` of four 32-bit lanes; where more may be written, the whole vector. */
export function store32(body: FunctionBody, to: Pointer, local: number, valid: number, exact: boolean): void {
  if (valid >= 4 || !exact) body.store(to, 0, local);
  else {
    if (valid >= 2) body.storeLane(V128.STORE64_LANE, 8, to, 0, local, 0);
    if (valid % 2 === 1) body.storeLane(V128.STORE32_LANE, 4, to, 4 * (valid - 1), local, valid - 1);
  }
}

/** Stores the first `valid` of eight 16-bit lanes; where more may be written, the whole vector. */
export function store16(body: FunctionBody, to: Pointer, local: number, valid: number, exact: boolean): void {
  if (valid >= 8 || !exact) {
    body.store(to, 0, local);
    return;
  }
  let done = 0;
  if (valid >= 4) {
    body.storeLane(V128.STORE64_LANE, 8, to, 0, local, 0);
    done = 4;
  }
  if (valid - done >= 2) {
    body.storeLane(V128.STORE32_LANE, 4, to, 2 * done, local, done / 2);
    done += 2;
  }
  if (valid > done) body.storeLane(V128.STORE16_LANE, 2, to, 2 * done, local, done);
}
