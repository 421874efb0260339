/** Binance's `stream_1_0.xml` as a table: what the naive decoder reads and the tests' encoder writes. */
export type SbeType = 'i64' | 'i8' | 'u8' | 'u16' | 'u32';
export type SbeField = readonly [name: string, type: SbeType];

export interface SbeGroup {
  readonly name: string;
  /** Type of the count in the group's dimensions. */
  readonly count: 'u16' | 'u32';
  readonly fields: readonly SbeField[];
}

export interface SbeTemplate {
  readonly id: number;
  readonly name: string;
  readonly root: readonly SbeField[];
  readonly groups: readonly SbeGroup[];
}

export const SBE_BYTES: Readonly<Record<SbeType, number>> = { i64: 8, i8: 1, u8: 1, u16: 2, u32: 4 };

const EXPONENTS: readonly SbeField[] = [
  ['priceExponent', 'i8'],
  ['qtyExponent', 'i8'],
];
const LEVEL: readonly SbeField[] = [
  ['price', 'i64'],
  ['qty', 'i64'],
];
const SIDES: readonly SbeGroup[] = [
  { name: 'bids', count: 'u16', fields: LEVEL },
  { name: 'asks', count: 'u16', fields: LEVEL },
];

export const SBE_TEMPLATES: readonly SbeTemplate[] = [
  {
    id: 10_000,
    name: 'TradesStreamEvent',
    root: [['eventTime', 'i64'], ['transactTime', 'i64'], ...EXPONENTS],
    groups: [{ name: 'trades', count: 'u32', fields: [['id', 'i64'], ...LEVEL, ['isBuyerMaker', 'u8']] }],
  },
  {
    id: 10_001,
    name: 'BestBidAskStreamEvent',
    root: [
      ['eventTime', 'i64'],
      ['bookUpdateId', 'i64'],
      ...EXPONENTS,
      ['bidPrice', 'i64'],
      ['bidQty', 'i64'],
      ['askPrice', 'i64'],
      ['askQty', 'i64'],
    ],
    groups: [],
  },
  { id: 10_002, name: 'DepthSnapshotStreamEvent', root: [['eventTime', 'i64'], ['bookUpdateId', 'i64'], ...EXPONENTS], groups: SIDES },
  {
    id: 10_003,
    name: 'DepthDiffStreamEvent',
    root: [['eventTime', 'i64'], ['firstBookUpdateId', 'i64'], ['lastBookUpdateId', 'i64'], ...EXPONENTS],
    groups: SIDES,
  },
];

export const bytesOf = (fields: readonly SbeField[]): number => fields.reduce((sum, [, type]) => sum + SBE_BYTES[type], 0);
