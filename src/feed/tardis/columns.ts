/** What a Tardis CSV holds, told by its header. */
export const TARDIS = {
  /** incremental_book_L2 */
  CHANGES: 1,
  TRADES: 2,
  QUOTES: 3,
  /** book_snapshot_5, book_snapshot_25, ... */
  SNAPSHOTS: 4,
} as const;

/** Where a file has its columns; -1 for those that its kind does not have. */
export interface TardisColumns {
  /** TARDIS. */
  readonly kind: number;
  readonly count: number;
  readonly exchange: number;
  readonly symbol: number;
  readonly timestamp: number;
  readonly localTimestamp: number;
  readonly isSnapshot: number;
  readonly side: number;
  readonly price: number;
  readonly amount: number;
  /** Four columns a level, best first: bid price, bid amount, ask price, ask amount. */
  readonly levels: Int32Array;
}

/** Headers begin with this; rows begin with the name of an exchange. */
export const TARDIS_HEADER_BEGIN = 'exchange,symbol,';
const COMMON = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];
const KINDS: readonly (readonly [kind: number, needed: readonly string[]])[] = [
  [TARDIS.CHANGES, ['is_snapshot', 'side', 'price', 'amount']],
  [TARDIS.TRADES, ['id', 'side', 'price', 'amount']],
  [TARDIS.QUOTES, ['ask_amount', 'ask_price', 'bid_price', 'bid_amount']],
  [TARDIS.SNAPSHOTS, ['asks[0].price', 'asks[0].amount', 'bids[0].price', 'bids[0].amount']],
];

/** Only `options_chain` has it: its best prices are one of many columns, and not what is asked for. */
const OPTIONS_COLUMN = 'strike_price';

/** The columns that a header line names, in any order; undefined when they are none that is known. */
export function tardisColumns(header: string): TardisColumns | undefined {
  const names = header.split(',');
  const at = new Map(names.map((name, i) => [name, i]));
  const has = (needed: readonly string[]): boolean => needed.every((name) => at.has(name));
  const kind = KINDS.find(([, needed]) => has(needed))?.[0];
  if (kind === undefined || at.has(OPTIONS_COLUMN) || at.size !== names.length || !header.startsWith(TARDIS_HEADER_BEGIN) || !has(COMMON))
    return undefined;
  const column = (name: string): number => at.get(name) ?? -1;
  const levels: number[] = [];
  if (kind === TARDIS.QUOTES) levels.push(column('bid_price'), column('bid_amount'), column('ask_price'), column('ask_amount'));
  for (let i = 0; kind === TARDIS.SNAPSHOTS && at.has(`asks[${i}].price`); i++) {
    const four = [`bids[${i}].price`, `bids[${i}].amount`, `asks[${i}].price`, `asks[${i}].amount`];
    if (!has(four)) return undefined;
    levels.push(...four.map(column));
  }
  return {
    kind,
    count: names.length,
    exchange: column('exchange'),
    symbol: column('symbol'),
    timestamp: column('timestamp'),
    localTimestamp: column('local_timestamp'),
    isSnapshot: kind === TARDIS.CHANGES ? column('is_snapshot') : -1,
    side: column('side'),
    price: column('price'),
    amount: column('amount'),
    levels: Int32Array.from(levels),
  };
}

/** True when a header begins at `at`. */
export function isTardisHeader(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < TARDIS_HEADER_BEGIN.length; i++) if (bytes[at + i] !== TARDIS_HEADER_BEGIN.charCodeAt(i)) return false;
  return true;
}
