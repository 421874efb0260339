import type { DbnRecordName } from './fields.ts';

/**
 * DBN records (databento/dbn, rust/dbn/src/record.rs), little-endian. The first byte is the length of the record in words of
 * four bytes; a record is left by that length, whatever its type. Where the gateway adds its send time, each record is eight
 * bytes longer.
 *
 *   header      0 u8 words   1 u8 type   2 u16 publisher   4 u32 instrument   8 u64 venue time, ns
 *   mbo        16 u64 order  24 i64 price  32 u32 size  36 u8 flags  37 u8 channel  38 c action  39 c side
 *              40 u64 receive time, ns  48 i32 receive - send, ns  52 u32 sequence
 *   trade      16 i64 price  24 u32 size  28 c action  29 c side  30 u8 flags  31 u8 depth
 *              32 u64 receive time, ns  40 i32 receive - send, ns  44 u32 sequence
 *   levels     48 + 32 i: 0 i64 bid  8 i64 ask  16 u32 bid size  20 u32 ask size  24 u32 bid orders  28 u32 ask orders
 *
 * MBP-1, MBP-10 and TBBO are a trade and levels; BBO is the same without action, depth and delta. Prices are integers of
 * 1e-9. fields.ts has the records that are not for books.
 */
export const DBN_WORD_BYTES = 4;
export const DBN_HEADER_BYTES = 16;
/** Longest record a length byte can say. */
export const DBN_RECORD_BYTES_MAX = 255 * DBN_WORD_BYTES;
export const DBN_TS_OUT_BYTES = 8;
export const DBN_VERSION_MAX = 3;

export const DBN_TYPE_AT = 1;
export const DBN_INSTRUMENT_AT = 4;
export const DBN_TS_EVENT_AT = 8;

export const MBO_AT = { ORDER: 16, PRICE: 24, SIZE: 32, FLAGS: 36, ACTION: 38, SIDE: 39, TS_RECV: 40, SEQUENCE: 52 } as const;
export const TRADE_AT = { PRICE: 16, SIZE: 24, ACTION: 28, SIDE: 29, FLAGS: 30, TS_RECV: 32, SEQUENCE: 44 } as const;
export const LEVELS_AT = 48;
export const LEVEL_BYTES = 32;
export const LEVEL_AT = { BID: 0, ASK: 8, BID_SIZE: 16, ASK_SIZE: 20 } as const;
export const DBN_LEVELS_MAX = 10;
/** Receive time of definition, status, statistics and imbalance. */
export const TS_RECV_FIRST_AT = 16;
/** Tick size of a definition, the same in every version. */
export const DEFINITION_TICK_AT = 24;

export const RTYPE = {
  TRADE: 0x00,
  MBP_1: 0x01,
  MBP_10: 0x0a,
  /** Bars of the legacy DBZ, whatever their interval. */
  OHLCV_DBZ: 0x11,
  STATUS: 0x12,
  DEFINITION: 0x13,
  IMBALANCE: 0x14,
  ERROR: 0x15,
  SYMBOL_MAPPING: 0x16,
  SYSTEM: 0x17,
  STATISTICS: 0x18,
  OHLCV_1S: 0x20,
  OHLCV_1M: 0x21,
  OHLCV_1H: 0x22,
  OHLCV_1D: 0x23,
  OHLCV_EOD: 0x24,
  MBO: 0xa0,
  CMBP_1: 0xb1,
  CBBO_1S: 0xc0,
  CBBO_1M: 0xc1,
  TCBBO: 0xc2,
  BBO_1S: 0xc3,
  BBO_1M: 0xc4,
} as const;

export const DBN_FLAG = {
  /** The last record of an event: only now is the book one that the venue had. */
  LAST: 0x80,
  /** Stands for a side of the book of a publisher that shows its best price only. */
  TOB: 0x40,
  SNAPSHOT: 0x20,
  /** Stands for a price level, not for an order. */
  MBP: 0x10,
  BAD_TS_RECV: 0x08,
  /** Records were lost on the way and the book may be wrong. */
  MAYBE_BAD_BOOK: 0x04,
} as const;

/** What a record is, and its size without send time in versions 1, 2 and 3. */
export interface DbnShape {
  readonly name: DbnRecordName;
  readonly bytes: readonly [v1: number, v2: number, v3: number];
}
const shape = (name: DbnRecordName, v1: number, v2 = v1, v3 = v2): DbnShape => ({ name, bytes: [v1, v2, v3] });

export const DBN_SHAPES: ReadonlyMap<number, DbnShape> = new Map([
  [RTYPE.TRADE, shape('trade', 48)],
  [RTYPE.MBP_1, shape('mbp1', 80)],
  [RTYPE.MBP_10, shape('mbp10', 368)],
  [RTYPE.OHLCV_DBZ, shape('ohlcv', 56)],
  [RTYPE.STATUS, shape('status', 40)],
  [RTYPE.DEFINITION, shape('definition', 360, 400, 520)],
  [RTYPE.IMBALANCE, shape('imbalance', 112)],
  [RTYPE.ERROR, shape('error', 80, 320)],
  [RTYPE.SYMBOL_MAPPING, shape('symbolMapping', 80, 176)],
  [RTYPE.SYSTEM, shape('system', 80, 320)],
  [RTYPE.STATISTICS, shape('statistics', 64, 64, 80)],
  [RTYPE.OHLCV_1S, shape('ohlcv', 56)],
  [RTYPE.OHLCV_1M, shape('ohlcv', 56)],
  [RTYPE.OHLCV_1H, shape('ohlcv', 56)],
  [RTYPE.OHLCV_1D, shape('ohlcv', 56)],
  [RTYPE.OHLCV_EOD, shape('ohlcv', 56)],
  [RTYPE.MBO, shape('mbo', 56)],
  [RTYPE.CMBP_1, shape('cmbp1', 80)],
  [RTYPE.CBBO_1S, shape('cbbo', 80)],
  [RTYPE.CBBO_1M, shape('cbbo', 80)],
  [RTYPE.TCBBO, shape('cmbp1', 80)],
  [RTYPE.BBO_1S, shape('bbo', 80)],
  [RTYPE.BBO_1M, shape('bbo', 80)],
]);

/**
 * Lengths in words that a record of each type may have, as bits 0 to 255 in eight int32 a type: `words[8 * rtype + (n >> 5)]`.
 * A type that is not known may have any length. No two versions give one type the same length with and without send time,
 * so a record says of itself how it is to be read.
 */
export function lengthsAllowed(version: number | undefined, tsOut: boolean | undefined): Int32Array {
  const words = new Int32Array(256 * 8);
  for (let rtype = 0; rtype < 256; rtype++) {
    const known = DBN_SHAPES.get(rtype);
    if (known === undefined) {
      words.fill(-1, 8 * rtype, 8 * rtype + 8);
      continue;
    }
    const sizes = version === undefined ? known.bytes : [known.bytes[Math.max(1, version) - 1]!];
    for (const size of sizes) {
      for (const extra of tsOut === undefined ? [0, DBN_TS_OUT_BYTES] : [tsOut ? DBN_TS_OUT_BYTES : 0]) {
        const count = (size + extra) / DBN_WORD_BYTES;
        const at = 8 * rtype + (count >> 5);
        words[at] = words[at]! | (1 << (count & 31));
      }
    }
  }
  return words;
}

/** Version that wrote a record of this type and length: 1 (or DBZ), 2 or 3; the newest where they are alike, 0 when none did. */
export function versionOf(rtype: number, bytes: number): number {
  const known = DBN_SHAPES.get(rtype);
  if (known === undefined) return 0;
  for (let version = DBN_VERSION_MAX; version >= 1; version--) {
    const size = known.bytes[version - 1]!;
    if (bytes === size || bytes === size + DBN_TS_OUT_BYTES) return version;
  }
  return 0;
}
