import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { SniffingFramer } from '../../src/feed/transport/sniffing-framer.ts';
import { DeribitDecoder } from '../../src/feed/venue/deribit/decode.hot.ts';
import { discoverDeribit } from '../../src/feed/venue/deribit/discover.ts';
import { createDeribitFeed } from '../../src/feed/venue/deribit/feed.ts';
import { NaiveBook } from '../reference/naive-book.ts';
import { naiveDeribit } from '../reference/naive-deribit.ts';
import { dataFile } from '../support/data.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';
import { nautilusSamples } from '../support/nautilus.ts';

/** Callback counts that the cryptofeed project publishes for this recording; it subscribed to trades and none happened. */
const L2_CALLBACKS = 46;
const TICKER_CALLBACKS = 89;

test('the recording: counts, every prev_change_id the last change, every book equal to its naive twin and to the ticker of its time', async () => {
  const file = dataFile('cryptofeed/DERIBIT.ws.1.0.gz');
  const list = dataFile('cryptofeed/DERIBIT.0.gz');
  if (file === undefined || list === undefined) return;
  const { instruments, baseEpochNs } = await discoverDeribit([list, file]);
  assert.is(instruments.length, 10);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const frames = lines.map((line) => /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1] ?? '').filter((frame) => frame !== '');
  const decoder = new DeribitDecoder(instruments);
  const books = instruments.map(() => new NaiveBook());
  const last = instruments.map(() => 0);
  const tops = new Map<string, number[]>();
  for (const frame of frames) {
    const bytes = new TextEncoder().encode(frame);
    const expected = naiveDeribit(frame, instruments);
    assert.equal(resultsOf(decodeAll(decoder, bytes, 0, bytes.length, true)), expected);
    for (const one of expected) {
      if (typeof one !== 'object' || (one.kind !== 'depth' && one.kind !== 'snapshot')) continue;
      if (one.kind === 'depth') assert.is(one.previous, last[one.instrument]);
      last[one.instrument] = one.last;
      const book = books[one.instrument]!;
      for (const [price, qty] of one.bids) book.apply(SIDE.BUY, price, qty);
      for (const [price, qty] of one.asks) book.apply(SIDE.SELL, price, qty);
      const top = [SIDE.BUY, SIDE.SELL].flatMap((side) => (book.sorted(side)[0] ?? [0, 0]) as number[]);
      tops.set(`${one.instrument} ${one.time[0]}`, top);
    }
  }
  const clock = new ManualClock();
  const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
  const consumer = new RingConsumer(views);
  const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
  const feed = createDeribitFeed({ instruments, ring: new RingProducer(views), counters: ownFeedCounters(), clock, baseEpochNs, room });
  await new FileTransport({ files: [list, file], clock, baseEpochNs, framer: new SniffingFramer() }).run(feed);
  const counters = feed.counters.snapshot();
  assert.equal([counters['depth_messages']! + counters['snapshot_messages']!, counters['depth_applied']], [L2_CALLBACKS, L2_CALLBACKS]);
  assert.equal([counters['ticker_messages'], counters['trade_messages']], [TICKER_CALLBACKS, 0]);
  assert.equal(
    ['rejected_frames', 'book_gaps', 'books_stale', 'unknown_symbol'].map((name) => counters[name]),
    [0, 0, 0, 0],
  );
  for (const { id } of instruments) {
    assert.is(feed.state(id), BOOK_STATE.LIVE);
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const book = feed.book(id);
      const levels = [...Array(book.levels(side)).keys()].map((i) => [book.priceAt(side, i), book.qtyAt(side, i)]);
      assert.equal(levels, books[id]!.sorted(side));
    }
  }
  let checked = 0;
  for (const frame of frames) {
    const [message] = naiveDeribit(frame, instruments);
    if (typeof message !== 'object' || message.kind !== 'ticker') continue;
    const top = tops.get(`${message.instrument} ${message.time[0]}`);
    if (top === undefined) continue;
    const { priceDecimals, tickUnits, qtyDecimals, lotUnits } = instruments[message.instrument]!;
    const data = (JSON.parse(frame) as { params: { data: Record<string, number> } }).params.data;
    const ticks = (price: number | undefined): number => Math.round(((price ?? 0) * 10 ** priceDecimals) / tickUnits);
    const lots = (amount: number | undefined): number => Math.round(((amount ?? 0) * 10 ** qtyDecimals) / lotUnits);
    assert.equal(
      [ticks(data['best_bid_price']), lots(data['best_bid_amount']), ticks(data['best_ask_price']), lots(data['best_ask_amount'])],
      top,
    );
    checked++;
  }
  assert.is(checked, 37);
  process.stdout.write(`DERIBIT: ${L2_CALLBACKS} book messages, ${checked} tickers equal to the book of their time\n`);
});

test("today's messages: snapshot, change, trades, ticker, grouped book", () => {
  const samples = nautilusSamples('deribit');
  if (samples === undefined) return;
  const perpetual = { id: 0, symbol: 'BTC-PERPETUAL', priceDecimals: 1, qtyDecimals: 1, tickUnits: 5, lotUnits: 10 };
  const decoder = new DeribitDecoder([perpetual]);
  const decode = (text: string): ReturnType<typeof decodeAll> => {
    const bytes = new TextEncoder().encode(text);
    const found = decodeAll(decoder, bytes, 0, bytes.length, true);
    assert.equal(resultsOf(found), naiveDeribit(text, [perpetual]));
    return found;
  };
  const kinds = [
    'book_snapshot',
    'book_delta',
    'trades',
    'ticker',
    'book_grouped_snapshot',
    'quote',
    'test_request',
    'error',
    'subscribe_response',
  ].map((key) =>
    decode(samples.get(`ws_${key}.json`)!).map((one) =>
      typeof one === 'number' ? one : one.kind === 'trade' ? `trade ${one.market}` : one.kind,
    ),
  );
  assert.equal(kinds, [['snapshot'], ['depth'], ['trade false', 'trade true'], ['ticker'], [1], [1], [1], [1], [1]]);
});

test.run();
