import { FRAME_TIME } from '../../core/ports.ts';
import { SIDE } from '../../core/records/market.ts';
import { firstElement, nextElement } from '../../feed/json/array.hot.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { skipValue } from '../../feed/json/scan.hot.ts';
import { KRAKEN_PING, type KrakenDepth, krakenSubscribe } from '../../feed/venue/kraken/endpoints.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts } from './book-text.ts';
import { FrameFields, type Json, messageOf, objectIn, textsIn } from './frame-fields.ts';
import { isoText, KrakenOwnBooks } from './kraken-books.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const O_CHANNEL = 0;
const O_TYPE = 1;
const O_DATA = 2;
const OUTER = new KeyTable(['channel', 'type', 'data']);
const ELEMENT = new KeyTable(['symbol']);
const CHANNELS = ['book', 'ticker', 'trade'];
const ENCODER = new TextEncoder();

/** Kraken's second websocket API: frames as recorded, one a symbol, checksums included. */
export class ServedKrakenV2 implements ServedVenue {
  readonly idleMs = 60_000;
  readonly pingMs = 0;
  readonly heartbeat = '{"channel":"heartbeat"}';
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly depth: number;
  private readonly own: KrakenOwnBooks;
  private readonly books: BookChannel;
  /** Tickers and trades, as `channel symbol`. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private readonly outer = new FrameFields(OUTER);
  private readonly element = new FrameFields(ELEMENT);
  /** Receive time of the last recorded frame, epoch microseconds: the venue's clock. */
  private nowUs: number;

  constructor(source: ServedSource, depth: number) {
    this.source = source;
    this.depth = depth;
    this.own = new KrakenOwnBooks(source, depth);
    this.books = new BookChannel(this.own.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.nowUs = Number(source.baseEpochNs / 1_000n);
    const symbols = source.instruments.map((one) => one.symbol);
    this.access = { stream: '/v2', subscribe: [...krakenSubscribe(symbols, depth as KrakenDepth), KRAKEN_PING], rest: [] };
  }

  onConnect(client: ServedClient): void {
    const status = { version: '2.0.10', system: 'online', api_version: 'v2', connection_id: 1 };
    client.send(JSON.stringify({ channel: 'status', type: 'update', data: [status] }));
  }

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text) ?? {};
    const method = message['method'];
    const params = objectIn(message['params']);
    const ends = this.ends(message);
    if (method === 'ping') client.send(JSON.stringify({ method: 'pong', ...ends }));
    else if (method !== 'subscribe' && method !== 'unsubscribe')
      client.send(JSON.stringify({ error: 'Unsupported method', method, success: false, ...ends }));
    else if (params['channel'] === 'instrument') this.instrument(client, method, ends);
    else for (const symbol of textsIn(params['symbol'])) this.change(client, method, symbol, params, ends);
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.own.feed.onFrame(bytes, start, end, times);
    this.nowUs = Number(this.source.baseEpochNs / 1_000n) + Math.floor(times[FRAME_TIME.RECV_NS]! / 1_000);
    if (!this.outer.frame(bytes, start, end)) return;
    const channel = this.outer.text(O_CHANNEL);
    const isSnapshot = this.outer.text(O_TYPE) === 'snapshot';
    // A snapshot of trades is history from before the recording's subscription.
    if (!CHANNELS.includes(channel) || (channel === 'trade' && isSnapshot)) return;
    const first = firstElement(bytes, this.outer.place(O_DATA), end);
    for (let at = first; at !== 0; ) {
      const after = skipValue(bytes, at, end, 0);
      const next = nextElement(bytes, after, end);
      const isOnly = at === first && next === 0;
      if (this.element.object(bytes, at, end)) this.send(channel, isSnapshot, bytes, isOnly ? start : at, isOnly ? end : after, isOnly);
      at = next;
    }
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  /** The message of one symbol: the frame as recorded, or an element of a frame of several in a frame of its own. */
  private send(channel: string, isSnapshot: boolean, bytes: Uint8Array, start: number, end: number, isOnly: boolean): void {
    const symbol = this.element.text(0);
    const id = this.ids.get(symbol);
    if (id === undefined) return;
    let frame = bytes;
    let [from, to] = [start, end];
    if (!isOnly) {
      const element = new TextDecoder().decode(bytes.subarray(start, end));
      frame = ENCODER.encode(`{"channel":"${channel}","type":"${isSnapshot ? 'snapshot' : 'update'}","data":[${element}]}`);
      [from, to] = [0, frame.length];
    }
    if (channel === 'book') this.books.onMessage(id, isSnapshot, frame, from, to);
    else this.others.send(`${channel} ${symbol}`, frame, from, to);
  }

  /** What every answer ends with. */
  private ends(message: Json): object {
    const time = isoText(this.nowUs);
    return { time_in: time, time_out: time, ...(message['req_id'] === undefined ? {} : { req_id: message['req_id'] }) };
  }

  private change(client: ServedClient, method: string, symbol: string, params: Json, ends: object): void {
    const channel = params['channel'];
    const id = this.ids.get(symbol);
    const refuse = (error: string): void => {
      this.source.note(`client asked for ${String(channel)} of ${symbol}: ${error}`);
      client.send(JSON.stringify({ error, method, success: false, symbol, ...ends }));
    };
    if (id === undefined) return refuse(`Currency pair not supported ${symbol}`);
    if (typeof channel !== 'string' || !CHANNELS.includes(channel)) return refuse('Subscription channel invalid');
    const isBook = channel === 'book';
    const asked = params['depth'] ?? 10;
    if (isBook && asked !== this.depth) return refuse(`Subscription depth not supported (the recording has ${this.depth})`);
    if (method === 'unsubscribe' && !(isBook ? this.books.unsubscribe(id, client) : this.others.remove(`${channel} ${symbol}`, client)))
      return refuse('Subscription Not Found');
    const result = { channel, ...(isBook ? { depth: this.depth } : {}), snapshot: isBook, symbol };
    client.send(JSON.stringify({ method, result, success: true, ...ends }));
    if (method === 'unsubscribe') return;
    client.reads = true;
    if (isBook) this.books.subscribe(id, client);
    else this.others.add(`${channel} ${symbol}`, client);
  }

  private instrument(client: ServedClient, method: string, ends: object): void {
    client.send(JSON.stringify({ method, result: { channel: 'instrument', snapshot: true }, success: true, ...ends }));
    const pairs = this.source.instruments.map(({ id, symbol }) => ({
      symbol,
      status: 'online',
      price_precision: this.own.priceDecimals(id),
      qty_precision: this.own.qtyDecimals(id),
    }));
    if (method === 'subscribe') client.send(JSON.stringify({ channel: 'instrument', type: 'snapshot', data: { assets: [], pairs } }));
  }

  private snapshot(instrument: number): string {
    const { feed } = this.own;
    const one = this.source.instruments[instrument]!;
    const side = (which: number): string =>
      levelTexts(one, feed.book(instrument), which, this.depth)
        .map(([price, qty]) => `{"price":${price},"qty":${qty}}`)
        .join(',');
    const levels = `"bids":[${side(SIDE.BUY)}],"asks":[${side(SIDE.SELL)}]`;
    const time = isoText(this.own.timeUs(instrument) || this.nowUs);
    const data = `{"symbol":"${one.symbol}",${levels},"checksum":${this.own.checksum(instrument)},"timestamp":"${time}"}`;
    return `{"channel":"book","type":"snapshot","data":[${data}]}`;
  }
}
