/** 32-bit FNV-1a: what a book's hash begins with. */
export const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_32 = 4294967296;

/** FNV-1a over the four bytes of `word`. */
export function mixWord(hash: number, word: number): number {
  let h = hash;
  h = Math.imul(h ^ (word & 0xff), FNV_PRIME);
  h = Math.imul(h ^ ((word >>> 8) & 0xff), FNV_PRIME);
  h = Math.imul(h ^ ((word >>> 16) & 0xff), FNV_PRIME);
  return Math.imul(h ^ (word >>> 24), FNV_PRIME);
}

/** FNV-1a over a quantity: its low 32 bits, then its high ones. */
export function mixLots(hash: number, lots: number): number {
  return mixWord(mixWord(hash, (lots % TWO_32) | 0), Math.floor(lots / TWO_32));
}
