import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prng } from '../../src/core/prng.ts';
import { SIDE } from '../../src/core/records/market.ts';
import { NaiveBook } from '../reference/naive-book.ts';
import { naiveChecksum } from '../reference/naive-checksums.ts';

export type TextLevel = readonly [price: string, qty: string];

const START_S = 1_700_000_000;
const STEP_US = 7_000;
/** Levels a side: fewer than the shallowest depth that a venue cuts to. */
const SLOTS = 8;

/** A seeded market of a few symbols; each step changes one of them. Prices have two decimals and quantities three, as on every venue here. */
export class MadeMarket {
  readonly symbols: readonly string[];
  private readonly books: readonly NaiveBook[];
  private readonly prng: Prng;

  constructor(symbols: readonly string[], seed: number) {
    this.symbols = symbols;
    this.books = symbols.map(() => new NaiveBook());
    this.prng = new Prng(seed);
    for (let i = 0; i < 60 * symbols.length; i++) this.step();
  }

  step(): { readonly symbol: string; readonly bids: TextLevel[]; readonly asks: TextLevel[] } {
    const id = this.prng.nextInt(this.symbols.length);
    const bids = new Map<string, string>();
    const asks = new Map<string, string>();
    for (let i = 0; i < 3; i++) {
      const side = this.prng.nextInt(2) === 0 ? SIDE.BUY : SIDE.SELL;
      const ticks = side === SIDE.BUY ? 10_000 - this.prng.nextInt(SLOTS) : 10_001 + this.prng.nextInt(SLOTS);
      // The best levels stay, so that both sides always have some; no quantity ends in a zero.
      const stays = ticks === 10_000 || ticks === 10_001;
      const lots = this.prng.nextInt(4) === 0 && !stays ? 0 : 1 + 2 * this.prng.nextInt(4_000);
      const exact = lots % 10 === 0 || lots % 5 !== 0 ? lots : lots + 2;
      this.books[id]!.apply(side, ticks, exact);
      (side === SIDE.BUY ? bids : asks).set(priceText(ticks), qtyText(exact));
    }
    return { symbol: this.symbols[id]!, bids: [...bids], asks: [...asks] };
  }

  levels(symbol: string, side: number): TextLevel[] {
    const book = this.books[this.symbols.indexOf(symbol)]!;
    return book.sorted(side).map(([ticks, lots]) => [priceText(ticks), qtyText(lots)]);
  }
}

const priceText = (ticks: number): string => `${Math.floor(ticks / 100)}.${`${ticks % 100}`.padStart(2, '0')}`;
const qtyText = (lots: number): string => `${Math.floor(lots / 1_000)}.${`${lots % 1_000}`.padStart(3, '0')}`;

/** How one venue writes a market down. `time`: epoch microseconds, `n`: number of the message. */
export interface MadeDialect {
  readonly symbols: readonly string[];
  /** Frames before the market's first change, e.g. its snapshots. */
  readonly begin: (market: MadeMarket, timeUs: number) => string[];
  readonly change: (market: MadeMarket, step: ReturnType<MadeMarket['step']>, timeUs: number) => string;
}

/** A folder of recordings that a test makes and removes. */
export class MadeFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'tickpath-made-'));

  /** A recording of `changes` changes in cryptofeed lines. */
  write(name: string, dialect: MadeDialect, changes: number, seed = 1): string {
    const market = new MadeMarket(dialect.symbols, seed);
    const lines: string[] = [];
    let timeUs = START_S * 1e6;
    const add = (frame: string): void => {
      // The answer to a request stands behind its URL.
      const [, url = '', payload = frame] = /^(https:\S+ -> )(.*)$/.exec(frame) ?? [];
      lines.push(`${url}${seconds(timeUs)}: ${payload}`);
      timeUs += STEP_US;
    };
    for (const frame of dialect.begin(market, timeUs)) add(frame);
    for (let i = 0; i < changes; i++) add(dialect.change(market, market.step(), timeUs));
    const file = join(this.path, name);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const seconds = (timeUs: number): string => `${Math.floor(timeUs / 1e6)}.${`${timeUs % 1e6}`.padStart(6, '0')}`;
const digits = (levels: readonly TextLevel[]): string =>
  levels
    .slice(0, 10)
    .flat()
    .map((text) => text.replace('.', '').replace(/^0+/, ''))
    .join('');
const krakenChecksum = (market: MadeMarket, symbol: string): number =>
  naiveChecksum(digits(market.levels(symbol, SIDE.SELL)) + digits(market.levels(symbol, SIDE.BUY)));

export const MADE_KRAKEN_V1: MadeDialect = {
  symbols: ['XBT/USD', 'ETH/EUR'],
  begin: (market, timeUs) =>
    market.symbols.map((symbol, id) => {
      const side = (which: number): string[][] => market.levels(symbol, which).map(([price, qty]) => [price, qty, seconds(timeUs)]);
      return JSON.stringify([300 + id, { as: side(SIDE.SELL), bs: side(SIDE.BUY) }, 'book-10', symbol]);
    }),
  change: (market, { symbol, bids, asks }, timeUs) => {
    const side = (levels: readonly TextLevel[]): string[][] => levels.map(([price, qty]) => [price, qty, seconds(timeUs)]);
    const parts: object[] = [];
    if (asks.length > 0) parts.push({ a: side(asks) });
    if (bids.length > 0) parts.push({ b: side(bids) });
    Object.assign(parts.at(-1)!, { c: `${krakenChecksum(market, symbol)}` });
    return JSON.stringify([300 + market.symbols.indexOf(symbol), ...parts, 'book-10', symbol]);
  },
};

function krakenV2(
  type: string,
  market: MadeMarket,
  symbol: string,
  bids: readonly TextLevel[],
  asks: readonly TextLevel[],
  us: number,
): string {
  const side = (levels: readonly TextLevel[]): string => levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(',');
  const time = new Date(Math.floor(us / 1_000)).toISOString().replace('Z', `${`${us % 1_000}`.padStart(3, '0')}Z`);
  const data = `{"symbol":"${symbol}","bids":[${side(bids)}],"asks":[${side(asks)}],"checksum":${krakenChecksum(market, symbol)},"timestamp":"${time}"}`;
  return `{"channel":"book","type":"${type}","data":[${data}]}`;
}

export const MADE_KRAKEN_V2: MadeDialect = {
  symbols: ['BTC/USD', 'ETH/EUR'],
  begin: (market, timeUs) =>
    market.symbols.map((symbol) =>
      krakenV2('snapshot', market, symbol, market.levels(symbol, SIDE.BUY), market.levels(symbol, SIDE.SELL), timeUs),
    ),
  change: (market, { symbol, bids, asks }, timeUs) => krakenV2('update', market, symbol, bids, asks, timeUs),
};

/** `numbered`: as OKX numbers its messages today; else with the checksum that there was before. */
function madeOkx(numbered: boolean): MadeDialect {
  const last = new Map<string, number>();
  const short = (text: string): string => text.replace(/\.?0+$/, '');
  const element = (
    market: MadeMarket,
    symbol: string,
    bids: readonly TextLevel[],
    asks: readonly TextLevel[],
    timeUs: number,
    prev: number,
  ): string => {
    const side = (levels: readonly TextLevel[]): string =>
      JSON.stringify(levels.map(([price, qty]) => [short(price), /[1-9]/.test(qty) ? short(qty) : '0', '0', '1']));
    const own = [market.levels(symbol, SIDE.BUY), market.levels(symbol, SIDE.SELL)] as const;
    const text = [...Array(25).keys()].flatMap((i) => own.flatMap((levels) => (i < levels.length ? levels[i]!.map(short) : []))).join(':');
    last.set(symbol, Math.floor(timeUs / 1_000));
    const check = numbered ? `"checksum":0,"seqId":${last.get(symbol)},"prevSeqId":${prev}` : `"checksum":${naiveChecksum(text) | 0}`;
    return `{"asks":${side(asks)},"bids":${side(bids)},"ts":"${Math.floor(timeUs / 1_000)}",${check}}`;
  };
  const frame = (symbol: string, action: string, data: string): string =>
    `{"arg":{"channel":"books","instId":"${symbol}"},"action":"${action}","data":[${data}]}`;
  return {
    symbols: ['BTC-USDT', 'ETH-USDT'],
    begin: (market, timeUs) =>
      market.symbols.map((symbol) =>
        frame(symbol, 'snapshot', element(market, symbol, market.levels(symbol, SIDE.BUY), market.levels(symbol, SIDE.SELL), timeUs, -1)),
      ),
    change: (market, { symbol, bids, asks }, timeUs) =>
      frame(symbol, 'update', element(market, symbol, bids, asks, timeUs, last.get(symbol)!)),
  };
}

export const MADE_OKX = madeOkx(true);
export const MADE_OKX_CHECKSUM = madeOkx(false);

/** Binance in combined streams, its snapshots as recorded answers after the first changes. */
function madeBinance(symbols: readonly string[], url: string, isLinked: boolean): MadeDialect {
  const last = new Map<string, number>();
  let id = 1_000;
  const change: MadeDialect['change'] = (_, { symbol, bids, asks }, timeUs) => {
    const previous = last.get(symbol) ?? id;
    const first = isLinked ? id + 1 : previous + 1;
    id = Math.max(id, first) + 2;
    last.set(symbol, id);
    const ms = Math.floor(timeUs / 1_000);
    const link = isLinked ? `,"pu":${previous}` : '';
    const time = isLinked ? `,"T":${ms}` : '';
    const event = `{"e":"depthUpdate","E":${ms}${time},"s":"${symbol}","U":${first},"u":${id}${link},"b":${JSON.stringify(bids)},"a":${JSON.stringify(asks)}}`;
    return `{"stream":"${symbol.toLowerCase()}@depth@0ms","data":${event}}`;
  };
  return {
    symbols,
    begin: (market, timeUs) => {
      last.clear();
      id = 1_000;
      const changes = [...Array(8)].map(() => change(market, market.step(), timeUs));
      const snapshots = symbols.map((symbol) => {
        const body = {
          lastUpdateId: last.get(symbol) ?? id,
          bids: market.levels(symbol, SIDE.BUY),
          asks: market.levels(symbol, SIDE.SELL),
        };
        return `${url}?symbol=${symbol}&limit=1000 -> ${JSON.stringify(body)}`;
      });
      return [...changes, ...snapshots];
    },
    change,
  };
}

export const MADE_USDM = madeBinance(['BTCUSDT', 'ETHUSDT'], 'https://fapi.binance.com/fapi/v1/depth', true);
export const MADE_COINM = madeBinance(['BTCUSD_PERP', 'ETHUSD_PERP'], 'https://dapi.binance.com/dapi/v1/depth', true);
export const MADE_SPOT = madeBinance(['BTCUSDT', 'ETHEUR'], 'https://api.binance.com/api/v3/depth', false);
