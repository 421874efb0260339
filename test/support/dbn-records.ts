import type { Instrument } from '../../src/core/instrument.ts';

/** Instrument number and publisher of the records made here. */
export const ES_NUMBER = 17_077;
export const ES_PUBLISHER = 1;
/** Ticks of 0.25, lots of 1. */
export const ES: Instrument = {
  id: 0,
  symbol: 'ESH4',
  priceDecimals: 2,
  qtyDecimals: 0,
  tickUnits: 25,
  lotUnits: 1,
  venueId: ES_PUBLISHER * 2 ** 32 + ES_NUMBER,
};
export const UNDEF_PRICE = 2n ** 63n - 1n;
export const UNDEF_TIME = 2n ** 64n - 1n;
/** 2023-11-14T22:13:20Z. */
export const FIRST_NS = 1_700_000_000_000_000_000n;

export interface RecordOptions {
  readonly number?: number;
  readonly publisher?: number;
  readonly flags?: number;
  readonly side?: string;
  readonly size?: number;
  /** Price in 1e-9. */
  readonly price?: bigint;
  readonly timeNs?: bigint;
  readonly recvNs?: bigint;
  readonly sequence?: number;
}

/** Price of a number of quarters, in 1e-9. */
export const quarters = (count: number): bigint => BigInt(count) * 250_000_000n;

function header(bytes: number, rtype: number, options: RecordOptions): { bytes: Uint8Array; view: DataView } {
  const record = new Uint8Array(bytes);
  const view = new DataView(record.buffer);
  view.setUint8(0, bytes / 4);
  view.setUint8(1, rtype);
  view.setUint16(2, options.publisher ?? ES_PUBLISHER, true);
  view.setUint32(4, options.number ?? ES_NUMBER, true);
  view.setBigUint64(8, options.timeNs ?? FIRST_NS, true);
  return { bytes: record, view };
}
const code = (text: string): number => text.charCodeAt(0);

export function mbo(action: string, order: bigint, options: RecordOptions = {}): Uint8Array {
  const { bytes, view } = header(56, 0xa0, options);
  view.setBigUint64(16, order, true);
  view.setBigInt64(24, options.price ?? UNDEF_PRICE, true);
  view.setUint32(32, options.size ?? 0, true);
  view.setUint8(36, options.flags ?? 0);
  view.setUint8(38, code(action));
  view.setUint8(39, code(options.side ?? 'N'));
  view.setBigUint64(40, options.recvNs ?? options.timeNs ?? FIRST_NS, true);
  view.setInt32(48, 12_345, true);
  view.setUint32(52, options.sequence ?? 0, true);
  return bytes;
}

export type Pair = readonly [bid: bigint, bidSize: number, ask: bigint, askSize: number];

/** A record of levels: 0 for a trade, 1 or 10; `rtype` where it is not that of trade, MBP-1 and MBP-10. */
export function levels(
  action: string,
  pairs: readonly Pair[],
  options: RecordOptions & { rtype?: number; count?: number } = {},
): Uint8Array {
  const count = options.count ?? pairs.length;
  const rtype = options.rtype ?? (count === 10 ? 0x0a : count);
  const { bytes, view } = header(48 + 32 * count, rtype, options);
  view.setBigInt64(16, options.price ?? UNDEF_PRICE, true);
  view.setUint32(24, options.size ?? 0, true);
  view.setUint8(28, code(action));
  view.setUint8(29, code(options.side ?? 'N'));
  view.setUint8(30, options.flags ?? 0x80);
  view.setBigUint64(32, options.recvNs ?? options.timeNs ?? FIRST_NS, true);
  view.setUint32(44, options.sequence ?? 0, true);
  for (let i = 0; i < count; i++) {
    const [bid, bidSize, ask, askSize] = pairs[i] ?? [UNDEF_PRICE, 0, UNDEF_PRICE, 0];
    view.setBigInt64(48 + 32 * i, bid, true);
    view.setBigInt64(56 + 32 * i, ask, true);
    view.setUint32(64 + 32 * i, bidSize, true);
    view.setUint32(68 + 32 * i, askSize, true);
  }
  return bytes;
}

/** A record of any other type, filled with a pattern. */
export function otherRecord(rtype: number, bytes: number, seed = 1): Uint8Array {
  const record = header(bytes, rtype, {});
  for (let i = 16; i < bytes; i++) record.bytes[i] = (i * 31 + seed * 17) & 0x7f;
  return record.bytes;
}

export interface MetadataOptions {
  readonly version?: number;
  readonly schema?: number;
  readonly stypeIn?: number;
  readonly stypeOut?: number;
  readonly tsOut?: boolean;
  readonly symbols?: readonly string[];
  readonly mappings?: readonly { symbol: string; intervals: readonly { startDate: number; endDate: number; symbol: string }[] }[];
}

export function metadata(options: MetadataOptions = {}): Uint8Array {
  const version = options.version ?? 3;
  const room = version === 1 ? 22 : 71;
  const tail: number[] = [];
  const u32 = (value: number): void => void tail.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
  const text = (value: string): void => void tail.push(...Buffer.from(value.padEnd(room, '\0'), 'latin1'));
  u32(0);
  for (const list of [options.symbols ?? [], [], []]) {
    u32(list.length);
    for (const symbol of list) text(symbol);
  }
  u32((options.mappings ?? []).length);
  for (const { symbol, intervals } of options.mappings ?? []) {
    text(symbol);
    u32(intervals.length);
    for (const one of intervals) {
      u32(one.startDate);
      u32(one.endDate);
      text(one.symbol);
    }
  }
  while (version === 3 && (108 + tail.length) % 8 !== 0) tail.push(0);
  const bytes = new Uint8Array(108 + tail.length);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('DBN', 'latin1'));
  bytes.set(Buffer.from('TEST.DATA', 'latin1'), 8);
  bytes.set(tail, 108);
  view.setUint8(3, version);
  view.setUint32(4, bytes.length - 8, true);
  view.setUint16(24, options.schema ?? 0, true);
  view.setBigUint64(26, FIRST_NS, true);
  view.setBigUint64(34, UNDEF_TIME, true);
  const at = version === 1 ? 58 : 50;
  if (version === 1) view.setBigUint64(50, UNDEF_TIME, true);
  view.setUint8(at, options.stypeIn ?? 1);
  view.setUint8(at + 1, options.stypeOut ?? 0);
  view.setUint8(at + 2, options.tsOut === true ? 1 : 0);
  if (version > 1) view.setUint16(53, room, true);
  return bytes;
}

/** Metadata that says ESH4 is the instrument of the records made here. */
export const ES_METADATA: MetadataOptions = {
  symbols: ['ESH4'],
  mappings: [{ symbol: 'ESH4', intervals: [{ startDate: 20231114, endDate: 20231116, symbol: `${ES_NUMBER}` }] }],
};
