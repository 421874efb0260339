const OPTION_END = 0;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;
/** Set in if_tsresol when the resolution is a power of two. */
const BINARY = 0x80;
const DECIMAL_EXPONENT_MAX = 9;
/** Beyond this a fraction times 10^9 would not be exact. */
const BINARY_EXPONENT_MAX = 23;
const NS_PER_S = 1_000_000_000;
const TWO_16 = 65_536;
const TWO_32 = 4_294_967_296;

/** Time stamps of one pcapng interface: 64-bit counts of a unit that its options say (if_tsresol, if_tsoffset). */
export class PcapTime {
  seconds = 0;
  nanos = 0;
  private unitsPerS = 1_000_000;
  private offsetS = 0;

  /** Reads the options in `block[at, end)`; false when the unit is too fine to be read exactly. */
  readOptions(block: Uint8Array, at: number, end: number, little: boolean): boolean {
    const view = new DataView(block.buffer, block.byteOffset);
    for (let next = at; next + 4 <= end; ) {
      const code = view.getUint16(next, little);
      const length = view.getUint16(next + 2, little);
      const value = next + 4;
      if (code === OPTION_END || value + length > end) return true;
      if (code === OPTION_TSRESOL && length >= 1) {
        const exponent = block[value]! & ~BINARY;
        const binary = (block[value]! & BINARY) !== 0;
        if (exponent > (binary ? BINARY_EXPONENT_MAX : DECIMAL_EXPONENT_MAX)) return false;
        this.unitsPerS = binary ? 2 ** exponent : 10 ** exponent;
      } else if (code === OPTION_TSOFFSET && length >= 8) this.offsetS = Number(view.getBigInt64(value, little));
      next = value + ((length + 3) & ~3);
    }
    return true;
  }

  /** Splits a time stamp into seconds and nanoseconds by long division in 16-bit steps, so that no step leaves 2^53. */
  read(high: number, low: number): void {
    const units = this.unitsPerS;
    const upper = high % units;
    const middle = upper * TWO_16 + Math.floor(low / TWO_16);
    const lower = (middle % units) * TWO_16 + (low % TWO_16);
    this.seconds = this.offsetS + Math.floor(high / units) * TWO_32 + Math.floor(middle / units) * TWO_16 + Math.floor(lower / units);
    // Exact: units is 10^n with n of 9 at most, or 2^n with n of 23 at most.
    this.nanos = Math.floor(((lower % units) * NS_PER_S) / units);
  }
}
