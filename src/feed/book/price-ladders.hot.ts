import { ENTRY_WORDS, LADDER } from './l3-layout.ts';

const { COUNT, FIRST, BEST_KEY, BEST_LEVEL } = LADDER;
const ENTRY = ENTRY_WORDS;
/** Levels from the best on that are looked at one by one: a loop that ends once costs less than halvings nobody can foresee. */
const LINEAR_MAX = 16;
/** Moves of fewer words than this run as a loop; `copyWithin` costs more than that to call. */
const MOVE_LOOP_MAX = 80;

export interface PriceLadders {
  /** Index of the first entry of a ladder whose key is not below `key`; the end of the entries when there is none. */
  placeOf(ladder: number, key: number): number;
  /** Puts a level in at `place`, which `placeOf` found; the caller saw that there is room. */
  insertAt(ladder: number, place: number, key: number, level: number): void;
  /** Takes the level at `key` out, which is there. */
  removeKey(ladder: number, key: number): void;
}

/** The levels of each side in order of price, the best last, so that the busy end of a book moves few words. */
export function createPriceLadders(words: Int32Array): PriceLadders {
  function placeOf(ladder: number, key: number): number {
    const first = words[ladder + FIRST]!;
    const end = first + ENTRY * words[ladder + COUNT]!;
    const linear = end - first > ENTRY * LINEAR_MAX ? end - ENTRY * LINEAR_MAX : first;
    let at = end;
    while (at > linear && words[at - ENTRY]! >= key) at -= ENTRY;
    return at > linear || linear === first ? at : placeBelow(first, linear, key);
  }

  /** `placeOf` among the entries before `end`: doubles its stride from there, then halves the range. */
  function placeBelow(first: number, end: number, key: number): number {
    const count = (end - first) >> 1;
    let stride = 1;
    while (stride <= count && words[end - ENTRY * stride]! >= key) stride <<= 1;
    let low = stride <= count ? count - stride + 1 : 0;
    let high = count - (stride >> 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (words[first + ENTRY * middle]! < key) low = middle + 1;
      else high = middle;
    }
    return first + ENTRY * low;
  }

  function insertAt(ladder: number, place: number, key: number, level: number): void {
    const count = words[ladder + COUNT]!;
    const end = words[ladder + FIRST]! + ENTRY * count;
    words[ladder + COUNT] = count + 1;
    if (place === end) {
      words[ladder + BEST_KEY] = key;
      words[ladder + BEST_LEVEL] = level;
    } else if (end - place > MOVE_LOOP_MAX) words.copyWithin(place + ENTRY, place, end);
    else for (let i = end - 1; i >= place; i--) words[i + ENTRY] = words[i]!;
    words[place] = key;
    words[place + 1] = level;
  }

  function removeKey(ladder: number, key: number): void {
    const count = words[ladder + COUNT]! - 1;
    const last = words[ladder + FIRST]! + ENTRY * count;
    words[ladder + COUNT] = count;
    if (words[ladder + BEST_KEY]! === key) {
      if (count === 0) return;
      words[ladder + BEST_KEY] = words[last - ENTRY]!;
      words[ladder + BEST_LEVEL] = words[last - ENTRY + 1]!;
      return;
    }
    // The count is that of after the removal: the search leaves out the best, which it is not.
    const place = placeOf(ladder, key);
    if (last - place > MOVE_LOOP_MAX) words.copyWithin(place, place + ENTRY, last + ENTRY);
    else for (let i = place; i < last; i++) words[i] = words[i + ENTRY]!;
  }

  // biome-ignore lint/plugin: once a pool, not once a tick
  return { placeOf, insertAt, removeKey };
}
