import { bytesOf, SBE_BYTES, SBE_TEMPLATES, type SbeField, type SbeType } from '../reference/sbe-schema.ts';

export type SbeValues = Readonly<Record<string, number | bigint>>;

export interface SbeFrame {
  readonly template: number;
  readonly root: SbeValues;
  /** Entries of each group, in the schema's order. */
  readonly groups?: readonly (readonly SbeValues[])[];
  readonly symbol: string;
  readonly schemaId?: number;
  readonly version?: number;
  /** Bytes that a later version has behind the root block's known fields, behind each entry's, and behind the symbol. */
  readonly extraRoot?: number;
  readonly extraEntry?: number;
  readonly extraEnd?: number;
}

/** A frame as the schema lays it out. */
export function encodeSbe(frame: SbeFrame): Uint8Array {
  const template = SBE_TEMPLATES.find((one) => one.id === frame.template)!;
  const out = new Writer();
  out.put('u16', bytesOf(template.root) + (frame.extraRoot ?? 0));
  out.put('u16', frame.template);
  out.put('u16', frame.schemaId ?? 1);
  out.put('u16', frame.version ?? 0);
  out.block(template.root, frame.root, frame.extraRoot ?? 0);
  template.groups.forEach((group, i) => {
    const entries = frame.groups?.[i] ?? [];
    out.put('u16', bytesOf(group.fields) + (frame.extraEntry ?? 0));
    out.put(group.count, entries.length);
    for (const entry of entries) out.block(group.fields, entry, frame.extraEntry ?? 0);
  });
  const symbol = new TextEncoder().encode(frame.symbol);
  out.put('u8', symbol.length);
  out.bytes.push(...symbol, ...Array<number>(frame.extraEnd ?? 0).fill(0xee));
  return Uint8Array.from(out.bytes);
}

class Writer {
  readonly bytes: number[] = [];

  put(type: SbeType, value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < SBE_BYTES[type]; i++) {
      this.bytes.push(Number(rest & 0xffn));
      rest >>= 8n;
    }
  }

  block(fields: readonly SbeField[], values: SbeValues, extra: number): void {
    for (const [name, type] of fields) {
      const value = values[name];
      if (value === undefined) throw new Error(`the frame lacks ${name}`);
      this.put(type, value);
    }
    this.bytes.push(...Array<number>(Math.max(0, extra)).fill(0xee));
  }
}

const T = 1_700_000_000_123_456n;
const SCALE = { priceExponent: -8, qtyExponent: -8 };
export type SbeLevel = readonly [price: number, qty: number];
const entries = (levels: readonly SbeLevel[]): SbeValues[] => levels.map(([price, qty]) => ({ price, qty }));

/** Prices and quantities in units of 10^-8. */
export function sbeDiff(first: number, last: number, bids: readonly SbeLevel[], asks: readonly SbeLevel[], symbol = 'BTCUSDT'): SbeFrame {
  const root = { eventTime: T, firstBookUpdateId: first, lastBookUpdateId: last, ...SCALE };
  return { template: 10_003, root, groups: [entries(bids), entries(asks)], symbol };
}

export function sbeSnapshot(last: number, bids: readonly SbeLevel[], asks: readonly SbeLevel[], symbol = 'BTCUSDT'): SbeFrame {
  return { template: 10_002, root: { eventTime: T, bookUpdateId: last, ...SCALE }, groups: [entries(bids), entries(asks)], symbol };
}

export function sbeBest(last: number, [bidPrice, bidQty]: SbeLevel, [askPrice, askQty]: SbeLevel, symbol = 'BTCUSDT'): SbeFrame {
  return { template: 10_001, root: { eventTime: T, bookUpdateId: last, ...SCALE, bidPrice, bidQty, askPrice, askQty }, symbol };
}

export function sbeTrades(
  trades: readonly (readonly [id: number, price: number, qty: number, maker: number])[],
  symbol = 'BTCUSDT',
): SbeFrame {
  const group = trades.map(([id, price, qty, isBuyerMaker]) => ({ id, price, qty, isBuyerMaker }));
  return { template: 10_000, root: { eventTime: T + 5n, transactTime: T, ...SCALE }, groups: [group], symbol };
}

/** A spread of frames, for mutation. */
export function sbeSampleFrames(): Uint8Array[] {
  const bids = [
    [6_183_763_000_000, 378_826_000],
    [6_173_017_000_000, 0],
  ] as const;
  return [
    encodeSbe(sbeDiff(50_093_239_189, 50_093_239_202, bids, [[6_183_764_000_000, 154_698_000]])),
    encodeSbe({ ...sbeDiff(1, 2, bids, []), extraRoot: 6, extraEntry: 8, version: 1, extraEnd: 3 }),
    encodeSbe({
      ...sbeDiff(1, 2, [[35_130, 6_195]], [], 'NKNUSDT'),
      root: { eventTime: T, firstBookUpdateId: 1, lastBookUpdateId: 2, priceExponent: -5, qtyExponent: 0 },
    }),
    encodeSbe(sbeSnapshot(160, bids, [[6_183_764_000_000, 154_698_000]])),
    encodeSbe(sbeBest(987_654_321, [3_721_045_000_000, 150_000_000], [3_721_046_000_000, 25_000_000])),
    encodeSbe({ ...sbeBest(5, [35_130_000, 619_500_000_000], [35_140_000, 100_000_000], 'NKNUSDT'), extraRoot: 2 }),
    encodeSbe(sbeTrades([[12_345, 3_721_045_000_000, 100, 1]])),
    encodeSbe(
      sbeTrades([
        [1, 3_721_045_000_000, 100, 1],
        [2, 3_721_046_000_000, 200, 0],
        [3, 3_721_047_000_000, 300, 1],
      ]),
    ),
    new TextEncoder().encode('{"lastUpdateId":158,"bids":[["61837.63000000","1.00000000"]],"asks":[],"symbol":"BTCUSDT"}'),
    new TextEncoder().encode('{"result":null,"id":1}'),
  ];
}
