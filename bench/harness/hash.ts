const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Order-dependent 32-bit hash (FNV-1a by words) of safe integers: equal results of two sides give equal hashes. */
export class IntegerHash {
  private state = FNV_OFFSET;

  add(value: number): void {
    const high = Math.floor(value / 4294967296);
    this.state = Math.imul(Math.imul(this.state ^ (value | 0), FNV_PRIME) ^ high, FNV_PRIME);
  }

  get value(): number {
    return this.state >>> 0;
  }
}
