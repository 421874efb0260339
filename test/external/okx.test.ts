import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { SniffingFramer } from '../../src/feed/transport/sniffing-framer.ts';
import { OkxDecoder } from '../../src/feed/venue/okx/decode.hot.ts';
import { discoverOkx } from '../../src/feed/venue/okx/discover.ts';
import { createOkxFeed } from '../../src/feed/venue/okx/feed.ts';
import { OKX_BOOKS } from '../../src/feed/venue/okx/modes.ts';
import { naiveChecksum } from '../reference/naive-checksums.ts';
import { naiveOkx } from '../reference/naive-okx.ts';
import { tarTexts } from '../support/archives.ts';
import { dataFile } from '../support/data.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';
import { BTC_USDT } from '../support/okx-frames.ts';

/** Callback counts that the cryptofeed project publishes for this recording; every book message carries a checksum. */
const L2_CALLBACKS = 290;
const TICKER_CALLBACKS = 28;
const TRADE_CALLBACKS = 74;
const LEVELS = 25;
const VENUE_DEPTH = 400;

const recording = (): string | undefined => dataFile('cryptofeed/OKX.ws.1.0.gz');

function framesOf(file: string): string[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.map((line) => /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1] ?? '').filter((frame) => frame !== '');
}

interface BookMessage {
  readonly arg: { readonly channel: string; readonly instId: string };
  readonly action: string;
  readonly data: readonly { bids: [string, string][]; asks: [string, string][]; checksum: number }[];
}

/** Books of the recorded text at its end, price to quantity; every checksum is right for that text. */
function textBooks(frames: readonly string[]): Map<string, { bids: [string, string][]; asks: [string, string][] }> {
  const books = new Map<string, [bids: Map<string, string>, asks: Map<string, string>]>();
  const sorted = (symbol: string): { bids: [string, string][]; asks: [string, string][] } => {
    const [bids, asks] = books.get(symbol)!;
    return {
      bids: [...bids].sort(([a], [b]) => Number(b) - Number(a)),
      asks: [...asks].sort(([a], [b]) => Number(a) - Number(b)),
    };
  };
  let right = 0;
  for (const frame of frames) {
    const { arg, action, data } = JSON.parse(frame) as BookMessage;
    if (arg?.channel !== 'books' || data === undefined) continue;
    if (action === 'snapshot') books.set(arg.instId, [new Map(), new Map()]);
    const [bids, asks] = books.get(arg.instId)!;
    const change = data[0]!;
    for (const [side, levels] of [
      [bids, change.bids],
      [asks, change.asks],
    ] as const)
      for (const [price, qty] of levels) qty === '0' ? side.delete(price) : side.set(price, qty);
    const top = sorted(arg.instId);
    const parts = [...Array(LEVELS).keys()].flatMap((i) => [...(top.bids[i] ?? []), ...(top.asks[i] ?? [])]);
    assert.is(naiveChecksum(parts.join(':')) | 0, change.checksum);
    right++;
  }
  assert.is(right, L2_CALLBACKS);
  return new Map([...books.keys()].map((symbol) => [symbol, sorted(symbol)]));
}

test('the recording: counts, 290 of 290 checksums, every book equal to one of the recorded text', async () => {
  const file = recording();
  if (file === undefined) return;
  const { instruments, baseEpochNs } = await discoverOkx([file]);
  const clock = new ManualClock();
  const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
  const consumer = new RingConsumer(views);
  const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
  const feed = createOkxFeed({ instruments, ring: new RingProducer(views), counters: ownFeedCounters(), clock, baseEpochNs, room });
  await new FileTransport({ files: [file], clock, baseEpochNs, framer: new SniffingFramer() }).run(feed);
  const counters = feed.counters.snapshot();
  assert.equal(
    [counters['depth_messages']! + counters['snapshot_messages']!, counters['ticker_messages'], counters['trade_messages']],
    [L2_CALLBACKS, TICKER_CALLBACKS, TRADE_CALLBACKS],
  );
  // Each applied message was compared with its checksum: one that differs would have made its book STALE.
  assert.is(counters['depth_applied'], L2_CALLBACKS);
  const none = ['books_stale', 'book_gaps', 'rejected_frames', 'snapshots_refused', 'unknown_symbol', 'levels_beyond_grid'];
  assert.equal(
    none.map((name) => counters[name]),
    none.map(() => 0),
  );
  const books = textBooks(framesOf(file));
  for (const { id, symbol, priceDecimals, qtyDecimals } of instruments) {
    assert.is(feed.state(id), BOOK_STATE.LIVE);
    const book = feed.book(id);
    for (const [side, levels] of [
      [SIDE.BUY, books.get(symbol)!.bids],
      [SIDE.SELL, books.get(symbol)!.asks],
    ] as const) {
      assert.ok(levels.length <= VENUE_DEPTH, 'the venue removes what leaves its depth');
      const expected = levels.map(([price, qty]) => `${units(price, priceDecimals)} ${units(qty, qtyDecimals)}`);
      const found = Array.from({ length: book.levels(side) }, (_, i) => `${book.priceAt(side, i)} ${book.qtyAt(side, i)}`);
      assert.equal(found, expected, symbol);
    }
  }
});

function units(text: string, decimals: number): bigint {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
}

test('every frame of the recording decodes as the naive decoder says', async () => {
  const file = recording();
  if (file === undefined) return;
  const { instruments } = await discoverOkx([file]);
  const decoder = new OkxDecoder(instruments, 'books');
  for (const frame of framesOf(file)) {
    const bytes = new TextEncoder().encode(frame);
    assert.equal(resultsOf(decodeAll(decoder, bytes, 0, bytes.length, true)), naiveOkx('books')(frame, instruments));
  }
});

test('the book dump writes one line for each message of its instrument', async () => {
  const file = recording();
  if (file === undefined) return;
  let text = '';
  const write = (piece: string): void => {
    text += piece;
  };
  const result = await dumpBook({ files: [file], format: 'okx', depth: 5, every: 'event', out: 'csv', symbol: 'BTC-USDT', write });
  const expected = framesOf(file).filter((frame) => frame.includes('"channel":"books","instId":"BTC-USDT"},"action"')).length;
  assert.is(result.lines, expected);
  const { bids, asks } = textBooks(framesOf(file)).get('BTC-USDT')!;
  const last = text.trimEnd().split('\n').at(-1)!.split(',').slice(3).map(Number);
  assert.equal(
    last,
    [...Array(5).keys()].flatMap((i) => [...bids[i]!, ...asks[i]!].map(Number)),
  );
});

test('the samples of the adapter decode as the naive decoder says, for every kind of book', () => {
  const archive = dataFile('nautilus/adapter_test_data.tar.gz');
  if (archive === undefined) return;
  const instruments = [
    { ...BTC_USDT, priceDecimals: 2 },
    { ...BTC_USDT, id: 1, symbol: 'BTC-USD' },
  ];
  const texts = [...tarTexts(archive)].filter(([name]) => /adapters\/okx\/test_data\/ws_(?!sprd)/.test(name));
  const kinds = new Set<string>();
  for (const books of OKX_BOOKS) {
    const decoder = new OkxDecoder(instruments, books);
    for (const [name, content] of texts) {
      // Some files hold several frames as an array.
      const frame: unknown = JSON.parse(content);
      for (const one of Array.isArray(frame) ? frame.map((each) => JSON.stringify(each)) : [content]) {
        const bytes = new TextEncoder().encode(one);
        const found = resultsOf(decodeAll(decoder, bytes, 0, bytes.length, true));
        assert.equal(found, naiveOkx(books)(one, instruments), name);
        for (const result of found) kinds.add(typeof result === 'string' ? result : result.kind);
      }
    }
  }
  assert.equal([...kinds].sort(), ['depth', 'other', 'snapshot', 'ticker', 'trade']);
});

test.run();
