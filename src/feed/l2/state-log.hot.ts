const ENTRIES_MAX = 1_024;

/**
 * Book state transitions of the frame at hand, in order, until they are written to the ring. A transition that finds the
 * log full is not lost: the next publication writes the state the book then has.
 */
export class StateLog {
  readonly instrument: Int32Array;
  readonly state: Int32Array;
  readonly previous: Int32Array;
  readonly reason: Int32Array;
  readonly updateId: Float64Array;
  count: number;
  overflowed: boolean;

  constructor() {
    this.instrument = new Int32Array(ENTRIES_MAX);
    this.state = new Int32Array(ENTRIES_MAX);
    this.previous = new Int32Array(ENTRIES_MAX);
    this.reason = new Int32Array(ENTRIES_MAX);
    this.updateId = new Float64Array(ENTRIES_MAX);
    this.count = 0;
    this.overflowed = false;
  }

  add(instrument: number, state: number, previous: number, reason: number, ids: Float64Array, slot: number): void {
    const at = this.count;
    if (at >= ENTRIES_MAX) {
      this.overflowed = true;
      return;
    }
    this.instrument[at] = instrument;
    this.state[at] = state;
    this.previous[at] = previous;
    this.reason[at] = reason;
    this.updateId[at] = ids[slot]!;
    this.count = at + 1;
  }

  clear(): void {
    this.count = 0;
    this.overflowed = false;
  }
}
