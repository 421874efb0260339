import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type WebSocket, WebSocketServer } from 'ws';
import { CONNECTION, type ConnectionEvent, type FrameHandler } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import type { L2Feed } from '../../../src/feed/l2/feed.hot.ts';
import { type Timers, WsTransport } from '../../../src/feed/transport/ws.ts';
import { snapshotFrame, snapshotUrl, streamUrl, USDM_ENDPOINTS } from '../../../src/feed/venue/binance/endpoints.ts';
import { createUsdmFeed } from '../../../src/feed/venue/binance-usdm/feed.ts';
import { NaiveBook } from '../../reference/naive-book.ts';
import { BTC, depthText, snapshotText, type TextLevel, tickerText } from '../../support/binance-frames.ts';

const test = suite('websocket transport');

/** A venue of one symbol on loopback: a seeded book, its changes on request, and its snapshot over HTTP. */
class Venue {
  readonly truth = new NaiveBook();
  readonly http: Server;
  readonly sockets = new WebSocketServer({ noServer: true });
  readonly paths: string[] = [];
  /** Requests for a snapshot to answer with an error first. */
  failures = 0;
  snapshots = 0;
  private readonly prng = new Prng(99);
  private id = 1_000;

  constructor() {
    for (let i = 0; i < 50; i++) this.change();
    this.http = createServer((request, response) => {
      this.paths.push(request.url ?? '');
      if (this.failures-- > 0) {
        response.writeHead(503).end('busy');
        return;
      }
      this.snapshots++;
      response.end(snapshotText(this.id, this.levels(SIDE.BUY), this.levels(SIDE.SELL)));
    });
    this.http.on('upgrade', (request, socket, head) => {
      this.paths.push(request.url ?? '');
      this.sockets.handleUpgrade(request, socket, head, (client) => this.sockets.emit('connection', client));
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    return (this.http.address() as AddressInfo).port;
  }

  /** The next client to connect. */
  client(): Promise<WebSocket> {
    return new Promise((resolve) => this.sockets.once('connection', resolve));
  }

  /** Changes the book and gives the event; an event that is not sent is a lost one. */
  event(): string {
    const previous = this.id;
    this.id += 1 + this.prng.nextInt(5);
    const { bids, asks } = this.change();
    return depthText({ previous, first: previous + 1, last: this.id, bids, asks });
  }

  close(): void {
    for (const client of this.sockets.clients) client.terminate();
    this.http.close();
  }

  private change(): { bids: TextLevel[]; asks: TextLevel[] } {
    const one = (side: number): TextLevel => {
      const ticks = side === SIDE.BUY ? 1_000 - this.prng.nextInt(40) : 1_001 + this.prng.nextInt(40);
      const lots = this.prng.nextInt(4) * 250;
      this.truth.apply(side, ticks, lots);
      return [`${Math.floor(ticks / 10)}.${ticks % 10}0`, (lots / 1_000).toFixed(3)];
    };
    return { bids: [one(SIDE.BUY), one(SIDE.BUY)], asks: [one(SIDE.SELL)] };
  }

  private levels(side: number): TextLevel[] {
    return this.truth.sorted(side).map(([ticks, lots]) => [`${Math.floor(ticks / 10)}.${ticks % 10}0`, (lots / 1_000).toFixed(3)]);
  }
}

/** Timers that fire in the next turn of the event loop, and remember what was asked. */
class QuickTimers implements Timers {
  readonly delays: number[] = [];
  private readonly periodic = new Set<() => void>();

  after(ms: number, callback: () => void): () => void {
    this.delays.push(ms);
    const handle = setImmediate(callback);
    return () => clearImmediate(handle);
  }

  every(_ms: number, callback: () => void): () => void {
    this.periodic.add(callback);
    return () => this.periodic.delete(callback);
  }

  fire(): void {
    for (const callback of this.periodic) callback();
  }
}

interface Session {
  readonly venue: Venue;
  readonly feed: L2Feed;
  readonly transport: WsTransport;
  readonly timers: QuickTimers;
  readonly clock: ManualClock;
  readonly events: ConnectionEvent[];
  readonly done: Promise<void>;
  /** Resolves once `condition` holds after a frame or a connection event. */
  until(condition: () => boolean): Promise<void>;
}

async function session(silenceMs = 1_000): Promise<Session & { client: WebSocket }> {
  const venue = new Venue();
  const port = await venue.listen();
  const clock = new ManualClock();
  clock.set(1);
  const timers = new QuickTimers();
  const views = ringViews(new SharedArrayBuffer(ringBytes(1_024)), 0, 1_024);
  const consumer = new RingConsumer(views);
  const fetchSnapshot = async (): Promise<Uint8Array> => {
    const response = await fetch(snapshotUrl(USDM_ENDPOINTS, `http://127.0.0.1:${port}`, 'BTCUSDT'));
    if (!response.ok) throw new Error(`status ${response.status}`);
    return snapshotFrame('BTCUSDT', new Uint8Array(await response.arrayBuffer()));
  };
  const url = streamUrl(USDM_ENDPOINTS, `ws://127.0.0.1:${port}/public`, ['BTCUSDT']);
  const transport = new WsTransport({ url, clock, timers, random: () => 0.5, fetchSnapshot, silenceMs });
  const feed = createUsdmFeed({
    instruments: [BTC],
    ring: new RingProducer(views),
    counters: ownFeedCounters(),
    clock,
    baseEpochNs: 1_700_000_000_000_000_000n,
    room: { waitForRoom: () => consumer.release(consumer.poll(1_024)) },
    snapshots: transport,
  });
  const events: ConnectionEvent[] = [];
  let waiting: { condition: () => boolean; resolve: () => void } | undefined;
  const check = (): void => {
    if (waiting?.condition() !== true) return;
    const { resolve } = waiting;
    waiting = undefined;
    resolve();
  };
  const handler: FrameHandler = {
    onFrame: (bytes, start, end, times) => {
      feed.onFrame(bytes, start, end, times);
      check();
    },
    onConnection: (event, recvNs) => {
      events.push(event);
      feed.onConnection(event, recvNs);
      check();
    },
  };
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting = { condition, resolve };
      check();
    });
  const connected = venue.client();
  const done = transport.run(handler);
  return { venue, feed, transport, timers, clock, events, done, until, client: await connected };
}

function assertBookIsTruth(feed: L2Feed, truth: NaiveBook): void {
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const expected = truth.sorted(side);
    const found = [...Array(feed.book(0).levels(side)).keys()].map((i) => [feed.book(0).priceAt(side, i), feed.book(0).qtyAt(side, i)]);
    assert.equal(found, expected);
  }
}

test('a live session: subscribe, buffer, snapshot, live; after a cut connection the book is built anew; stop ends it', async () => {
  const { venue, feed, transport, events, done, until, client, timers } = await session();
  assert.is(venue.paths[0], '/public/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade');
  for (let i = 0; i < 20; i++) client.send(venue.event());
  await until(() => venue.snapshots === 1 && feed.state(0) !== BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
  for (let i = 0; i < 200; i++) client.send(venue.event());
  await until(() => transport.frames === 221);
  assert.is(feed.state(0), BOOK_STATE.LIVE);
  assertBookIsTruth(feed, venue.truth);
  assert.is(venue.paths[1], '/fapi/v1/depth?symbol=BTCUSDT&limit=1000');

  const again = venue.client();
  client.terminate();
  await until(() => events.includes(CONNECTION.DISCONNECTED));
  const second = await again;
  await until(() => events.filter((event) => event === CONNECTION.CONNECTED).length === 2);
  assert.equal(events, [CONNECTION.CONNECTING, CONNECTION.CONNECTED, CONNECTION.DISCONNECTED, CONNECTION.CONNECTING, CONNECTION.CONNECTED]);
  assert.is(timers.delays.at(-1), 100);
  venue.event();
  const before = transport.frames;
  for (let i = 0; i < 100; i++) second.send(venue.event());
  await until(() => feed.state(0) === BOOK_STATE.SYNCING || feed.state(0) === BOOK_STATE.LIVE);
  second.send(venue.event());
  await until(() => transport.frames === before + 102);
  assert.is(feed.state(0), BOOK_STATE.LIVE);
  assertBookIsTruth(feed, venue.truth);

  transport.stop();
  await done;
  assert.equal(events.slice(-2), [CONNECTION.DISCONNECTED, CONNECTION.END]);
  assert.is(feed.state(0), BOOK_STATE.DISCONNECTED);
  venue.close();
});

test('a lost message is a gap, a new snapshot is fetched on the same connection, and a failed fetch is tried again', async () => {
  const { venue, feed, transport, done, until, client } = await session();
  client.send(venue.event());
  await until(() => feed.state(0) === BOOK_STATE.SYNCING || feed.state(0) === BOOK_STATE.LIVE);
  const first = transport.frames;
  client.send(venue.event());
  await until(() => transport.frames === first + 1);
  assert.is(feed.state(0), BOOK_STATE.LIVE);
  venue.failures = 2;
  venue.event();
  client.send(venue.event());
  await until(() => feed.state(0) === BOOK_STATE.GAP);
  await until(() => feed.state(0) === BOOK_STATE.SYNCING || feed.state(0) === BOOK_STATE.LIVE);
  const second = transport.frames;
  client.send(venue.event());
  await until(() => transport.frames === second + 1);
  assert.is(feed.state(0), BOOK_STATE.LIVE);
  assertBookIsTruth(feed, venue.truth);
  assert.is(transport.connections, 1);
  assert.is(feed.counters.snapshot()['book_gaps'], 1);
  transport.stop();
  await done;
  venue.close();
});

test('a connection that stays silent is cut and made again', async () => {
  const { venue, transport, clock, timers, events, done, until, client } = await session(1_000);
  client.send(tickerText(1, ['1.00', '1'], ['2.00', '1']));
  await until(() => transport.frames === 1);
  clock.set(900_000_000);
  timers.fire();
  assert.not(events.includes(CONNECTION.DISCONNECTED));
  const again = venue.client();
  clock.set(1_100_000_000);
  timers.fire();
  await until(() => events.includes(CONNECTION.DISCONNECTED));
  await again;
  await until(() => transport.connections === 2);
  transport.stop();
  await done;
  venue.close();
});

test.run();
