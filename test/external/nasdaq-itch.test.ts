import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import type { BookView } from '../../src/feed/book/book-view.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../src/feed/feed.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { FRAMER_MORE } from '../../src/feed/transport/framer.ts';
import { PcapFramer } from '../../src/feed/transport/pcap.ts';
import { BinaryFileFramer } from '../../src/feed/venue/nasdaq-itch/binary-file.ts';
import { discoverItch } from '../../src/feed/venue/nasdaq-itch/discover.ts';
import { ItchFeed } from '../../src/feed/venue/nasdaq-itch/feed.hot.ts';
import { ITCH_LAYOUTS } from '../../src/feed/venue/nasdaq-itch/layout.ts';
import { MoldItchFeed } from '../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { naiveItch, naiveLength } from '../reference/naive-itch.ts';
import { NaiveL3Book } from '../reference/naive-l3-book.ts';
import { dataFile } from '../support/data.ts';
import { stock } from '../support/itch-rig.ts';
import { filesOfTar } from '../support/tar.ts';

const ITCH_FILE = 'itch/ex20101224.TEST_ITCH_50.gz';
const COUNTS = { S: 6, R: 3, H: 3, A: 4997, F: 3, E: 198, X: 45, D: 1745, U: 12, P: 5000 };
/** Messages of that file that name an order which was never added; its author simulated them. */
const UNKNOWN_ORDERS = 117;

function feedOf<F extends Feed>(create: (options: FeedOptions) => F, options: Pick<FeedOptions, 'instruments'> & Partial<FeedOptions>): F {
  const views = ringViews(new SharedArrayBuffer(ringBytes(4_096)), 0, 4_096);
  const consumer = new RingConsumer(views);
  return create({
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock: new ManualClock(),
    baseEpochNs: 0n,
    room: { waitForRoom: () => consumer.release(consumer.poll(4_096)) },
    ...options,
  });
}

/** Messages by type. */
function typesOf(feed: Feed): Record<string, number> {
  const counters = feed.counters.snapshot();
  return Object.fromEntries(
    ITCH_LAYOUTS.map(({ type, name }) => [type, counters[`itch_${name}`]!]).filter(([, count]) => (count as number) > 0),
  );
}

test('the file whose lengths are all zero gives its messages, and books equal to naive ones after each', async () => {
  const file = dataFile(ITCH_FILE);
  if (file === undefined) return;
  const { instruments, baseEpochNs } = await discoverItch([file]);
  assert.equal(
    instruments.map((one) => one.symbol),
    ['ALC', 'BOB', 'CHAR'],
  );
  const naive = instruments.map(() => new NaiveL3Book(1_000_000, 1_000_000));
  const messages = messagesOf(gunzipSync(readFileSync(file)));
  let next = 0;
  let refused = 0;
  let checked = 0;
  const onApplied = (id: number, book: BookView): void => {
    // The naive books follow, message by message, up to the one that was applied.
    for (let applied = false; !applied; ) {
      const status = applyNaive(naive, messages[next++]!);
      if (status !== undefined && status < 0) refused++;
      applied = status === 0;
    }
    if (++checked % 10 !== 0) return;
    for (const side of [SIDE.BUY, SIDE.SELL]) {
      const expected = naive[id]!.levels(side);
      assert.is(book.levels(side), expected.length);
      const found = expected.map((_, i) => [book.priceAt(side, i), book.qtyAt(side, i)]);
      assert.is(JSON.stringify(found), JSON.stringify(expected.map((level) => [level.price, level.qty])));
    }
  };
  const feed = feedOf((options) => new ItchFeed(options), { instruments, baseEpochNs, listener: { onApplied } });
  await new FileTransport({ files: [file], framer: new BinaryFileFramer(), clock: new ManualClock(), baseEpochNs }).run(feed);
  assert.equal(typesOf(feed), COUNTS);
  assert.equal([feed.frames, feed.counters.snapshot()['rejected_frames']], [12_012, 0]);
  assert.equal([feed.counters.snapshot()['orders_unknown'], refused], [UNKNOWN_ORDERS, UNKNOWN_ORDERS]);
  instruments.forEach((one) => assert.is(feed.state(one.id), BOOK_STATE.STALE));
  assert.equal(
    instruments.map((one) => feed.book(one.id).levels(SIDE.BUY) > 0 && (feed as ItchFeed).book(one.id).orders),
    naive.map((book) => book.orders.size),
  );
});

function messagesOf(bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = naiveLength(String.fromCharCode(bytes[at + 2]!));
    messages.push(bytes.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return messages;
}

/** What a message did to the naive book of its stock; undefined when it is not of an order. */
function applyNaive(books: readonly NaiveL3Book[], bytes: Uint8Array): number | undefined {
  const message = naiveItch(bytes);
  if (typeof message === 'string' || !'AFEXDU'.includes(message.type)) return undefined;
  const book = books[message.locate - 1]!;
  const field = (name: string): number => Number(message.fields.get(name));
  const ref = `${message.fields.get('ref')}`;
  if (message.type === 'D') return book.delete(ref);
  if (message.type === 'U') return book.replace(ref, `${message.fields.get('newRef')}`, field('price'), field('shares'));
  if (message.type === 'E' || message.type === 'X') return book.reduce(ref, field('shares'));
  return book.add(ref, message.fields.get('side') === 'B' ? SIDE.BUY : SIDE.SELL, field('price'), field('shares'));
}

/** Datagrams of a capture. */
function datagramsOf(capture: Uint8Array): Uint8Array[] {
  const framer = new PcapFramer();
  framer.begin('capture');
  const found: Uint8Array[] = [];
  for (let at = 0; at < capture.length; ) {
    const next = framer.last(capture, at, capture.length);
    assert.is.not(next, FRAMER_MORE);
    if (framer.end > framer.start) found.push(capture.subarray(framer.start, framer.end));
    at = next;
  }
  return found;
}

test('every TotalView packet of the capture set decodes to its last byte, as the naive decoder says', () => {
  const archive = dataFile('pcap/omi-data-packets.tar.gz');
  if (archive === undefined) return;
  const captures = filesOfTar(gunzipSync(readFileSync(archive))).filter(({ name }) => /\.TotalView\.Itch\.v5\.0.*\.pcap$/.test(name));
  assert.is(captures.length, 49);
  const total: Record<string, number> = {};
  let packets = 0;
  let largest = 0;
  for (const { name, bytes } of captures) {
    const feed = feedOf((options) => new MoldItchFeed(options), {
      instruments: [stock(0, 'AMZU')],
      baseEpochNs: 1_692_700_000_000_000_000n,
    });
    feed.onConnection(2, 0);
    const datagrams = datagramsOf(bytes);
    assert.ok(datagrams.length > 0, name);
    const times = new Float64Array(3);
    for (const datagram of datagrams) {
      feed.onFrame(datagram, 0, datagram.length, times);
      packets++;
      const count = (datagram[18]! << 8) | datagram[19]!;
      largest = Math.max(largest, count === 0xffff ? 0 : count);
      let at = 20;
      for (let i = 0; i < count; i++) {
        const length = (datagram[at]! << 8) | datagram[at + 1]!;
        assert.type(naiveItch(datagram.subarray(at + 2, at + 2 + length)), 'object', `${name} message ${i}`);
        at += 2 + length;
      }
      assert.is(at, datagram.length, name);
    }
    assert.is(feed.counters.snapshot()['rejected_frames'], 0, name);
    for (const [type, count] of Object.entries(typesOf(feed))) total[type] = (total[type] ?? 0) + count;
  }
  assert.is(largest, 38);
  assert.is(Object.keys(total).length, 16, 'types of the specification that are in the set');
  process.stdout.write(`${captures.length} captures, ${packets} packets, ${JSON.stringify(total)}\n`);
});

test.run();
