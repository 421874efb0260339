import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { createBybitFeed } from '../../../src/feed/venue/bybit/feed.ts';
import { createCoinbaseFeed } from '../../../src/feed/venue/coinbase/feed.ts';
import { createDeribitFeed } from '../../../src/feed/venue/deribit/feed.ts';
import { createHyperliquidFeed } from '../../../src/feed/venue/hyperliquid/feed.ts';
import { naiveBybit } from '../../reference/naive-bybit.ts';
import { naiveCoinbase } from '../../reference/naive-coinbase.ts';
import { naiveDeribit } from '../../reference/naive-deribit.ts';
import type { NaiveResult } from '../../reference/naive-fields.ts';
import { naiveHyperliquid } from '../../reference/naive-hyperliquid.ts';
import { BYBIT_RULE, LINKED_RULE, TIMED_RULE, WHOLE_RULE } from '../../reference/naive-rules.ts';
import type { SyncMessage, SyncResult } from '../../reference/naive-sync.ts';
import * as bybit from '../bybit-frames.ts';
import * as coinbase from '../coinbase-frames.ts';
import * as deribit from '../deribit-frames.ts';
import * as hyperliquid from '../hyperliquid-frames.ts';
import type { FaultCase } from './check.ts';
import { type Level, type Sides, textLevels, textSide } from './market.ts';
import { type LevelFormat, LevelVenue } from './venue.ts';

const textDecoder = new TextDecoder();

/** What a naive decoder found, for a sequence rule; `more`: what that decoder does not tell. */
export function syncResult(result: NaiveResult, more: Partial<SyncMessage> = {}): SyncResult {
  if (typeof result === 'string') return result;
  if (result.kind === 'ticker' || result.kind === 'trade') return result.kind;
  const { kind, instrument, last, previous, bids, asks } = result;
  return { kind, instrument, first: 0, last, previous, sequence: 0, timeMs: result.time[0], bids, asks, ...more };
}

type Decode = (text: string, instruments: readonly Instrument[]) => NaiveResult[];
const decodeBy =
  (decode: Decode): FaultCase['decode'] =>
  (bytes, { instruments }) =>
    decode(textDecoder.decode(bytes), instruments).map((one) => syncResult(one));

/** Numbers of the changes of several books, drawn from one counter that grows by `step()`. */
export class Numbers {
  /** `numbers[book][version]`. */
  private readonly numbers: number[][];
  private readonly step: () => number;
  private newest: number;

  constructor(books: number, first: number, step: () => number) {
    this.numbers = Array.from({ length: books }, () => []);
    this.step = step;
    this.newest = first;
  }

  of(book: number, version: number): number {
    const numbers = this.numbers[book]!;
    while (numbers.length <= version) {
      this.newest += this.step();
      numbers.push(this.newest);
    }
    return numbers[version]!;
  }
}

/** Numbers of the messages of one book, which grow by one from one to the next; a message is named by the version it ends at. */
class MessageNumbers {
  private readonly numbers = new Map<number, number>();
  private newest: number;

  constructor(first: number) {
    this.newest = first;
  }

  of(version: number): number {
    if (!this.numbers.has(version)) this.numbers.set(version, ++this.newest);
    return this.numbers.get(version)!;
  }
}

const sidesOf = (instrument: Instrument, changes: readonly Level[]): [[string, string][], [string, string][]] => [
  textLevels(instrument, changes, SIDE.BUY),
  textLevels(instrument, changes, SIDE.SELL),
];

/** Times of messages, a growing number of milliseconds. */
export class Times {
  private timeMs: number;

  constructor(firstMs: number) {
    this.timeMs = firstMs;
  }

  next(): number {
    this.timeMs += 7;
    return this.timeMs;
  }
}

/** Coinbase Exchange level2: nothing but times. */
function coinbaseFormat(prng: Prng): LevelFormat {
  const books = [coinbase.BTC_USD, coinbase.SKL_EUR];
  const times = new Times(1_000);
  return {
    instruments: books,
    snapshots: 'stream',
    depthFrame: (i, _from, _to, changes) => {
      const [bids, asks] = sidesOf(books[i]!, changes);
      const texts = [
        ...bids.map(([price, qty]) => ['buy', price, qty] as const),
        ...asks.map(([price, qty]) => ['sell', price, qty] as const),
      ];
      return coinbase.updateText(times.next(), texts, books[i]!.symbol);
    },
    snapshotFrame: (i, _version, [bids, asks]) =>
      coinbase.snapshotText(textSide(books[i]!, bids), textSide(books[i]!, asks), books[i]!.symbol),
    otherFrame: (i, version) =>
      prng.nextInt(2) === 0
        ? coinbase.matchText(1 + version, '14.75', '2', 'sell', 'match', books[i]!.symbol)
        : coinbase.heartbeatText(1 + version, books[i]!.symbol),
  };
}

/** Coinbase Advanced Trade. */
function advancedFormat(): LevelFormat {
  const books = [coinbase.BTC_USD, coinbase.SKL_EUR];
  const times = new Times(1_000);
  let sequence = 0;
  const frame = (i: number, type: 'snapshot' | 'update', bids: readonly [string, string][], asks: readonly [string, string][]): string => {
    const updates = [
      ...bids.map(([price, qty]) => ['bid', price, qty] as const),
      ...asks.map(([price, qty]) => ['offer', price, qty] as const),
    ];
    return coinbase.advancedBookText(sequence++, times.next(), type, updates, books[i]!.symbol);
  };
  return {
    instruments: books,
    snapshots: 'stream',
    depthFrame: (i, _from, _to, changes) => frame(i, 'update', ...sidesOf(books[i]!, changes)),
    snapshotFrame: (i, _version, [bids, asks]) => frame(i, 'snapshot', textSide(books[i]!, bids), textSide(books[i]!, asks)),
    otherFrame: (i, version) =>
      coinbase.advancedText('market_trades', sequence++, times.next(), [
        { type: 'update', trades: [coinbase.advancedTrade(1 + version, '14.75', '2', 'SELL', books[i]!.symbol)] },
      ]),
  };
}

function bybitFormat(depth: number): LevelFormat {
  const books = [bybit.BTCUSDT, bybit.XRPUSDT];
  // `u` counts the messages of one book, `seq` everything.
  const ids = books.map((_, i) => new MessageNumbers(1_000_000 * (i + 1)));
  const sequences = new Numbers(2, 7_961_638_724, () => 3);
  const times = new Times(1_733_011_200_000);
  const frame = (i: number, type: 'snapshot' | 'delta', version: number, [b, a]: [[string, string][], [string, string][]]): string =>
    bybit
      .bookText(type, { b, a, u: ids[i]!.of(version), seq: sequences.of(i, version), symbol: books[i]!.symbol, depth })
      .replaceAll(/1733011200(691|589)/g, `${times.next()}`);
  const whole = (i: number, [bids, asks]: Sides): [[string, string][], [string, string][]] => [
    textSide(books[i]!, bids),
    textSide(books[i]!, asks),
  ];
  return {
    instruments: books,
    snapshots: depth === 1 ? 'every' : 'stream',
    ...(depth === 1 ? { depth } : {}),
    depthFrame: (i, _from, to, changes, sides) =>
      depth === 1 ? frame(i, 'snapshot', to, whole(i, sides)) : frame(i, 'delta', to, sidesOf(books[i]!, changes)),
    snapshotFrame: (i, version, sides) => frame(i, 'snapshot', version, whole(i, sides)),
    otherFrame: (i) => bybit.tradeText([bybit.tradeElement('2.5', '1', 'Buy', { s: books[i]!.symbol })], books[i]!.symbol),
  };
}

function deribitFormat(prng: Prng): LevelFormat {
  const books = [deribit.PERPETUAL, deribit.OPTION];
  const ids = new Numbers(2, 13_169_025_645, () => 1 + prng.nextInt(4));
  const times = new Times(1_626_993_723_632);
  const actions = (levels: readonly [string, string][]): deribit.ActionLevel[] =>
    levels.map(([price, amount]) => [/^[0.]+$/.test(amount) ? 'delete' : 'change', price, amount]);
  const frame = (i: number, id: number, previous: number | undefined, bids: [string, string][], asks: [string, string][]): string =>
    deribit
      .bookText(id, previous, actions(bids), actions(asks), books[i]!.symbol)
      .replace('"timestamp":1626993723632', `"timestamp":${times.next()}`);
  return {
    instruments: books,
    snapshots: 'stream',
    depthFrame: (i, from, to, changes) => frame(i, ids.of(i, to), ids.of(i, from), ...sidesOf(books[i]!, changes)),
    snapshotFrame: (i, version, [bids, asks]) =>
      frame(i, ids.of(i, version), undefined, textSide(books[i]!, bids), textSide(books[i]!, asks)),
    otherFrame: (_, version) => deribit.tradesText(deribit.tradeData(1 + version, '92294.5', '10.0', 'sell')),
  };
}

function hyperliquidFormat(): LevelFormat {
  const books = [hyperliquid.BTC_COIN, hyperliquid.SPOT_COIN];
  const times = new Times(1_703_875_200_000);
  const frame = (i: number, [bids, asks]: Sides): string =>
    hyperliquid.l2BookText(times.next(), textSide(books[i]!, bids), textSide(books[i]!, asks), books[i]!.symbol);
  return {
    instruments: books,
    snapshots: 'every',
    depth: 20,
    depthFrame: (i, _from, _to, _changes, sides) => frame(i, sides),
    snapshotFrame: (i, _version, sides) => frame(i, sides),
    otherFrame: (i, version) => hyperliquid.hyperTradesText(hyperliquid.hyperTrade(1 + version, '1', '5', 'A', books[i]!.symbol)),
  };
}

/** `u`, and `seq` that the naive decoder calls previous. */
const decodeBybit =
  (depth: number): FaultCase['decode'] =>
  (bytes, { instruments }) => {
    const text = textDecoder.decode(bytes);
    return naiveBybit(depth)(text, instruments).map((one) => {
      if (typeof one === 'string' || (one.kind !== 'depth' && one.kind !== 'snapshot')) return syncResult(one);
      const { seq } = (JSON.parse(text) as { data: { seq?: number } }).data;
      return syncResult(one, { sequence: seq ?? 0 });
    });
  };

export const LEVEL_CASES: readonly FaultCase[] = [
  {
    name: 'coinbase',
    reveals: 'times',
    createVenue: (prng) => new LevelVenue(coinbaseFormat(prng), prng),
    createFeed: createCoinbaseFeed,
    decode: decodeBy(naiveCoinbase),
    rule: TIMED_RULE,
  },
  {
    name: 'coinbase advanced',
    reveals: 'times',
    createVenue: (prng) => new LevelVenue(advancedFormat(), prng),
    createFeed: createCoinbaseFeed,
    decode: decodeBy(naiveCoinbase),
    rule: TIMED_RULE,
  },
  {
    name: 'bybit',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(bybitFormat(50), prng),
    createFeed: createBybitFeed,
    decode: decodeBybit(50),
    rule: BYBIT_RULE,
  },
  {
    name: 'bybit depth 1',
    reveals: 'nothing missing',
    createVenue: (prng) => new LevelVenue(bybitFormat(1), prng),
    createFeed: (options) => createBybitFeed({ ...options, depth: 1 }),
    decode: decodeBybit(1),
    rule: { snapshot: 'every', follows: (a, b) => (a.last < b.last && a.last !== 1 && a.sequence <= b.sequence ? 'old' : 'next') },
  },
  {
    name: 'deribit',
    reveals: 'every message',
    createVenue: (prng) => new LevelVenue(deribitFormat(prng), prng),
    createFeed: createDeribitFeed,
    decode: decodeBy(naiveDeribit),
    rule: LINKED_RULE,
  },
  {
    name: 'hyperliquid',
    reveals: 'nothing missing',
    createVenue: (prng) => new LevelVenue(hyperliquidFormat(), prng),
    createFeed: createHyperliquidFeed,
    decode: decodeBy(naiveHyperliquid),
    rule: WHOLE_RULE,
  },
];
