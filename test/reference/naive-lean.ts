import { naiveSteps, naiveUnits } from './naive-decimal.ts';
import type { NaiveRecord, NaiveRecordLevel } from './naive-tardis.ts';

const TICKS_MAX = 2 ** 31 - 1;

/** LEAN ticks of one instrument: a row of one side leaves the other as it was, and a refused frame changes nothing. */
export class NaiveLean {
  private readonly unitsPerTick: number;
  private readonly lotUnits: number;
  private bid: NaiveRecordLevel = [0, 0];
  private ask: NaiveRecordLevel = [0, 0];

  constructor(unitsPerTick: number, lotUnits: number) {
    this.unitsPerTick = unitsPerTick;
    this.lotUnits = lotUnits;
  }

  decode(text: string): NaiveRecord | undefined {
    let { bid, ask } = this;
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
    for (const line of text === '' ? [] : lines) {
      const cells = line.replace(/\r$/, '').split(',');
      if (cells.length === 6) return this.trade(cells);
      if (cells.length !== 8) return undefined;
      const bidSide = this.side(cells[1]!, cells[2]!);
      const askSide = this.side(cells[3]!, cells[4]!);
      if (bidSide === undefined || askSide === undefined) return undefined;
      if (bidSide === 'absent' && askSide === 'absent') [bid, ask] = [none(bid), none(ask)];
      if (bidSide !== 'absent') bid = bidSide;
      if (askSide !== 'absent') ask = askSide;
    }
    this.bid = bid;
    this.ask = ask;
    return { kind: 'levels', instrument: 0, bids: bid[1] > 0 ? [bid] : [], asks: ask[1] > 0 ? [ask] : [] };
  }

  private side(price: string, size: string): NaiveRecordLevel | 'absent' | undefined {
    const [units, shares] = [naiveUnits(price, 0), naiveUnits(size, 0)];
    if (units === undefined || shares === undefined) return undefined;
    if (units === 0) return shares === 0 ? 'absent' : undefined;
    const [ticks, lots] = [naiveSteps(units, this.unitsPerTick), naiveSteps(shares, this.lotUnits)];
    return ticks === undefined || lots === undefined || ticks > TICKS_MAX ? undefined : [ticks, lots];
  }

  private trade(cells: readonly string[]): NaiveRecord | undefined {
    const trade = this.side(cells[1]!, cells[2]!);
    if (trade === undefined || trade === 'absent' || trade[1] === 0 || (cells[5] !== '0' && cells[5] !== '1')) return undefined;
    return { kind: 'trade', instrument: 0, side: 'unknown', trade };
  }
}

const none = ([ticks]: NaiveRecordLevel): NaiveRecordLevel => [ticks, 0];
