import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { CryptofeedFramer } from '../../src/feed/transport/cryptofeed-framer.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { CoinbaseDecoder } from '../../src/feed/venue/coinbase/decode.hot.ts';
import { discoverCoinbase } from '../../src/feed/venue/coinbase/discover.ts';
import { createCoinbaseFeed } from '../../src/feed/venue/coinbase/feed.ts';
import { NaiveBook } from '../reference/naive-book.ts';
import { naiveCoinbase } from '../reference/naive-coinbase.ts';
import { micros, type NaiveMessage } from '../reference/naive-fields.ts';
import { dataFile } from '../support/data.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';
import { nautilusSamples } from '../support/nautilus.ts';

/** Callback counts that the cryptofeed project publishes for this recording; trades include the last one before it. */
const L2_CALLBACKS = 9_729;
const TICKER_CALLBACKS = 107;
const TRADE_CALLBACKS = 107;

function framesOf(file: string): string[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.map((line) => /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1] ?? '').filter((frame) => frame !== '');
}

/** Books of JSON.parse and maps, and their best prices after each message, by the microsecond of the message. */
class Twin {
  readonly books: NaiveBook[];
  readonly topsAt: Map<number, string[]>[];
  callbacks = 0;

  constructor(instruments: readonly Instrument[]) {
    this.books = instruments.map(() => new NaiveBook());
    this.topsAt = instruments.map(() => new Map());
  }

  apply(message: NaiveMessage): void {
    if (message.kind !== 'depth' && message.kind !== 'snapshot') return;
    this.callbacks++;
    const book = this.books[message.instrument]!;
    for (const [price, qty] of message.bids) book.apply(SIDE.BUY, price, qty);
    for (const [price, qty] of message.asks) book.apply(SIDE.SELL, price, qty);
    const [bid, ask] = [book.best(SIDE.BUY)[0], book.best(SIDE.SELL)[0]];
    assert.ok(bid < ask, 'never crossed');
    const tops = this.topsAt[message.instrument]!;
    tops.set(message.last, [...(tops.get(message.last) ?? []), `${bid} ${ask}`]);
  }
}

test('the recording: counts, no book crossed or lost, every book equal to its naive twin', async () => {
  const file = dataFile('cryptofeed/COINBASE.ws.28.0.gz');
  const list = dataFile('cryptofeed/COINBASE.0.gz');
  if (file === undefined || list === undefined) return;
  const { instruments, baseEpochNs } = await discoverCoinbase([list, file]);
  assert.is(instruments.length, 10);
  const frames = framesOf(file);
  const decoder = new CoinbaseDecoder(instruments, ownFeedCounters());
  const twin = new Twin(instruments);
  for (const frame of frames) {
    const bytes = new TextEncoder().encode(frame);
    const expected = naiveCoinbase(frame, instruments);
    assert.equal(resultsOf(decodeAll(decoder, bytes, 0, bytes.length)), expected);
    for (const one of expected) if (typeof one === 'object') twin.apply(one);
  }
  const clock = new ManualClock();
  const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
  const consumer = new RingConsumer(views);
  const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
  const feed = createCoinbaseFeed({ instruments, ring: new RingProducer(views), counters: ownFeedCounters(), clock, baseEpochNs, room });
  await new FileTransport({ files: [list, file], clock, baseEpochNs, framer: new CryptofeedFramer() }).run(feed);
  const counters = feed.counters.snapshot();
  assert.equal([counters['depth_messages']! + counters['snapshot_messages']!, twin.callbacks], [L2_CALLBACKS, L2_CALLBACKS]);
  assert.is(counters['depth_applied'], L2_CALLBACKS);
  assert.is(counters['ticker_messages'], TICKER_CALLBACKS);
  assert.is(counters['trade_messages']! + counters['trades_not_market']!, TRADE_CALLBACKS);
  assert.equal(
    ['rejected_frames', 'book_gaps', 'books_stale', 'trades_missed', 'unknown_symbol', 'levels_beyond_grid'].map((name) => counters[name]),
    [0, 0, 0, 0, 0, 3],
  );
  for (const { id } of instruments) {
    assert.is(feed.state(id), BOOK_STATE.LIVE);
    const book = feed.book(id);
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const levels = [...Array(book.levels(side)).keys()].map((i) => [book.priceAt(side, i), book.qtyAt(side, i)]);
      assert.equal(levels, twin.books[id]!.sorted(side));
    }
  }
  const { checked, equal } = compareTickers(frames, instruments, twin);
  assert.equal([checked, equal], [97, 97]);
  process.stdout.write(`COINBASE: ${L2_CALLBACKS} book messages, ${equal} of ${checked} tickers equal to the book at their microsecond\n`);
});

/** A ticker's best prices must be those of the book after one of the changes that carry its time. */
function compareTickers(frames: readonly string[], instruments: readonly Instrument[], twin: Twin): { checked: number; equal: number } {
  let checked = 0;
  let equal = 0;
  for (const frame of frames) {
    const [message] = naiveCoinbase(frame, instruments);
    if (typeof message !== 'object' || message.kind !== 'ticker') continue;
    const tops = twin.topsAt[message.instrument]!.get(micros(message.time));
    if (tops === undefined) continue;
    checked++;
    const { priceDecimals, tickUnits } = instruments[message.instrument]!;
    const { best_bid: bid, best_ask: ask } = JSON.parse(frame) as { best_bid: string; best_ask: string };
    const ticks = (text: string): number => Math.round((Number(text) * 10 ** priceDecimals) / tickUnits);
    if (tops.includes(`${ticks(bid)} ${ticks(ask)}`)) equal++;
  }
  return { checked, equal };
}

test('tickpath book writes one line for each book message of the product it is asked for', async () => {
  const file = dataFile('cryptofeed/COINBASE.ws.28.0.gz');
  if (file === undefined) return;
  let lines = 0;
  const { instruments } = await discoverCoinbase([file]);
  for (const { symbol } of instruments) {
    const options = { files: [file], format: 'coinbase', depth: 3, every: 'event', out: 'hash', write: () => {} } as const;
    lines += (await dumpBook({ ...options, symbol })).lines;
  }
  assert.is(lines, L2_CALLBACKS);
});

test("Advanced Trade's messages: snapshot, update, trades, ticker, and those for no book", () => {
  const samples = nautilusSamples('coinbase');
  if (samples === undefined) return;
  const instruments: Instrument[] = [{ id: 0, symbol: 'BTC-USD', priceDecimals: 2, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 }];
  const decoder = new CoinbaseDecoder(instruments, ownFeedCounters());
  const kinds = ['l2_data_snapshot', 'l2_data_update', 'market_trades', 'ticker', 'heartbeats', 'subscriptions', 'candles'].map((key) => {
    const text = samples.get(`ws_${key}.json`)!;
    const bytes = new TextEncoder().encode(text);
    const found = decodeAll(decoder, bytes, 0, bytes.length);
    assert.equal(resultsOf(found), naiveCoinbase(text, instruments));
    return found.map((one) => (typeof one === 'number' ? one : one.kind));
  });
  assert.equal(kinds, [['snapshot'], ['depth'], ['trade', 'trade'], ['ticker'], [1], [1], [1]]);
});

test.run();
