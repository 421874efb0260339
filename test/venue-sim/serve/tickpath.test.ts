import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instrumentFromText } from '../../../src/core/instrument.ts';
import { FEED_CLIENT_BYTES_MAX } from '../../../src/core/limits.ts';
import { CONNECTION, FRAME_TIMES } from '../../../src/core/ports.ts';
import { BOOK_STATE } from '../../../src/core/records/market.ts';
import { nodeDisk } from '../../../src/feed/segment/disk.ts';
import { createUsdmFeed } from '../../../src/feed/venue/binance-usdm/feed.ts';
import { FEED_MESSAGE } from '../../../src/feed/venue/tickpath/protocol.ts';
import type { ServedClient } from '../../../src/venue-sim/serve/served-venue.ts';
import { ServedTickpath } from '../../../src/venue-sim/serve/tickpath.ts';
import { BTC, depthText, snapshotText, type TextLevel, tradeText } from '../../support/binance-frames.ts';
import { CliRig } from '../../support/cli.ts';
import { MADE_KRAKEN_V2, MADE_OKX, MadeFolder } from '../../support/made-recordings.ts';
import { openRecording } from '../../support/recording-rig.ts';
import { bestOf, booksOf, booksOfFile, ServeRig } from '../../support/serve-rig.ts';

const test = suite("Tickpath's feed protocol");
const folder = new MadeFolder();
const session = new CliRig(4_000);
test.after(() => {
  folder.remove();
  session.remove();
});

const RECORDINGS = [
  { format: 'kraken', file: folder.write('kraken', MADE_KRAKEN_V2, 600) },
  { format: 'okx', file: folder.write('okx', MADE_OKX, 600) },
  { format: 'binance-usdm', file: session.capture },
] as const;
const OWN = { protocol: 'tickpath', venue: 'tickpath' } as const;

for (const { format, file } of RECORDINGS) {
  test(`a client of a served recording of ${format} has its books`, async () => {
    await ServeRig.use({ ...OWN, files: [file], format }, async (rig) => {
      assert.equal(await rig.finish(), await booksOfFile([file], format));
      const counters = rig.feed.counters.snapshot();
      assert.is(counters['rejected_frames'], 0);
      assert.is(counters['book_gaps'], 0);
    });
  });

  test(`a client of ${format} that reads five levels has the best five`, async () => {
    await ServeRig.use({ ...OWN, files: [file], format, settings: { depth: 5 } }, async (rig) => {
      const whole = await booksOfFile([file], format);
      assert.equal([...(await rig.finish())], bestOf(whole, 5));
      assert.is(rig.feed.counters.snapshot()['book_gaps'], 0);
    });
  });
}

test('a change that is lost is seen at the next one, and the book begins anew with a snapshot', async () => {
  const [{ file, format }] = RECORDINGS;
  let deltas = 0;
  const loses = (bytes: Uint8Array): boolean => bytes[1] === FEED_MESSAGE.DELTA && [50, 51, 200].includes(++deltas);
  await ServeRig.use({ ...OWN, files: [file], format, loses }, async (rig) => {
    assert.equal(await rig.finish(), await booksOfFile([file], format));
    const counters = rig.feed.counters.snapshot();
    assert.ok(counters['book_gaps']! >= 2, `${counters['book_gaps']} gaps`);
    assert.is(counters['rejected_frames'], 0);
  });
});

test('a last change that is lost is seen at the heartbeat', async () => {
  const [, , { file, format }] = RECORDINGS;
  let last = false;
  const loses = (bytes: Uint8Array): boolean => last && bytes[1] === FEED_MESSAGE.DELTA;
  await ServeRig.use({ ...OWN, files: [file], format, loses, pauseAt: 2_000 }, async (rig) => {
    await rig.until(() => rig.feed.state(0) === BOOK_STATE.LIVE);
    last = true;
    rig.play();
    await rig.server.ended;
    const synced = rig.feed.counters.snapshot()['books_synced']!;
    rig.server.venue.onBeat!();
    await rig.until(() => rig.feed.counters.snapshot()['books_synced'] === synced + 1);
    assert.equal(booksOf(rig.feed), await booksOfFile([file], format));
  });
});

test('a connection that is lost is made again, with the same books in the end', async () => {
  const [, { file, format }] = RECORDINGS;
  await ServeRig.use({ ...OWN, files: [file], format, pauseAt: 200 }, async (rig) => {
    await rig.sync();
    rig.server.disconnect(1001, 'away');
    await rig.until(() => rig.events.filter((one) => one === CONNECTION.CONNECTED).length === 2);
    assert.equal(await rig.finish(), await booksOfFile([file], format));
    assert.is(rig.feed.counters.snapshot()['rejected_frames'], 0);
  });
});

test('an instrument that the client has with another tick is refused', async () => {
  const [{ file, format }] = RECORDINGS;
  await ServeRig.use({ ...OWN, files: [file], format, symbols: ['XBT/EUR', 'ETH/EUR'] }, async (rig) => {
    await rig.until(() => rig.texts.some((text) => text.includes('unknown_symbol')));
    assert.ok(rig.troubles.some((text) => text.includes('unknown_symbol')));
  });
});

/** A recording by Tickpath itself: the session, a lost connection in its middle, the session again. */
async function recordSession(): Promise<string[]> {
  const lines = session.lines.slice(0, 2_500);
  const instruments = [instrumentFromText(0, { symbol: 'TPXUSDT', tickSize: '0.10', lotSize: '0.001' })];
  const writer = openRecording(nodeDisk, { folder: folder.path, instruments });
  let timeNs = 0;
  const next = (): number => {
    timeNs += 1_000_000;
    return timeNs;
  };
  for (const part of [lines.slice(0, 1_500), lines]) {
    writer.connectionChanged(CONNECTION.CONNECTED, next(), '');
    for (const line of part) {
      const bytes = new TextEncoder().encode(line.slice(20));
      writer.frame(bytes, 0, bytes.length, next());
    }
    if (part !== lines) writer.connectionChanged(CONNECTION.DISCONNECTED, next(), 'gone');
  }
  await writer.close(timeNs);
  return readdirSync(folder.path)
    .filter((name) => name.endsWith('.tpr'))
    .map((name) => join(folder.path, name));
}
const recordedSession = await recordSession();

test('a connection that the recorder lost is a book that a client gives up, and has again', async () => {
  await ServeRig.use({ ...OWN, files: recordedSession, format: 'tickpath' }, async (rig) => {
    assert.equal(await rig.finish(), await booksOfFile(recordedSession, 'tickpath'));
    const counters = rig.feed.counters.snapshot();
    assert.is(counters['rejected_frames'], 0);
    assert.ok(counters['book_gaps']! >= 1 && counters['books_synced']! >= 2, `${counters['book_gaps']} gaps`);
  });
});

test('a recording by Tickpath is served in the protocol of the venue that it records', async () => {
  const files = recordedSession;
  await ServeRig.use({ files, format: 'tickpath', venue: 'binance-usdm', pauseAt: 800 }, async (rig) => {
    await rig.until(() => [BOOK_STATE.SYNCING, BOOK_STATE.LIVE].includes(rig.feed.state(0) as 3 | 4));
    rig.play();
    await rig.until(() => rig.feed.state(0) === BOOK_STATE.LIVE);
    assert.is(rig.feed.counters.snapshot()['rejected_frames'], 0);
  });
});

/** A client as the server sees it. */
class FakeClient implements ServedClient {
  readonly url = new URL('ws://127.0.0.1/feed');
  reads = false;
  waitingBytes = 0;
  closed: string | undefined;
  readonly got: unknown[] = [];

  send(data: string | Uint8Array): void {
    this.got.push(decode(data as Uint8Array, { useBigInt64: true }));
  }

  close(code: number, reason: string): void {
    this.closed = `${code} ${reason}`;
  }

  /** What came since the last call. */
  take(): unknown[] {
    return this.got
      .splice(0)
      .map((one) => JSON.parse(JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? Number(value) : value))) as unknown);
  }
}

const notes: string[] = [];
function serve(): { served: ServedTickpath; frame: (text: string) => void } {
  const served = new ServedTickpath(
    { instruments: [BTC], others: false, baseEpochNs: 0n, head: [], note: (text) => void notes.push(text) },
    createUsdmFeed,
  );
  served.onConnection(CONNECTION.CONNECTED, 0);
  let timeNs = 0;
  const frame = (text: string): void => {
    const bytes = new TextEncoder().encode(text);
    timeNs += 1_000_000;
    served.onFrame(bytes, 0, bytes.length, new Float64Array(FRAME_TIMES).fill(timeNs));
  };
  return { served, frame };
}

const MS = 1_700_000_000_000;
const depth = (last: number, bids: TextLevel[], asks: TextLevel[]): string =>
  depthText({ previous: last - 1, first: last, last, bids, asks, timeMs: MS + last });

function connect(served: ServedTickpath, ...requests: unknown[]): FakeClient {
  const client = new FakeClient();
  served.onConnect(client);
  for (const request of requests) served.onBytes(client, encode(request));
  return client;
}
const HELLO = { op: 'hello', versions: [7, 1], client: 'test' };

test('a conversation: welcome, definition, state, snapshot, changes, trades, resync, end', () => {
  const { served, frame } = serve();
  const client = connect(served, HELLO, { op: 'subscribe', symbols: [BTC.symbol, 'NONE'], depth: 0 });
  assert.equal(client.take(), [
    {
      op: 'welcome',
      version: 1,
      server: 'tickpath',
      heartbeat_ms: 1_000,
      depths: [0, 1, 5, 10, 20, 50, 100, 500, 1_000],
      symbols: ['BTCUSDT'],
    },
    { op: 'error', code: 'unknown_symbol', message: 'no symbol NONE', symbol: 'NONE' },
    { op: 'subscribed', symbols: ['BTCUSDT'], depth: 0 },
    [0, 'BTCUSDT', 2, 10, 3, 1, 1],
    [4, 'BTCUSDT', 0, 0, BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT, 1],
  ]);
  assert.is(client.reads, true);
  frame(
    snapshotText(
      100,
      [
        ['100.00', '1.000'],
        ['99.90', '2.000'],
      ],
      [['100.10', '3.000']],
    ),
  );
  frame(depth(101, [['100.00', '1.500']], [['100.20', '4.000']]));
  const began = client.take() as unknown[][];
  const snapshot = began.find((one) => one[0] === FEED_MESSAGE.SNAPSHOT)!;
  assert.equal(
    [...snapshot.slice(0, 3), ...snapshot.slice(4)],
    [1, 'BTCUSDT', 0, [1_000, 1_500, 999, 2_000], [1_001, 3_000, 1_002, 4_000]],
  );
  assert.equal([began.at(-1)![0], began.at(-1)![4]], [FEED_MESSAGE.STATE, BOOK_STATE.LIVE]);
  assert.is(began.filter((one) => one[0] !== FEED_MESSAGE.STATE).length, 1);
  frame(depth(102, [['99.90', '0.000']], [['100.10', '5.000']]));
  frame(tradeText(7, '100.00', '0.250', true));
  const [delta, trade] = client.take() as unknown[][];
  assert.equal(delta, [2, 'BTCUSDT', 1, (MS + 102) * 1e6, [999, 0], [1_001, 5_000]]);
  assert.equal([...trade!.slice(0, 3), ...trade!.slice(4)], [3, 'BTCUSDT', 1, 7, 1, 1_000, 250]);
  served.onBytes(client, encode({ op: 'snapshot', symbol: BTC.symbol }));
  served.onBeat();
  frame(depth(104, [], [['100.10', '6.000']]));
  const after = client.take() as unknown[][];
  assert.equal(after[0]!.slice(4), [
    [1_000, 1_500],
    [1_001, 5_000, 1_002, 4_000],
  ]);
  assert.equal(after[1]!.slice(0, 3), [5, 'BTCUSDT', 1]);
  assert.equal([after[2]![0], after[2]![4]], [FEED_MESSAGE.STATE, BOOK_STATE.GAP], 'the recording itself misses a change');
  served.onBytes(client, encode({ op: 'unsubscribe', symbols: [BTC.symbol, 'NONE'] }));
  frame(snapshotText(104, [['100.00', '1.000']], [['100.10', '3.000']]));
  served.onEnd();
  assert.equal(client.take(), [
    { op: 'unsubscribed', symbols: ['BTCUSDT'] },
    { op: 'end', reason: 'the recording ended' },
  ]);
});

test('clients of one depth get the same messages, those of another see their own levels alone', () => {
  const { served, frame } = serve();
  const [whole, best, late] = [0, 1, 1].map((levels) => connect(served, HELLO, { op: 'subscribe', symbols: [BTC.symbol], depth: levels }));
  frame(
    snapshotText(
      100,
      [
        ['100.00', '1.000'],
        ['99.90', '2.000'],
      ],
      [['100.10', '3.000']],
    ),
  );
  frame(depth(101, [['99.80', '9.000']], []));
  for (const client of [whole!, best!, late!]) client.take();
  frame(depth(102, [['99.90', '7.000']], []));
  frame(depth(103, [['100.00', '0.000']], []));
  const levels = (client: FakeClient): unknown[] => (client.take() as unknown[][]).map((one) => [one[0], one[2], one[4], one[5]]);
  assert.equal(levels(whole!), [
    [2, 1, [999, 7_000], []],
    [2, 2, [1_000, 0], []],
  ]);
  const seen = levels(best!);
  assert.equal(seen, [[2, 1, [1_000, 0, 999, 7_000], []]]);
  assert.equal(levels(late!), seen);
});

const REFUSED: readonly (readonly [what: string, requests: unknown[], code: string])[] = [
  ['another version', [{ op: 'hello', versions: [2] }], 'version'],
  ['no hello', [{ op: 'subscribe', symbols: [] }], 'request'],
  ['an operation that is none', [HELLO, { op: 'trade' }], 'request'],
  ['symbols that are no list', [HELLO, { op: 'subscribe', symbols: 'BTCUSDT' }], 'request'],
  ['a value that is no map', [HELLO, 5], 'request'],
];
for (const [what, requests, code] of REFUSED) {
  test(`${what} ends the connection with a reason`, () => {
    const client = connect(serve().served, ...requests);
    assert.is((client.take().at(-1) as { code: string }).code, code);
    assert.is(client.closed, `1002 ${code}`);
  });
}

test('text, and bytes that are no MessagePack, end the connection with a reason', () => {
  const { served } = serve();
  const [a, b] = [connect(served, HELLO), connect(served, HELLO)];
  served.onMessage(a!);
  served.onBytes(b!, Uint8Array.of(0xc1, 0x00));
  assert.equal([a!.closed, b!.closed], ['1002 request', '1002 request']);
});

test('a depth that is not offered, and a snapshot without subscription, are answered and no more', () => {
  const { served } = serve();
  const client = connect(served, HELLO, { op: 'subscribe', symbols: [BTC.symbol], depth: 3 }, { op: 'snapshot', symbol: BTC.symbol });
  assert.equal(
    client
      .take()
      .slice(1)
      .map((one) => (one as { code: string }).code),
    ['unknown_depth', 'not_subscribed'],
  );
  assert.is(client.closed, undefined);
});

test('a client that reads too slowly is told so, disconnected and counted; the others go on', () => {
  const { served, frame } = serve();
  const [slow, fast] = [0, 0].map(() => connect(served, HELLO, { op: 'subscribe', symbols: [BTC.symbol], depth: 0 }));
  frame(snapshotText(100, [['100.00', '1.000']], [['100.10', '3.000']]));
  frame(depth(101, [['99.80', '9.000']], []));
  for (const client of [slow!, fast!]) client.take();
  slow!.waitingBytes = FEED_CLIENT_BYTES_MAX;
  frame(depth(102, [['99.90', '7.000']], []));
  frame(depth(103, [['99.90', '8.000']], []));
  assert.equal(
    slow!.take().map((one) => (one as { code: string }).code),
    ['slow_consumer'],
  );
  assert.is(slow!.closed, '1008 slow_consumer');
  assert.is(fast!.take().length, 2);
  assert.is(served.slowConsumers, 1);
  assert.match(notes.at(-1)!, /slow_consumer: more than 16777216 bytes wait .* \(1 so far\)/);
});

test.run();
