import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { createCoinmFeed } from '../../../src/feed/venue/binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from '../../../src/feed/venue/binance-spot/feed.ts';
import { createSpotSbeFeed, createSpotSbePartialFeed } from '../../../src/feed/venue/binance-spot-sbe/feed.ts';
import { createUsdmFeed } from '../../../src/feed/venue/binance-usdm/feed.ts';
import { type NaiveMessage, type NaiveVenue, naiveDecode } from '../../reference/naive-binance.ts';
import { FUTURES_RULE, SPOT_RULE, WHOLE_RULE } from '../../reference/naive-rules.ts';
import { naiveSbe } from '../../reference/naive-sbe.ts';
import type { SyncResult } from '../../reference/naive-sync.ts';
import {
  BTC,
  BTCUSD,
  coinmTickerText,
  depthText,
  LINKUSD,
  PEPE,
  SPOT_BTC,
  SPOT_NKN,
  snapshotText,
  spotDepthText,
  spotPartialText,
  spotTickerText,
  spotTradeText,
  tickerText,
  tradeText,
  withPair,
} from '../binance-frames.ts';
import { encodeSbe, sbeBest, sbeDiff, sbeSnapshot, sbeTrades } from '../sbe-frames.ts';
import type { FaultCase } from './check.ts';
import { type Level, priceText, qtyText, type Sides, textLevels, textSide } from './market.ts';
import { type LevelFormat, LevelVenue } from './venue.ts';

const FIRST_ID = 5_123_107_832_006;
const PARTIAL_LEVELS = 5;

/** Ids of the changes of several books: futures share one counter, spot has one a symbol. */
class Ids {
  /** `ids[book][version]`. */
  private readonly ids: number[][];
  private readonly prng: Prng | undefined;
  private newest: number;

  /** `prng`: the counter is shared, and other symbols' changes take numbers as well. */
  constructor(books: number, prng?: Prng) {
    this.ids = Array.from({ length: books }, () => [FIRST_ID]);
    this.prng = prng;
    this.newest = FIRST_ID;
  }

  of(book: number, version: number): number {
    const ids = this.ids[book]!;
    while (ids.length <= version) {
      if (this.prng === undefined) ids.push(ids.at(-1)! + 1);
      else {
        this.newest += 1 + this.prng.nextInt(3);
        ids.push(this.newest);
      }
    }
    return ids[version]!;
  }

  /** Number of a snapshot: that of its last change, or a later one of another symbol, before the next change of this one. */
  ofSnapshot(book: number, version: number): number {
    const id = this.of(book, version);
    if (this.prng === undefined) return id;
    return this.ids[book]![version + 1] === undefined ? Math.max(id, this.newest) : this.ids[book]![version + 1]! - 1;
  }
}

type Symbols = readonly [Instrument, Instrument];
const numbered = (instruments: Symbols): Instrument[] => instruments.map((one, id) => ({ ...one, id }));
const best = (instrument: Instrument, sides: Sides, side: 0 | 1): [string, string] => {
  const [price, lots] = sides[side][0] ?? [0, 0];
  return [priceText(instrument, price), qtyText(instrument, lots)];
};
/** The symbol put into a snapshot, as the transport puts it. */
const withSymbol = (text: string, symbol: string): string => text.replace(/}$/, `,"symbol":"${symbol}"}`);

function futures(prng: Prng, instruments: Symbols, pair: boolean): LevelFormat {
  const books = numbered(instruments);
  const ids = new Ids(2, prng);
  const dress = (text: string): string => (pair ? withPair(text) : text);
  return {
    instruments: books,
    snapshots: 'asked',
    depthFrame: (i, from, to, changes) => {
      const { symbol } = books[i]!;
      const sides = { bids: textLevels(books[i]!, changes, SIDE.BUY), asks: textLevels(books[i]!, changes, SIDE.SELL) };
      // What other changes took is part of no range.
      return dress(depthText({ first: ids.of(i, from + 1), last: ids.of(i, to), previous: ids.of(i, from), ...sides, symbol }));
    },
    snapshotFrame: (i, version, [bids, asks]) =>
      withSymbol(snapshotText(ids.ofSnapshot(i, version), textSide(books[i]!, bids), textSide(books[i]!, asks)), books[i]!.symbol),
    otherFrame: (i, version, sides) => {
      const { symbol } = books[i]!;
      const [bid, ask] = [best(books[i]!, sides, 0), best(books[i]!, sides, 1)];
      if (prng.nextInt(2) === 0) return tradeText(1 + version, qtyText(books[i]!, 77).replace(/^0/, '1'), '1', true, 'MARKET', symbol);
      return pair ? coinmTickerText(ids.of(i, version), bid, ask, symbol) : tickerText(ids.of(i, version), bid, ask, symbol);
    },
  };
}

function spot(prng: Prng, partial: boolean): LevelFormat {
  const books = numbered([SPOT_BTC, SPOT_NKN]);
  const ids = new Ids(2);
  return {
    instruments: books,
    snapshots: partial ? 'every' : 'asked',
    ...(partial ? { depth: PARTIAL_LEVELS } : {}),
    depthFrame: (i, from, to, changes, [bids, asks]) => {
      const { symbol } = books[i]!;
      if (partial) return spotPartialText(ids.of(i, to), textSide(books[i]!, bids), textSide(books[i]!, asks), symbol);
      const sides = { bids: textLevels(books[i]!, changes, SIDE.BUY), asks: textLevels(books[i]!, changes, SIDE.SELL) };
      return spotDepthText({ first: ids.of(i, from + 1), last: ids.of(i, to), ...sides, symbol });
    },
    snapshotFrame: (i, version, [bids, asks]) => {
      const text = snapshotText(ids.of(i, version), textSide(books[i]!, bids), textSide(books[i]!, asks));
      return withSymbol(text.replace(/"E":\d+,"T":\d+,/, ''), books[i]!.symbol);
    },
    otherFrame: (i, version, sides) => {
      const { symbol } = books[i]!;
      if (prng.nextInt(2) === 0) return spotTradeText(1 + version, '1.00000000', '2.00000000', false, symbol);
      return spotTickerText(ids.of(i, version), best(books[i]!, sides, 0), best(books[i]!, sides, 1), symbol);
    },
  };
}

function sbe(prng: Prng, partial: boolean): LevelFormat {
  const text = spot(prng, partial);
  const books = text.instruments;
  const ids = new Ids(2);
  const units = (i: number, levels: readonly (readonly [number, number])[]): [number, number][] =>
    levels.map(([price, lots]) => [price * books[i]!.tickUnits, lots * books[i]!.lotUnits]);
  const side = (changes: readonly Level[], of: number): [number, number][] =>
    changes.filter(([one]) => one === of).map(([, price, lots]) => [price, lots]);
  return {
    ...text,
    depthFrame: (i, from, to, changes, [bids, asks]) => {
      const { symbol } = books[i]!;
      if (partial) return encodeSbe(sbeSnapshot(ids.of(i, to), units(i, bids), units(i, asks), symbol));
      const [bidChanges, askChanges] = [units(i, side(changes, SIDE.BUY)), units(i, side(changes, SIDE.SELL))];
      return encodeSbe(sbeDiff(ids.of(i, from + 1), ids.of(i, to), bidChanges, askChanges, symbol));
    },
    otherFrame: (i, version, [bids, asks]) => {
      const { symbol } = books[i]!;
      const trades = [
        [1 + version, 100_000_000, 100_000_000, 0],
        [2 + version, 200_000_000, 100_000_000, 1],
      ] as const;
      if (prng.nextInt(2) === 0) return encodeSbe(sbeTrades(trades, symbol));
      return encodeSbe(sbeBest(ids.of(i, version), units(i, bids)[0] ?? [0, 0], units(i, asks)[0] ?? [0, 0], symbol));
    },
  };
}

function resultOf(message: NaiveMessage | undefined): SyncResult {
  if (message === undefined) return 'untaken';
  if (message.kind === 'ticker' || message.kind === 'trade') return message.kind;
  const { instrument, timeMs, last, bids, asks } = message;
  const [first, previous] = message.kind === 'depth' ? [message.first, message.previous ?? 0] : [0, 0];
  return { kind: message.kind, instrument, first, last, previous, sequence: 0, timeMs, bids, asks };
}

const textDecoder = new TextDecoder();
const json =
  (venue: NaiveVenue): FaultCase['decode'] =>
  (bytes, { instruments }) => [resultOf(naiveDecode(textDecoder.decode(bytes), instruments, venue))];
const binary =
  (partial: boolean): FaultCase['decode'] =>
  (bytes, { instruments }) => {
    const messages = naiveSbe(bytes, instruments, partial);
    return messages.length === 0 ? ['untaken'] : messages.map(resultOf);
  };

export const BINANCE_CASES: readonly FaultCase[] = [
  {
    name: 'binance-usdm',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(futures(prng, [BTC, PEPE], false), prng),
    createFeed: createUsdmFeed,
    decode: json('futures'),
    rule: FUTURES_RULE,
  },
  {
    name: 'binance-coinm',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(futures(prng, [BTCUSD, LINKUSD], true), prng),
    createFeed: createCoinmFeed,
    decode: json('futures'),
    rule: FUTURES_RULE,
  },
  {
    name: 'binance-spot',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(spot(prng, false), prng),
    createFeed: createSpotFeed,
    decode: json('spot'),
    rule: SPOT_RULE,
  },
  {
    name: 'binance-spot-partial',
    reveals: 'nothing missing',
    createVenue: (prng) => new LevelVenue(spot(prng, true), prng),
    createFeed: createSpotPartialFeed,
    decode: json('spot-partial'),
    rule: WHOLE_RULE,
  },
  {
    name: 'binance-spot-sbe',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(sbe(prng, false), prng),
    createFeed: createSpotSbeFeed,
    decode: binary(false),
    rule: SPOT_RULE,
  },
  {
    name: 'binance-spot-sbe-partial',
    reveals: 'nothing missing',
    createVenue: (prng) => new LevelVenue(sbe(prng, true), prng),
    createFeed: createSpotSbePartialFeed,
    decode: binary(true),
    rule: WHOLE_RULE,
  },
];
