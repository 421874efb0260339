import type { Instrument } from '../../core/instrument.ts';

const SLOTS = 256;

/** Finds the instrument that a record's publisher and instrument number stand for. */
export class IdTable {
  private readonly slots: Int16Array;
  private readonly numbers: Int32Array;
  private readonly publishers: Int32Array;

  /** `venueId` of an instrument: publisher * 2^32 + number; instruments without one are never found. */
  constructor(instruments: readonly Instrument[]) {
    this.slots = new Int16Array(SLOTS).fill(-1);
    this.numbers = new Int32Array(instruments.length);
    this.publishers = new Int32Array(instruments.length);
    instruments.forEach(({ venueId }, id) => {
      if (venueId === undefined) return;
      this.numbers[id] = (venueId % 4294967296) | 0;
      this.publishers[id] = Math.floor(venueId / 4294967296);
      let slot = slotOf(this.numbers[id]!, this.publishers[id]!);
      while (this.slots[slot]! >= 0) slot = (slot + 1) & (SLOTS - 1);
      this.slots[slot] = id;
    });
  }

  /** Instrument id, or -1. */
  lookup(publisher: number, number: number): number {
    const { slots, numbers, publishers } = this;
    let slot = slotOf(number, publisher);
    for (;;) {
      const id = slots[slot]!;
      if (id < 0 || (numbers[id]! === number && publishers[id]! === publisher)) return id;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}

function slotOf(number: number, publisher: number): number {
  const hash = Math.imul(number ^ (publisher << 16), 0x9e3779b1);
  return hash >>> 24;
}
