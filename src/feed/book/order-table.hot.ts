import { assert } from '../../core/assert.ts';

/** int32 words of a slot: low and high half of the reference, its order plus 1 (0: empty), slots from its home. */
const SLOT_WORDS = 4;
const LOW = 0;
const HIGH = 1;
const ORDER = 2;
const DISTANCE = 3;

/**
 * 64-bit order references, as two int32 halves, to order numbers. Open addressing in one array, at most half full, in the
 * order of Robin Hood hashing: no entry stands further from its home slot than the one that wanted its place. So a search
 * ends at the first slot that is empty or nearer to its home, and a removal moves the entries after it back by one slot:
 * there are no tombstones, and nothing grows with the number of orders that came and went. Reference 0 is one like any other.
 */
export class OrderTable {
  private readonly words: Int32Array;
  private readonly mask: number;
  private used: number;

  /** Room for `capacity` references; the caller keeps to it. */
  constructor(capacity: number) {
    assert(capacity >= 1 && capacity <= 1 << 26, 'Invariant: an order table holds 1 to 67,108,864 orders');
    let slots = 4;
    while (slots < 2 * capacity) slots *= 2;
    this.words = new Int32Array(slots * SLOT_WORDS);
    this.mask = slots - 1;
    this.used = 0;
  }

  get size(): number {
    return this.used;
  }

  /** Slot of a reference, -1 when it is not there; valid until the next insertion or removal. */
  find(low: number, high: number): number {
    const words = this.words;
    const mask = this.mask;
    let slot = homeOf(low, high) & mask;
    for (let distance = 0; ; distance++) {
      const at = slot * SLOT_WORDS;
      if (words[at + ORDER]! === 0 || words[at + DISTANCE]! < distance) return -1;
      if (words[at + LOW]! === low && words[at + HIGH]! === high) return slot;
      slot = (slot + 1) & mask;
    }
  }

  orderAt(slot: number): number {
    return this.words[slot * SLOT_WORDS + ORDER]! - 1;
  }

  /** Adds a reference that is not there. */
  insert(low: number, high: number, order: number): void {
    const words = this.words;
    const mask = this.mask;
    let slot = homeOf(low, high) & mask;
    let w0 = low;
    let w1 = high;
    let w2 = order + 1;
    let w3 = 0;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (words[at + ORDER]! === 0) {
        words[at + LOW] = w0;
        words[at + HIGH] = w1;
        words[at + ORDER] = w2;
        words[at + DISTANCE] = w3;
        break;
      }
      const distance = words[at + DISTANCE]!;
      if (distance < w3) {
        const l = words[at + LOW]!;
        const h = words[at + HIGH]!;
        const o = words[at + ORDER]!;
        words[at + LOW] = w0;
        words[at + HIGH] = w1;
        words[at + ORDER] = w2;
        words[at + DISTANCE] = w3;
        w0 = l;
        w1 = h;
        w2 = o;
        w3 = distance;
      }
      w3++;
      slot = (slot + 1) & mask;
    }
    this.used++;
  }

  /** Empties `slot`, which holds a reference. */
  removeAt(slot: number): void {
    const words = this.words;
    const mask = this.mask;
    let hole = slot;
    for (;;) {
      const next = (hole + 1) & mask;
      const from = next * SLOT_WORDS;
      const to = hole * SLOT_WORDS;
      if (words[from + ORDER]! === 0 || words[from + DISTANCE]! === 0) {
        words[to + ORDER] = 0;
        break;
      }
      words[to + LOW] = words[from + LOW]!;
      words[to + HIGH] = words[from + HIGH]!;
      words[to + ORDER] = words[from + ORDER]!;
      words[to + DISTANCE] = words[from + DISTANCE]! - 1;
      hole = next;
    }
    this.used--;
  }

  clear(): void {
    if (this.used > 0) this.words.fill(0);
    this.used = 0;
  }
}

/**
 * Venues count references up, so neighbours in time become neighbours in memory when the low bits choose the slot. The
 * upper bits are folded in for venues whose references all end in the same bits.
 */
function homeOf(low: number, high: number): number {
  return low ^ (low >>> 16) ^ Math.imul(high, 0x9e3779b1);
}
