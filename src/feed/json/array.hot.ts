import { skipSpace } from './scan.hot.ts';

/** Position of the first element of the array at `p`, already known to be JSON; 0 when it is empty or no array. */
export function firstElement(bytes: Uint8Array, p: number, end: number): number {
  if (bytes[p]! !== 91) return 0;
  const at = skipSpace(bytes, p + 1, end);
  return bytes[at]! === 93 ? 0 : at;
}

/** Position of the element after the one that ends at `p`; 0 when that was the last. */
export function nextElement(bytes: Uint8Array, p: number, end: number): number {
  const at = skipSpace(bytes, p, end);
  return bytes[at]! === 44 ? skipSpace(bytes, at + 1, end) : 0;
}
