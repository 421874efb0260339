/**
 * Puts `index[0, count)` in the order of `keys`, rows with equal keys staying as they were: a merge sort from the bottom that
 * leaves alone what stands in order already, as recorded times nearly always do. `scratch` is as long as `index`.
 */
export function sortIndex(keys: Float64Array, count: number, index: Uint32Array, scratch: Uint32Array): void {
  for (let i = 0; i < count; i++) index[i] = i;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start + width < count; start += 2 * width) {
      const middle = start + width;
      if (keys[index[middle - 1]!]! > keys[index[middle]!]!) merge(keys, index, scratch, start, middle, Math.min(middle + width, count));
    }
  }
}

/** Merges two runs that stand side by side. */
function merge(keys: Float64Array, index: Uint32Array, scratch: Uint32Array, start: number, middle: number, end: number): void {
  scratch.set(index.subarray(start, middle), start);
  let left = start;
  let right = middle;
  for (let at = start; left < middle; at++) {
    // Of equal keys the left one comes first.
    const takesRight = right < end && keys[index[right]!]! < keys[scratch[left]!]!;
    index[at] = takesRight ? index[right]! : scratch[left]!;
    if (takesRight) right++;
    else left++;
  }
}
