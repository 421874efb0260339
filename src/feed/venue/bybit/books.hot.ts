import type { Instrument } from '../../../core/instrument.ts';

/** Which of the depths that a recording or connection carries is the book of each instrument. */
export class BybitBooks {
  /** Levels a side, 0 while no snapshot came. */
  readonly depth: Int32Array;
  /** Depth that the feed was created for, 0: the deepest that comes. */
  readonly only: number;

  constructor(instruments: readonly Instrument[], only: number) {
    this.depth = new Int32Array(instruments.length).fill(only);
    this.only = only;
  }

  /** True when a message of `depth` is one of the book; a snapshot of a deeper one makes it the book. */
  takes(instrument: number, depth: number, isSnapshot: boolean): boolean {
    const known = this.depth[instrument]!;
    if (depth === known) return true;
    if (this.only !== 0 || depth < known) return false;
    if (isSnapshot) this.depth[instrument] = depth;
    return isSnapshot || known === 0;
  }
}
