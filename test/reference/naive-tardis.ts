import type { Instrument } from '../../src/core/instrument.ts';
import { naiveSteps, naiveUnits } from './naive-decimal.ts';

export type NaiveRecordLevel = readonly [ticks: number, lots: number];
/** What a recorded format's message says: levels best first, changes as they stand, or a trade. */
export interface NaiveRecord {
  readonly kind: 'levels' | 'changes' | 'trade';
  readonly instrument: number;
  /** Epoch ns as text; undefined when the record has no time of its own. */
  readonly timeNs?: string;
  readonly snapshot?: boolean;
  readonly side?: 'buy' | 'sell' | 'unknown';
  readonly trade?: NaiveRecordLevel;
  readonly bids?: readonly NaiveRecordLevel[];
  readonly asks?: readonly NaiveRecordLevel[];
}

const TICKS_MAX = 2 ** 31 - 1;

/** The message that rows of a Tardis CSV are, by its header; undefined when it is refused or of no instrument. */
export function naiveTardis(text: string, header: string, instruments: readonly Instrument[], exchange: string): NaiveRecord | undefined {
  const names = header.split(',');
  const rows = text.split('\n').map((line) => line.split(','));
  const at = (cells: readonly string[], name: string): string => {
    const value = cells[names.indexOf(name)]!;
    return names.indexOf(name) === names.length - 1 && value.endsWith('\r') ? value.slice(0, -1) : value;
  };
  const first = rows[0]!;
  if (first.length !== names.length) return undefined;
  const instrument = instruments.find(({ symbol }) => symbol === at(first, 'symbol'));
  const time = at(first, 'timestamp');
  if (instrument === undefined || at(first, 'exchange') !== exchange || !/^\d{16}$/.test(time)) return undefined;
  const common = { instrument: instrument.id, timeNs: `${BigInt(time) * 1000n}` };
  const levelOf = (price: string, amount: string): NaiveRecordLevel | undefined => {
    const ticks = naiveSteps(naiveUnits(price, instrument.priceDecimals, true), instrument.tickUnits);
    const lots = naiveSteps(naiveUnits(amount, instrument.qtyDecimals, true), instrument.lotUnits);
    return ticks === undefined || lots === undefined || ticks === 0 || ticks > TICKS_MAX ? undefined : [ticks, lots];
  };
  if (names.includes('is_snapshot')) return changesOf(rows, names, at, levelOf, common);
  if (names.includes('id')) {
    const trade = levelOf(at(first, 'price'), at(first, 'amount'));
    const side = at(first, 'side');
    if (trade === undefined || trade[1] === 0 || (side !== 'buy' && side !== 'sell' && side !== 'unknown')) return undefined;
    return { kind: 'trade', ...common, side, trade };
  }
  return levelsOf(first, names, at, levelOf, instrument, common);
}

type At = (cells: readonly string[], name: string) => string;
type LevelOf = (price: string, amount: string) => NaiveRecordLevel | undefined;
interface Common {
  readonly instrument: number;
  readonly timeNs: string;
}

function changesOf(rows: readonly string[][], names: readonly string[], at: At, levelOf: LevelOf, common: Common): NaiveRecord | undefined {
  const bids: NaiveRecordLevel[] = [];
  const asks: NaiveRecordLevel[] = [];
  let snapshot = false;
  const last = rows[rows.length - 1]!;
  for (const cells of last.length === 1 && last[0] === '' ? rows.slice(0, -1) : rows) {
    if (cells.length !== names.length) return undefined;
    const level = levelOf(at(cells, 'price'), at(cells, 'amount'));
    const [flag, side] = [at(cells, 'is_snapshot'), at(cells, 'side')];
    if (level === undefined || (flag !== 'true' && flag !== 'false') || (side !== 'bid' && side !== 'ask')) return undefined;
    snapshot ||= flag === 'true';
    (side === 'bid' ? bids : asks).push(level);
  }
  return { kind: 'changes', ...common, snapshot, bids, asks };
}

function levelsOf(
  cells: readonly string[],
  names: readonly string[],
  at: At,
  levelOf: LevelOf,
  instrument: Instrument,
  common: Common,
): NaiveRecord | undefined {
  const sides: { readonly bid: NaiveRecordLevel[]; readonly ask: NaiveRecordLevel[] } = { bid: [], ask: [] };
  const depth = names.filter((name) => /^asks\[\d+\]\.price$/.test(name)).length;
  for (let i = 0; i < Math.max(1, depth); i++) {
    for (const side of ['bid', 'ask'] as const) {
      const [price, amount] = depth === 0 ? [`${side}_price`, `${side}_amount`] : [`${side}s[${i}].price`, `${side}s[${i}].amount`];
      if (at(cells, price) === '' || at(cells, amount) === '') continue;
      const lots = naiveSteps(naiveUnits(at(cells, amount), instrument.qtyDecimals, true), instrument.lotUnits);
      if (lots === 0) continue;
      const level = levelOf(at(cells, price), at(cells, amount));
      const before = sides[side].at(-1);
      if (level === undefined || (before !== undefined && (side === 'bid' ? before[0] <= level[0] : before[0] >= level[0])))
        return undefined;
      sides[side].push(level);
    }
  }
  return { kind: 'levels', ...common, bids: sides.bid, asks: sides.ask };
}
