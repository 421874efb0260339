import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Instrument } from '../../../src/core/instrument.ts';
import { CONNECTION, type ConnectionEvent, type FrameHandler } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import type { FeedOptions } from '../../../src/feed/feed.ts';
import type { L2Feed } from '../../../src/feed/l2/feed.hot.ts';
import { WsTransport } from '../../../src/feed/transport/ws.ts';
import {
  type BinanceEndpoints,
  COINM_ENDPOINTS,
  SPOT_ENDPOINTS,
  SPOT_SBE_ENDPOINTS,
  subscribeRequest,
  USDM_ENDPOINTS,
} from '../../../src/feed/venue/binance/endpoints.ts';
import { binanceConnection } from '../../../src/feed/venue/binance/live.ts';
import { createCoinmFeed } from '../../../src/feed/venue/binance-coinm/feed.ts';
import { createSpotFeed } from '../../../src/feed/venue/binance-spot/feed.ts';
import { createSpotSbeFeed } from '../../../src/feed/venue/binance-spot-sbe/feed.ts';
import { createUsdmFeed } from '../../../src/feed/venue/binance-usdm/feed.ts';
import { NaiveBook } from '../../reference/naive-book.ts';
import {
  BTC,
  BTCUSD,
  depthText,
  SPOT_BTC,
  snapshotText,
  spotDepthText,
  type TextLevel,
  tickerText,
  withPair,
} from '../../support/binance-frames.ts';
import { QuickTimers } from '../../support/quick-timers.ts';
import { encodeSbe, type SbeLevel, sbeDiff } from '../../support/sbe-frames.ts';

const test = suite('websocket transport');

/** How one venue writes a market. Prices are a tenth of a unit apart, quantities lots of the instrument. */
interface Dialect {
  readonly name: string;
  readonly instrument: Instrument;
  readonly endpoints: BinanceEndpoints;
  readonly streamPath: string;
  readonly createFeed: (options: FeedOptions) => L2Feed;
  readonly price: (ticks: number) => string;
  readonly qty: (lots: number) => string;
  readonly depth: (previous: number, last: number, bids: TextLevel[], asks: TextLevel[]) => string | Uint8Array;
  readonly snapshot: (last: number, bids: TextLevel[], asks: TextLevel[]) => string;
  /** Paths that the client must ask for. */
  readonly paths: readonly [stream: string, snapshot: string];
}

const tenths = (ticks: number): string => `${Math.floor(ticks / 10)}.${ticks % 10}`;
const SPOT_TENTH: Instrument = { ...SPOT_BTC, tickUnits: 10_000_000 };
const units = ([price, qty]: TextLevel): SbeLevel => [Math.round(Number(price) * 1e8), Math.round(Number(qty) * 1e8)];
const spot = {
  instrument: SPOT_TENTH,
  price: (ticks: number) => `${tenths(ticks)}0000000`,
  qty: (lots: number) => (lots / 1e8).toFixed(8),
  snapshot: (last: number, bids: TextLevel[], asks: TextLevel[]) => JSON.stringify({ lastUpdateId: last, bids, asks }),
};
const DIALECTS: readonly Dialect[] = [
  {
    name: 'USD-M',
    instrument: BTC,
    endpoints: USDM_ENDPOINTS,
    streamPath: '/public',
    createFeed: createUsdmFeed,
    price: (ticks) => `${tenths(ticks)}0`,
    qty: (lots) => (lots / 1_000).toFixed(3),
    depth: (previous, last, bids, asks) => depthText({ previous, first: previous + 1, last, bids, asks }),
    snapshot: snapshotText,
    paths: ['/public/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade', '/fapi/v1/depth?symbol=BTCUSDT&limit=1000'],
  },
  {
    name: 'COIN-M',
    instrument: BTCUSD,
    endpoints: COINM_ENDPOINTS,
    streamPath: '',
    createFeed: createCoinmFeed,
    price: tenths,
    qty: String,
    depth: (previous, last, bids, asks) => withPair(depthText({ previous, first: previous + 1, last, bids, asks, symbol: 'BTCUSD_PERP' })),
    snapshot: (last, bids, asks) => snapshotText(last, bids, asks).replace('"bids"', '"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids"'),
    paths: [
      '/stream?streams=btcusd_perp@depth@100ms/btcusd_perp@bookTicker/btcusd_perp@trade',
      '/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000',
    ],
  },
  {
    ...spot,
    name: 'spot',
    endpoints: SPOT_ENDPOINTS,
    streamPath: '/',
    createFeed: createSpotFeed,
    depth: (previous, last, bids, asks) => spotDepthText({ first: previous + 1, last, bids, asks }),
    paths: ['/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade', '/api/v3/depth?symbol=BTCUSDT&limit=5000'],
  },
  {
    ...spot,
    name: 'spot SBE',
    endpoints: SPOT_SBE_ENDPOINTS,
    streamPath: '',
    createFeed: createSpotSbeFeed,
    depth: (previous, last, bids, asks) => encodeSbe(sbeDiff(previous + 1, last, bids.map(units), asks.map(units))),
    paths: ['/stream?streams=btcusdt@depth/btcusdt@bestBidAsk/btcusdt@trade', '/api/v3/depth?symbol=BTCUSDT&limit=5000'],
  },
];

/** A venue of one symbol on loopback: a seeded book, its changes on request, and its snapshot over HTTP. */
class Venue {
  readonly truth = new NaiveBook();
  readonly http: Server;
  readonly sockets = new WebSocketServer({ noServer: true });
  readonly paths: string[] = [];
  readonly keys: (string | string[] | undefined)[] = [];
  /** Requests for a snapshot to answer with an error first. */
  failures = 0;
  snapshots = 0;
  private readonly prng = new Prng(99);
  private readonly dialect: Dialect;
  private id = 1_000;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    for (let i = 0; i < 50; i++) this.change();
    this.http = createServer((request, response) => {
      this.paths.push(request.url ?? '');
      if (this.failures-- > 0) {
        response.writeHead(503).end('busy');
        return;
      }
      this.snapshots++;
      response.end(this.dialect.snapshot(this.id, this.levels(SIDE.BUY), this.levels(SIDE.SELL)));
    });
    this.http.on('upgrade', (request, socket, head) => {
      this.paths.push(request.url ?? '');
      this.keys.push(request.headers['x-mbx-apikey']);
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
  event(): string | Uint8Array {
    const previous = this.id;
    this.id += 1 + this.prng.nextInt(5);
    const { bids, asks } = this.change();
    return this.dialect.depth(previous, this.id, bids, asks);
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
      return [this.dialect.price(ticks), this.dialect.qty(lots)];
    };
    return { bids: [one(SIDE.BUY), one(SIDE.BUY)], asks: [one(SIDE.SELL)] };
  }

  private levels(side: number): TextLevel[] {
    return this.truth.sorted(side).map(([ticks, lots]) => [this.dialect.price(ticks), this.dialect.qty(lots)]);
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

async function session(dialect: Dialect, silenceMs = 1_000): Promise<Session & { client: WebSocket }> {
  const venue = new Venue(dialect);
  const port = await venue.listen();
  const clock = new ManualClock();
  clock.set(1);
  const timers = new QuickTimers();
  const views = ringViews(new SharedArrayBuffer(ringBytes(1_024)), 0, 1_024);
  const consumer = new RingConsumer(views);
  const base = `127.0.0.1:${port}`;
  const connection = binanceConnection({
    venue: dialect.endpoints,
    streamBase: `ws://${base}${dialect.streamPath}`,
    restBase: `http://${base}`,
    symbols: [dialect.instrument.symbol],
    ...(dialect.name === 'spot SBE' ? { apiKey: 'a-key' } : {}),
  });
  const transport = new WsTransport({ ...connection, clock, timers, random: () => 0.5, silenceMs });
  const feed = dialect.createFeed({
    instruments: [dialect.instrument],
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

for (const dialect of DIALECTS) {
  test(`${dialect.name}: a live session: subscribe, buffer, snapshot, live; after a cut connection the book is built anew; stop ends it`, async () => {
    const { venue, feed, transport, events, done, until, client, timers } = await session(dialect);
    assert.is(venue.paths[0], dialect.paths[0]);
    assert.is(venue.keys[0], dialect.name === 'spot SBE' ? 'a-key' : undefined);
    for (let i = 0; i < 20; i++) client.send(venue.event());
    await until(() => venue.snapshots === 1 && feed.state(0) !== BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
    for (let i = 0; i < 200; i++) client.send(venue.event());
    await until(() => transport.frames === 221);
    assert.is(feed.state(0), BOOK_STATE.LIVE);
    assertBookIsTruth(feed, venue.truth);
    assert.is(venue.paths[1], dialect.paths[1]);

    const again = venue.client();
    client.terminate();
    await until(() => events.includes(CONNECTION.DISCONNECTED));
    const second = await again;
    await until(() => events.filter((event) => event === CONNECTION.CONNECTED).length === 2);
    assert.equal(events, [
      CONNECTION.CONNECTING,
      CONNECTION.CONNECTED,
      CONNECTION.DISCONNECTED,
      CONNECTION.CONNECTING,
      CONNECTION.CONNECTED,
    ]);
    assert.equal(
      timers.delays.filter((ms) => ms > 0 && ms < 60_000),
      [50],
    );
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

  test(`${dialect.name}: a lost message is a gap, a new snapshot is fetched on the same connection, and a failed fetch is tried again`, async () => {
    const { venue, feed, transport, done, until, client } = await session(dialect);
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
}

test('a connection that stays silent is cut and made again', async () => {
  const { venue, transport, clock, timers, events, done, until, client } = await session(DIALECTS[0]!, 1_000);
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

test('what is to be said at the beginning is said on every connection', async () => {
  const venue = new Venue(DIALECTS[2]!);
  const port = await venue.listen();
  const heard: string[] = [];
  const hearing = (client: WebSocket): Promise<void> =>
    new Promise((resolve) => {
      client.once('message', (data: Buffer) => {
        heard.push(data.toString());
        resolve();
      });
    });
  const greetings = [subscribeRequest(SPOT_ENDPOINTS, ['BTCUSDT'])];
  const timers = new QuickTimers();
  const transport = new WsTransport({
    url: `ws://127.0.0.1:${port}/ws`,
    clock: new ManualClock(),
    timers,
    random: () => 0,
    silenceMs: 1_000,
    greetings,
  });
  const connected = venue.client();
  const done = transport.run({ onFrame: () => {}, onConnection: () => {} });
  const first = await connected;
  await hearing(first);
  const again = venue.client();
  first.terminate();
  await hearing(await again);
  transport.stop();
  await done;
  venue.close();
  const request = '{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker","btcusdt@trade"],"id":1}';
  assert.equal(heard, [request, request]);
});

test.run();
