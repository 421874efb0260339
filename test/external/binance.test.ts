import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../src/core/limits.ts';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { APPLIED_EVENT } from '../../src/feed/applied.ts';
import type { BookView } from '../../src/feed/book/book-view.ts';
import type { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { FeedOptions } from '../../src/feed/feed.ts';
import type { L2Feed } from '../../src/feed/l2/feed.hot.ts';
import { DECODE } from '../../src/feed/l2/status.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import type { BinanceDecoder } from '../../src/feed/venue/binance/decoder.hot.ts';
import { SPOT } from '../../src/feed/venue/binance/dialect.ts';
import { discoverInstruments } from '../../src/feed/venue/binance/discover.ts';
import { CoinmDecoder } from '../../src/feed/venue/binance-coinm/decode.hot.ts';
import { createCoinmFeed } from '../../src/feed/venue/binance-coinm/feed.ts';
import { SpotDecoder } from '../../src/feed/venue/binance-spot/decode.hot.ts';
import { createSpotFeed } from '../../src/feed/venue/binance-spot/feed.ts';
import { UsdmDecoder } from '../../src/feed/venue/binance-usdm/decode.hot.ts';
import { createUsdmFeed } from '../../src/feed/venue/binance-usdm/feed.ts';
import { type NaiveMessage, type NaiveVenue, naiveDecode } from '../reference/naive-binance.ts';
import { NaiveBook } from '../reference/naive-book.ts';
import { assertSame } from '../support/binance-compare.ts';
import { dataFile } from '../support/data.ts';

/** Whole naive books are compared after every so many applied events, the best levels more often. */
const WHOLE_EVERY = 500;
const TOP_EVERY = 20;

interface Venue {
  readonly naive: NaiveVenue;
  readonly createFeed: (options: FeedOptions) => L2Feed;
  readonly createDecoder: (instruments: readonly Instrument[]) => BinanceDecoder;
}
const USDM: Venue = { naive: 'futures', createFeed: createUsdmFeed, createDecoder: (instruments) => new UsdmDecoder(instruments) };
const COINM: Venue = { naive: 'futures', createFeed: createCoinmFeed, createDecoder: (instruments) => new CoinmDecoder(instruments) };
const SPOT_VENUE: Venue = { naive: 'spot', createFeed: createSpotFeed, createDecoder: (instruments) => new SpotDecoder(instruments, SPOT) };

interface Capture {
  readonly venue: Venue;
  readonly names: readonly string[];
  readonly frames: number;
  /** Update ids that a ticker and a depth event share while the book is live; the depth event came second. */
  readonly shared: number;
  /** Depth events that the snapshot holds already. */
  readonly before: number;
}
const CAPTURES: readonly Capture[] = [
  { venue: USDM, names: ['usdm_btcusdt_20240808.gz'], frames: 93_954, shared: 503, before: 4 },
  { venue: USDM, names: ['usdm_ethusdt_20240718.gz', 'usdm_ethusdt_20240719.gz'], frames: 69_913, shared: 744, before: 5 },
  { venue: COINM, names: ['cm_btcusd_perp_20240808.gz', 'cm_btcusd_perp_20240809.gz'], frames: 98_386, shared: 1885, before: 23 },
  { venue: SPOT_VENUE, names: ['spot_btcusdt_20240808.gz'], frames: 41_249, shared: 564, before: 2 },
];

function paths(names: readonly string[]): string[] | undefined {
  const found = names.map((name) => dataFile(`binance/${name}`));
  return found.every((path) => path !== undefined) ? found : undefined;
}

function linesOf(files: readonly string[]): string[] {
  return files.flatMap((file) => gunzipSync(readFileSync(file)).toString('utf8').split('\n')).filter((line) => line !== '');
}

type Top = [bid: number, bidLots: number, ask: number, askLots: number];

/** Applied depth events and the naive book beside them. */
class NaiveTwin {
  readonly book = new NaiveBook();
  private readonly events: NaiveMessage[];
  private next = 0;

  constructor(messages: readonly NaiveMessage[], venue: NaiveVenue) {
    const snapshot = messages.find((one) => one.kind === 'snapshot');
    if (snapshot?.kind !== 'snapshot') throw new Error('the capture has no snapshot');
    for (const [price, qty] of snapshot.bids) this.book.apply(SIDE.BUY, price, qty);
    for (const [price, qty] of snapshot.asks) this.book.apply(SIDE.SELL, price, qty);
    this.events = messages.filter(
      (one) => one.kind === 'depth' && (venue === 'futures' ? one.last >= snapshot.last : one.last > snapshot.last),
    );
  }

  /** Applies the next event; its `u`. */
  step(): number {
    const event = this.events[this.next++];
    if (event?.kind !== 'depth') throw new Error('more events were applied than the capture holds');
    for (const [price, qty] of event.bids) this.book.apply(SIDE.BUY, price, qty);
    for (const [price, qty] of event.asks) this.book.apply(SIDE.SELL, price, qty);
    return event.last;
  }

  top(): Top {
    return [...this.book.best(SIDE.BUY), ...this.book.best(SIDE.SELL)];
  }

  assertEquals(book: L2Book): void {
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const expected = this.book.sorted(side);
      const found = expected.map((_, i) => [book.priceAt(side, i), book.qtyAt(side, i)]);
      assert.is(book.levels(side), expected.length);
      assert.is(JSON.stringify(found), JSON.stringify(expected));
    }
  }
}

/** Decodes every line by both paths and with the naive decoder, which must agree; the naive messages. */
function decodeAll(venue: Venue, files: readonly string[], instruments: readonly Instrument[]): NaiveMessage[] {
  const decoder = venue.createDecoder(instruments);
  // Beyond the frame there is room to look ahead, as in a transport's block: the fast path needs it.
  const block = new Uint8Array(FRAME_BYTES_MAX);
  return linesOf(files).map((line, i) => {
    const text = line.slice(20);
    const length = new TextEncoder().encodeInto(text, block).written;
    const expected = naiveDecode(text, instruments, venue.naive);
    assert.is(decoder.decode(block, 0, length), DECODE.OK);
    assertSame(text, decoder.message, expected, venue.naive);
    if (i % 7 === 0) {
      assert.is(decoder.decodeAnyOrder(block, 0, length), DECODE.OK);
      assertSame(text, decoder.message, expected, venue.naive);
    }
    return expected!;
  });
}

for (const { venue, names, frames, shared, before: held } of CAPTURES) {
  test(`${names.join(' + ')}: every frame decodes as JSON.parse says, ticker equals book at every shared update id, book equals the naive twin`, async () => {
    const files = paths(names);
    if (files === undefined) return;
    const { instruments, baseEpochNs } = await discoverInstruments(files);
    const messages = decodeAll(venue, files, instruments);
    const twin = new NaiveTwin(messages, venue.naive);
    const topAfter = new Map<number, Top>();
    let applied = 0;
    const onApplied = (id: number, _book: BookView, event: Float64Array): void => {
      const updateId = event[APPLIED_EVENT.UPDATE_ID]!;
      const book = feed.book(id);
      assert.is(twin.step(), updateId);
      const top: Top = [book.bidTicks, book.bidLots, book.askTicks, book.askLots];
      if (++applied % WHOLE_EVERY === 0) twin.assertEquals(book);
      if (applied % TOP_EVERY === 0) assert.equal(top, twin.top());
      topAfter.set(updateId, top);
    };
    const views = ringViews(new SharedArrayBuffer(ringBytes(4_096)), 0, 4_096);
    const consumer = new RingConsumer(views);
    const clock = new ManualClock();
    const feed: L2Feed = venue.createFeed({
      instruments,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock,
      baseEpochNs,
      room: { waitForRoom: () => consumer.release(consumer.poll(4_096)) },
      listener: { onApplied },
    });
    await new FileTransport({ files, clock, baseEpochNs }).run(feed);
    const counters = feed.counters.snapshot();
    assert.equal([feed.frames, feed.state(0)], [frames, BOOK_STATE.LIVE]);
    assert.equal([counters['book_gaps'], counters['books_stale'], counters['rejected_frames'], counters['bbo_mismatch']], [0, 0, 0, 0]);
    assert.equal([counters['books_synced'], counters['snapshots_refused']], [1, 0]);
    assert.is(counters['depth_applied'], applied);
    twin.assertEquals(feed.book(0));
    const { before, after } = compareTickers(messages, topAfter);
    assert.equal([before, counters['depth_before_snapshot']], [shared, held]);
    assert.ok(counters['bbo_checked']! > 0 && counters['bbo_checked']! <= before + after);
    process.stdout.write(`${names.join(' + ')}: ${before + after} shared update ids, ${applied} events applied, all equal\n`);
  });
}

/** Compares every ticker whose id is also a depth event's; counts those where the depth event came second and first. */
function compareTickers(messages: readonly NaiveMessage[], topAfter: ReadonlyMap<number, Top>): { before: number; after: number } {
  let before = 0;
  let after = 0;
  const passed = new Set<number>();
  for (const message of messages) {
    if (message.kind === 'depth') passed.add(message.last);
    if (message.kind !== 'ticker') continue;
    const top = topAfter.get(message.last);
    if (top === undefined) continue;
    assert.equal(top, [...message.bid, ...message.ask]);
    if (passed.has(message.last)) after++;
    else before++;
  }
  return { before, after };
}

test('the book dump of a capture equals lines formatted from the naive twin', async () => {
  const files = paths(['usdm_btcusdt_20240808.gz']);
  if (files === undefined) return;
  let text = '';
  const result = await dumpBook({ files, format: 'binance-usdm', depth: 5, every: 'event', out: 'csv', write: (piece) => (text += piece) });
  const hash = await dumpBook({ files, format: 'binance-usdm', depth: 5, every: 'message', out: 'hash', write: () => {} });
  assert.is(hash.sha256, result.sha256);
  const lines = text.trimEnd().split('\n');
  assert.is(lines.length, result.lines);
  const { instruments } = await discoverInstruments(files);
  const messages = linesOf(files).map((line) => naiveDecode(line.slice(20), instruments)!);
  const twin = new NaiveTwin(messages, 'futures');
  lines.forEach((line, i) => {
    twin.step();
    if (i % 50 !== 0) return;
    const columns = line.split(',');
    assert.is(columns.length, 3 + 4 * 5);
    const expected = [...Array(5).keys()].flatMap((level) =>
      [SIDE.BUY, SIDE.SELL].flatMap((side) => {
        const [price, qty] = twin.book.sorted(side)[level]!;
        return [`${(price * 10) / 100}`, `${qty / 1000}`];
      }),
    );
    assert.equal(
      columns.slice(3).map((column) => `${Number(column)}`),
      expected,
    );
  });
});

test.run();
