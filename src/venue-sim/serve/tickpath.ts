import { decode, encode } from '@msgpack/msgpack';
import { FEED_CLIENT_BYTES_MAX, MARKET_RING_RECORDS } from '../../core/limits.ts';
import type { ConnectionEvent } from '../../core/ports.ts';
import { D_EXCHANGE_TIME_NS, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS, W_INSTRUMENT, W_KIND } from '../../core/records/layout.ts';
import {
  BOOK_STATE,
  BOOK_STATE_W_REASON,
  BOOK_STATE_W_STATE,
  LEVEL_D_QTY_LOTS,
  LEVEL_W_PRICE_TICKS,
  LEVEL_W_SIDE,
  TRADE_D_QTY_LOTS,
  TRADE_D_TRADE_ID,
  TRADE_W_PRICE_TICKS,
  TRADE_W_SIDE,
} from '../../core/records/market.ts';
import { ringBytes, ringViews } from '../../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../core/ring/spsc.hot.ts';
import { ManualClock } from '../../core/time.ts';
import { L2Book } from '../../feed/book/l2-book.hot.ts';
import { ownFeedCounters } from '../../feed/counters.ts';
import type { Feed, FeedOptions } from '../../feed/feed.ts';
import { ENCODE, FeedEncoder } from '../../feed/venue/tickpath/encode.hot.ts';
import {
  FEED_DEPTHS,
  FEED_ERROR,
  FEED_PATH,
  FEED_PROTOCOL_VERSION,
  type FeedAnswer,
  type FeedErrorCode,
} from '../../feed/venue/tickpath/protocol.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';
import { FeedChannel, type Sides, sides } from './tickpath-channel.ts';

const HEARTBEAT_MS = 1_000;
/** Reasons of the websocket for ending a connection. */
const CLOSE = { NORMAL: 1_000, PROTOCOL: 1_002, POLICY: 1_008 } as const;
const BATCH_RECORDS = 256;

/** One instrument of the recording, as its own feed has it. */
interface ServedBook {
  readonly symbol: string;
  readonly book: L2Book;
  readonly changes: Sides;
  readonly channels: Map<number, FeedChannel>;
  state: number;
  reason: number;
  /** The records at hand are those of a whole book. */
  whole: boolean;
  timeNs: number;
}

/** Where a client stands. */
interface Subscriber {
  version: number;
  /** It is being disconnected: nothing more is sent. */
  ending: boolean;
  readonly channels: Map<number, FeedChannel>;
}

type Json = { readonly [key: string]: unknown };

/**
 * Serves any recording in Tickpath's own protocol (docs/feed-protocol.md): the recording's own feed decodes the frames, and
 * the market records that it publishes become messages.
 */
export class ServedTickpath implements ServedVenue {
  readonly idleMs = 0;
  readonly pingMs = 20_000;
  readonly access = {
    stream: FEED_PATH,
    subscribe: [
      '{"op":"hello","versions":[1],"client":"name"} as MessagePack',
      '{"op":"subscribe","symbols":["..."],"depth":0} as MessagePack',
    ],
    rest: [],
  };
  /** Clients that were disconnected because they read too slowly. */
  slowConsumers = 0;
  private readonly source: ServedSource;
  private readonly feed: Feed;
  private readonly consumer: RingConsumer;
  private readonly encoder: FeedEncoder;
  private readonly books: readonly ServedBook[];
  private readonly subscribers = new Map<ServedClient, Subscriber>();

  constructor(source: ServedSource, createFeed: (options: FeedOptions) => Feed) {
    this.source = source;
    const { instruments, others, baseEpochNs } = source;
    const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
    this.consumer = new RingConsumer(views);
    this.feed = createFeed({
      instruments,
      others,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs,
      room: { waitForRoom: () => this.publish() },
    });
    this.encoder = new FeedEncoder({ instruments, baseEpochNs });
    this.books = instruments.map(({ symbol }) => ({
      symbol,
      book: new L2Book(),
      changes: sides(),
      channels: new Map(),
      state: BOOK_STATE.DISCONNECTED,
      reason: 0,
      whole: false,
      timeNs: Number.NaN,
    }));
  }

  onConnect(client: ServedClient): void {
    this.subscribers.set(client, { version: 0, ending: false, channels: new Map() });
  }

  onClose(client: ServedClient): void {
    const subscriber = this.subscribers.get(client);
    for (const channel of subscriber?.channels.values() ?? []) channel.clients.delete(client);
    this.subscribers.delete(client);
  }

  onMessage(client: ServedClient): void {
    this.refuse(client, FEED_ERROR.REQUEST, 'expected a binary message of MessagePack');
  }

  /** A request. */
  onBytes(client: ServedClient, bytes: Uint8Array): void {
    const subscriber = this.subscribers.get(client);
    if (subscriber === undefined || subscriber.ending) return;
    const request = requestOf(bytes);
    const { op } = request ?? {};
    if (op === 'hello') this.welcome(client, subscriber, request!);
    else if (subscriber.version === 0) this.refuse(client, FEED_ERROR.REQUEST, 'expected hello before anything else');
    else if (op === 'subscribe') this.subscribe(client, subscriber, request!);
    else if (op === 'unsubscribe') this.unsubscribe(client, subscriber, request!);
    else if (op === 'snapshot') this.resync(client, subscriber, request!);
    else this.refuse(client, FEED_ERROR.REQUEST, 'expected a map whose op is hello, subscribe, unsubscribe or snapshot');
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    this.publish();
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    this.feed.onConnection(event, recvTimeNs);
    this.publish();
  }

  /** Each second: what the last number of each subscription is. */
  onBeat(): void {
    for (const { channels, timeNs, state } of this.books)
      for (const channel of channels.values()) if (state === BOOK_STATE.LIVE) this.toAll(channel, channel.heartbeat(timeNs));
  }

  onEnd(): void {
    for (const [client, subscriber] of this.subscribers) {
      if (subscriber.ending || subscriber.version === 0) continue;
      this.answer(client, { op: 'end', reason: 'the recording ended' });
    }
  }

  get(): undefined {
    return undefined;
  }

  private welcome(client: ServedClient, subscriber: Subscriber, request: Json): void {
    const versions = Array.isArray(request['versions']) ? (request['versions'] as unknown[]) : [];
    if (!versions.includes(FEED_PROTOCOL_VERSION)) {
      this.refuse(client, FEED_ERROR.VERSION, `expected version ${FEED_PROTOCOL_VERSION} among versions`, [FEED_PROTOCOL_VERSION]);
      return;
    }
    subscriber.version = FEED_PROTOCOL_VERSION;
    const symbols = this.books.map((one) => one.symbol);
    this.answer(client, {
      op: 'welcome',
      version: FEED_PROTOCOL_VERSION,
      server: 'tickpath',
      heartbeat_ms: HEARTBEAT_MS,
      depths: FEED_DEPTHS,
      symbols,
    });
  }

  private subscribe(client: ServedClient, subscriber: Subscriber, request: Json): void {
    const depth = request['depth'] ?? 0;
    const wanted = textsIn(request['symbols']);
    if (wanted === undefined) {
      this.refuse(client, FEED_ERROR.REQUEST, 'expected symbols as a list of text');
      return;
    }
    if (typeof depth !== 'number' || !FEED_DEPTHS.includes(depth)) {
      this.complain(client, FEED_ERROR.UNKNOWN_DEPTH, `depth ${String(depth)}: expected one of ${FEED_DEPTHS.join(', ')}`);
      return;
    }
    const known = wanted.filter((symbol) => this.knows(client, symbol));
    client.reads = client.reads || known.length > 0;
    this.answer(client, { op: 'subscribed', symbols: known, depth });
    for (const symbol of known) {
      const instrument = this.books.findIndex((one) => one.symbol === symbol);
      const { channels } = this.books[instrument]!;
      subscriber.channels.get(instrument)?.clients.delete(client);
      let channel = channels.get(depth);
      if (channel === undefined) {
        channel = new FeedChannel(instrument, depth, this.books[instrument]!.book, this.encoder);
        channels.set(depth, channel);
      }
      channel.clients.add(client);
      subscriber.channels.set(instrument, channel);
      this.encoder.definition(instrument, this.books[instrument]!.state === BOOK_STATE.NOT_TRADING ? 0 : 1);
      this.send(client, this.encoder.bytes.slice(0, this.encoder.length));
      this.show(client, channel);
    }
  }

  private unsubscribe(client: ServedClient, subscriber: Subscriber, request: Json): void {
    const symbols = (textsIn(request['symbols']) ?? []).filter((symbol) => {
      const instrument = this.books.findIndex((one) => one.symbol === symbol);
      const channel = subscriber.channels.get(instrument);
      channel?.clients.delete(client);
      return subscriber.channels.delete(instrument);
    });
    this.answer(client, { op: 'unsubscribed', symbols });
  }

  private resync(client: ServedClient, subscriber: Subscriber, request: Json): void {
    const symbol = String(request['symbol']);
    const channel = subscriber.channels.get(this.books.findIndex((one) => one.symbol === symbol));
    if (channel !== undefined) this.show(client, channel);
    else this.complain(client, FEED_ERROR.NOT_SUBSCRIBED, `${symbol} is not subscribed`, symbol);
  }

  /** The book as it stands, or why there is none. */
  private show(client: ServedClient, channel: FeedChannel): void {
    const { state, reason, timeNs } = this.books[channel.instrument]!;
    this.send(client, state === BOOK_STATE.LIVE ? channel.snapshot(timeNs) : channel.state(state, reason, timeNs));
  }

  private knows(client: ServedClient, symbol: string): boolean {
    if (this.books.some((one) => one.symbol === symbol)) return true;
    this.complain(client, FEED_ERROR.UNKNOWN_SYMBOL, `no symbol ${symbol}`, symbol);
    return false;
  }

  /** Makes messages of what the feed published. */
  private publish(): void {
    const { consumer } = this;
    for (let count = consumer.poll(BATCH_RECORDS); count > 0; count = consumer.poll(BATCH_RECORDS)) {
      for (let i = 0; i < count; i++) this.take(consumer.slot(i));
      consumer.release(count);
    }
  }

  private take(slot: number): void {
    const { i32, f64 } = this.consumer;
    const w = slot * RECORD_WORDS;
    const d = slot * RECORD_DOUBLES;
    const kind = i32[w + W_KIND]! & KIND_MASK;
    const one = this.books[i32[w + W_INSTRUMENT]!]!;
    if (kind === KIND.STREAM_END || kind === KIND.BBO) return;
    one.timeNs = f64[d + D_EXCHANGE_TIME_NS]!;
    if (kind === KIND.BOOK_CLEAR) {
      one.book.clear();
      one.whole = true;
    } else if (kind === KIND.BOOK_LEVEL) {
      const side = i32[w + LEVEL_W_SIDE]!;
      const ticks = i32[w + LEVEL_W_PRICE_TICKS]!;
      one.book.apply(side, ticks, f64[d + LEVEL_D_QTY_LOTS]!);
      if (!one.whole) one.changes[side]!.push(ticks, f64[d + LEVEL_D_QTY_LOTS]!);
    } else if (kind === KIND.BOOK_END) {
      this.changed(one);
    } else if (kind === KIND.BOOK_STATE) {
      this.moved(one, i32[w + BOOK_STATE_W_STATE]!, i32[w + BOOK_STATE_W_REASON]!);
    } else if (kind === KIND.TRADE) {
      this.encoder.numbers[ENCODE.TRADE_ID] = f64[d + TRADE_D_TRADE_ID]!;
      this.encoder.numbers[ENCODE.TRADE_LOTS] = f64[d + TRADE_D_QTY_LOTS]!;
      for (const channel of one.channels.values())
        this.toAll(channel, channel.trade(i32[w + TRADE_W_SIDE]!, i32[w + TRADE_W_PRICE_TICKS]!, one.timeNs));
    }
  }

  /** A message was applied to the book as a whole, or the whole book is new. */
  private changed(one: ServedBook): void {
    const { whole, changes, timeNs } = one;
    one.whole = false;
    for (const channel of one.channels.values()) {
      if (channel.clients.size === 0) continue;
      const message = whole ? channel.snapshot(timeNs) : channel.delta(changes, timeNs);
      if (message !== undefined) this.toAll(channel, message);
    }
    changes[0].count = 0;
    changes[1].count = 0;
  }

  private moved(one: ServedBook, state: number, reason: number): void {
    one.state = state;
    one.reason = reason;
    if (state !== BOOK_STATE.LIVE) one.book.clear();
    for (const channel of one.channels.values()) this.toAll(channel, channel.state(state, reason, one.timeNs));
  }

  private toAll(channel: FeedChannel, message: Uint8Array): void {
    for (const client of channel.clients) this.send(client, message);
  }

  private answer(client: ServedClient, answer: FeedAnswer): void {
    this.send(client, encode(answer));
  }

  private complain(client: ServedClient, code: FeedErrorCode, message: string, symbol?: string): void {
    this.source.note(`client: ${code}: ${message}`);
    this.answer(client, { op: 'error', code, message, ...(symbol === undefined ? {} : { symbol }) });
  }

  /** Says why, and ends the connection. */
  private refuse(client: ServedClient, code: FeedErrorCode, message: string, versions?: readonly number[]): void {
    this.source.note(`client: ${code}: ${message}: disconnected`);
    this.answer(client, { op: 'error', code, message, ...(versions === undefined ? {} : { versions }) });
    this.end(client, CLOSE.PROTOCOL, code);
  }

  private send(client: ServedClient, message: Uint8Array): void {
    const subscriber = this.subscribers.get(client);
    if (subscriber === undefined || subscriber.ending) return;
    if (client.waitingBytes + message.length <= FEED_CLIENT_BYTES_MAX) {
      client.send(message, true);
      return;
    }
    this.slowConsumers++;
    const why = `more than ${FEED_CLIENT_BYTES_MAX} bytes wait for this client`;
    this.source.note(`client: ${FEED_ERROR.SLOW_CONSUMER}: ${why}: disconnected (${this.slowConsumers} so far)`);
    client.send(encode({ op: 'error', code: FEED_ERROR.SLOW_CONSUMER, message: why } satisfies FeedAnswer), true);
    this.end(client, CLOSE.POLICY, FEED_ERROR.SLOW_CONSUMER);
  }

  private end(client: ServedClient, code: number, reason: string): void {
    const subscriber = this.subscribers.get(client);
    if (subscriber !== undefined) subscriber.ending = true;
    for (const channel of subscriber?.channels.values() ?? []) channel.clients.delete(client);
    client.close(code, reason);
  }
}

function requestOf(bytes: Uint8Array): Json | undefined {
  try {
    const value = decode(bytes);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}
