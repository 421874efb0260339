import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import type { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { SniffingFramer } from '../../src/feed/transport/sniffing-framer.ts';
import { KrakenDecoder } from '../../src/feed/venue/kraken/decode.hot.ts';
import { discoverKraken } from '../../src/feed/venue/kraken/discover.ts';
import { createKrakenFeed } from '../../src/feed/venue/kraken/feed.ts';
import { naiveChecksum } from '../reference/naive-checksums.ts';
import { naiveKraken } from '../reference/naive-kraken.ts';
import { tarTexts } from '../support/archives.ts';
import { dataFile } from '../support/data.ts';
import { BTC_USD } from '../support/kraken-frames.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';

/** Callback counts that the cryptofeed project publishes for these recordings, and the checksums in them. */
const L2_CALLBACKS = 4_279;
const TICKER_CALLBACKS = 18;
const TRADE_CALLBACKS = 10;
const CHECKSUMS = 4_269;
const PAIRS = 10;
const DEPTH = 1_000;

function recordings(): string[] | undefined {
  const found = ['48', '49', '50'].map((number) => dataFile(`cryptofeed/KRAKEN.ws.${number}.0.gz`));
  return found.every((path) => path !== undefined) ? found : undefined;
}

function framesOf(file: string): string[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.map((line) => /^\d+(?:\.\d+)?: (.*)$/.exec(line)?.[1] ?? '').filter((frame) => frame !== '');
}

type Payload = Readonly<Record<'as' | 'bs' | 'a' | 'b', [price: string, qty: string][] | undefined>> & { readonly c?: string };

/** A book of the recording's own text, price to quantity, and the checksum over that text. */
class TextBook {
  readonly sides = { b: new Map<string, string>(), a: new Map<string, string>() };

  apply(payloads: readonly Payload[]): void {
    for (const one of payloads) {
      for (const [side, levels] of [
        ['b', one.bs ?? one.b ?? []],
        ['a', one.as ?? one.a ?? []],
      ] as const) {
        for (const [price, qty] of levels) {
          if (/[1-9]/.test(qty)) this.sides[side].set(price, qty);
          else this.sides[side].delete(price);
        }
      }
    }
    for (const side of ['b', 'a'] as const) for (const [price] of this.sorted(side).slice(DEPTH)) this.sides[side].delete(price);
  }

  sorted(side: 'b' | 'a'): [price: string, qty: string][] {
    return [...this.sides[side]].sort(([a], [b]) => (side === 'b' ? Number(b) - Number(a) : Number(a) - Number(b)));
  }

  checksum(): number {
    const levels = [...this.sorted('a').slice(0, 10), ...this.sorted('b').slice(0, 10)];
    return naiveChecksum(
      levels.map(([price, qty]) => [price, qty].map((text) => text.replace('.', '').replace(/^0+/, '')).join('')).join(''),
    );
  }
}

test('the recordings: counts, 4,269 of 4,269 checksums, every book equal to one of the recorded text', async () => {
  const files = recordings();
  if (files === undefined) return;
  const { instruments, baseEpochNs } = await discoverKraken(files);
  assert.is(instruments.length, PAIRS);
  const clock = new ManualClock();
  const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
  const consumer = new RingConsumer(views);
  const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
  const feed = createKrakenFeed({ instruments, ring: new RingProducer(views), counters: ownFeedCounters(), clock, baseEpochNs, room });
  await new FileTransport({ files, clock, baseEpochNs, framer: new SniffingFramer() }).run(feed);
  const counters = feed.counters.snapshot();
  assert.equal(
    [counters['depth_messages']! + counters['snapshot_messages']!, counters['ticker_messages'], counters['trade_messages']],
    [L2_CALLBACKS, TICKER_CALLBACKS, TRADE_CALLBACKS],
  );
  // Each applied change was compared with its checksum: one that differs would have made its book STALE.
  assert.equal([counters['depth_messages'], counters['depth_applied']], [CHECKSUMS, L2_CALLBACKS]);
  const none = ['books_stale', 'book_gaps', 'rejected_frames', 'snapshots_refused', 'unknown_symbol', 'bbo_checked'];
  assert.equal(
    none.map((name) => counters[name]),
    none.map(() => 0),
  );
  const books = textBooks(framesOf(files[2]!));
  for (const { id, symbol, priceDecimals, qtyDecimals, tickUnits } of instruments) {
    assert.is(feed.state(id), BOOK_STATE.LIVE);
    const text = books.get(symbol)!;
    for (const [side, which] of [
      [SIDE.BUY, 'b'],
      [SIDE.SELL, 'a'],
    ] as const) {
      const expected = text
        .sorted(which)
        .map(([price, qty]) => [units(price, priceDecimals) / BigInt(tickUnits), units(qty, qtyDecimals)])
        .filter(([ticks]) => ticks! <= 2147483647n)
        .map(([ticks, lots]) => `${ticks} ${lots}`);
      assert.equal(levelsOf(feed.book(id), side), expected, symbol);
    }
  }
  assert.is(counters['levels_beyond_grid'], 3);
});

/** Books at the end of the recording; every checksum in it is right for the recorded text. */
function textBooks(frames: readonly string[]): Map<string, TextBook> {
  const books = new Map<string, TextBook>();
  let right = 0;
  for (const frame of frames) {
    const items = JSON.parse(frame) as unknown[];
    if (!Array.isArray(items)) continue;
    const pair = items.at(-1) as string;
    const book = books.get(pair) ?? new TextBook();
    books.set(pair, book);
    const payloads = items.slice(1, -2) as Payload[];
    book.apply(payloads);
    const checksum = payloads.at(-1)!.c;
    if (checksum === undefined) continue;
    assert.is(`${book.checksum()}`, checksum);
    right++;
  }
  assert.is(right, CHECKSUMS);
  return books;
}

function units(text: string, decimals: number): bigint {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
}

function levelsOf(book: L2Book, side: number): string[] {
  return Array.from({ length: book.levels(side) }, (_, i) => `${book.priceAt(side, i)} ${book.qtyAt(side, i)}`);
}

test('every frame of the recordings decodes as the naive decoder says', async () => {
  const files = recordings();
  if (files === undefined) return;
  const { instruments } = await discoverKraken(files);
  const decoder = new KrakenDecoder(instruments);
  for (const frame of files.flatMap(framesOf)) {
    const bytes = new TextEncoder().encode(frame);
    assert.equal(resultsOf(decodeAll(decoder, bytes, 0, bytes.length)), naiveKraken(frame, instruments));
  }
});

test('a wrong checksum anywhere takes exactly its book', async () => {
  const files = recordings();
  if (files === undefined) return;
  const { instruments } = await discoverKraken(files);
  const frames = framesOf(files[2]!);
  const changes = frames.flatMap((frame, i) => (frame.includes('"c":"') ? [i] : []));
  for (const at of [0, 17, 400, 2_000, CHECKSUMS - 1].map((n) => changes[n]!)) {
    const views = ringViews(new SharedArrayBuffer(ringBytes(16_384)), 0, 16_384);
    const consumer = new RingConsumer(views);
    const room = { waitForRoom: () => consumer.release(consumer.poll(16_384)) };
    const options = { instruments, ring: new RingProducer(views), counters: ownFeedCounters(), clock: new ManualClock(), baseEpochNs: 0n };
    const feed = createKrakenFeed({ ...options, room });
    feed.onConnection(2, 0);
    frames.slice(0, at + 1).forEach((frame, i) => {
      const text = i === at ? frame.replace(/"c":"\d/, '"c":"5') : frame;
      const bytes = new TextEncoder().encode(text === frame && i === at ? frame.replace(/"c":"\d/, '"c":"6') : text);
      feed.onFrame(bytes, 0, bytes.length, new Float64Array(3));
    });
    const symbol = (JSON.parse(frames[at]!) as unknown[]).at(-1);
    const lost = instruments.filter((one) => feed.state(one.id) !== BOOK_STATE.LIVE);
    assert.equal(
      lost.map((one) => one.symbol),
      [symbol],
    );
  }
});

test('the book dump names one of the pairs and repeats the text of the source', async () => {
  const files = recordings();
  if (files === undefined) return;
  let text = '';
  const result = await dumpBook({
    files: [files[2]!],
    format: 'kraken',
    depth: 10,
    every: 'event',
    out: 'csv',
    symbol: 'XMR/USD',
    write: (piece) => (text += piece),
  });
  const last = text.trimEnd().split('\n').at(-1)!.split(',');
  const book = textBooks(framesOf(files[2]!)).get('XMR/USD')!;
  const expected = [...Array(10).keys()].flatMap((i) => [...book.sorted('b')[i]!, ...book.sorted('a')[i]!]);
  assert.equal(last.slice(3), expected);
  assert.is(result.lines, 847);
});

test('the samples of the second API decode as the naive decoder says', () => {
  const archive = dataFile('nautilus/adapter_test_data.tar.gz');
  if (archive === undefined) return;
  const instruments = [{ ...BTC_USD, priceDecimals: 2 }];
  const decoder = new KrakenDecoder(instruments);
  const kinds: string[] = [];
  for (const [name, content] of tarTexts(archive)) {
    if (!/adapters\/kraken\/test_data\/ws_(?!futures)/.test(name)) continue;
    const bytes = new TextEncoder().encode(content);
    const found = resultsOf(decodeAll(decoder, bytes, 0, bytes.length));
    assert.equal(found, naiveKraken(content, instruments), name);
    kinds.push(...found.map((one) => (typeof one === 'string' ? one : one.kind)));
  }
  assert.equal([...new Set(kinds)].sort(), ['depth', 'other', 'snapshot', 'ticker', 'trade']);
});

test.run();
