/** First index whose key is not below `key`: doubles its stride from the best end, then halves the range. */
export function findKey(keys: Int32Array, count: number, key: number): number {
  let stride = 1;
  while (stride < count && keys[count - stride]! > key) stride <<= 1;
  let low = stride < count ? count - stride : 0;
  let high = count - (stride >> 1);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
