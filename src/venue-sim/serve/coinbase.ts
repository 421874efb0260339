import { FRAME_TIME } from '../../core/ports.ts';
import { SIDE } from '../../core/records/market.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import type { L2Feed } from '../../feed/l2/feed.hot.ts';
import { N_TRADE_ID } from '../../feed/l2/message.hot.ts';
import { type CoinbaseBookChannel, exchangeSubscription } from '../../feed/venue/coinbase/endpoints.ts';
import { createCoinbaseFeed } from '../../feed/venue/coinbase/feed.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { ServedCoinbaseAdvanced } from './coinbase-advanced.ts';
import { ExchangeRequests } from './coinbase-requests.ts';
import { FrameFields, messageOf } from './frame-fields.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const F_TYPE = 0;
const F_PRODUCT = 1;
const FRAME = new KeyTable(['type', 'product_id']);
const BOOKS: readonly CoinbaseBookChannel[] = ['level2_batch', 'level2'];
/** Channel of a message other than those of the books. */
const CHANNEL_OF: Readonly<Record<string, string>> = {
  match: 'matches',
  last_match: 'matches',
  ticker: 'ticker',
  heartbeat: 'heartbeat',
};

/** Coinbase level2: Exchange or Advanced Trade, whichever was recorded. */
export function servedCoinbase(source: ServedSource): ServedVenue {
  const isAdvanced = source.head.some((text) => typeof messageOf(text)?.['channel'] === 'string');
  return isAdvanced ? new ServedCoinbaseAdvanced(source) : new ServedCoinbase(source);
}

/** The websocket of Coinbase Exchange without its channel `full`. Whatever is signed is taken for right; both paces of the book are the recorded one. */
class ServedCoinbase implements ServedVenue {
  readonly idleMs = 0;
  readonly pingMs = 0;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly feed: L2Feed;
  private readonly books: BookChannel;
  /** As `channel product`. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private readonly requests: ExchangeRequests;
  private readonly frame = new FrameFields(FRAME);
  /** Second of the last heartbeat and id of the last trade of each product. */
  private readonly heartbeatS: Float64Array;
  private readonly lastTradeId: Float64Array;

  constructor(source: ServedSource) {
    const products = source.instruments.map((one) => one.symbol);
    this.source = source;
    this.feed = ownFeed(source, createCoinbaseFeed);
    this.books = new BookChannel(this.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.requests = new ExchangeRequests(this.ids, [...BOOKS, 'matches', 'ticker', 'heartbeat'], source.note);
    this.heartbeatS = new Float64Array(source.instruments.length);
    this.lastTradeId = new Float64Array(source.instruments.length);
    this.access = { stream: '/', subscribe: [exchangeSubscription(products, 'level2_batch')], rest: [] };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    for (const { isOn, channel, product } of this.requests.read(client, text)) {
      const id = this.ids.get(product)!;
      const isBook = (BOOKS as readonly string[]).includes(channel);
      if (isOn) {
        client.reads = true;
        if (isBook) this.books.subscribe(id, client);
        else this.others.add(`${channel} ${product}`, client);
      } else if (isBook) this.books.unsubscribe(id, client);
      else this.others.remove(`${channel} ${product}`, client);
    }
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
    this.requests.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    if (!this.frame.frame(bytes, start, end)) return;
    const type = this.frame.text(F_TYPE);
    const product = this.frame.text(F_PRODUCT);
    const id = this.ids.get(product);
    if (id === undefined) return;
    if (type === 'snapshot' || type === 'l2update') this.books.onMessage(id, type === 'snapshot', bytes, start, end);
    else if (type === 'match' || type === 'last_match') this.lastTradeId[id] = this.feed.decoder.message.numbers[N_TRADE_ID]!;
    if (CHANNEL_OF[type] !== undefined) this.others.send(`${CHANNEL_OF[type]} ${product}`, bytes, start, end);
    if (type !== 'heartbeat') this.beat(id, product, times[FRAME_TIME.RECV_NS]!);
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  /** A sign of life for each second of the recording in which the product said something; where heartbeats were recorded they come beside it. */
  private beat(id: number, product: string, recvNs: number): void {
    const second = Math.floor(recvNs / 1e9);
    if (second === this.heartbeatS[id]) return;
    this.heartbeatS[id] = second;
    const time = new Date(Number(this.source.baseEpochNs / 1_000_000n) + second * 1_000).toISOString();
    const text = JSON.stringify({ type: 'heartbeat', sequence: 0, last_trade_id: this.lastTradeId[id]!, product_id: product, time });
    for (const client of this.others.of(`heartbeat ${product}`)) client.send(text);
  }

  private snapshot(instrument: number): string {
    const one = this.source.instruments[instrument]!;
    const book = this.feed.book(instrument);
    const [asks, bids] = [levelTexts(one, book, SIDE.SELL), levelTexts(one, book, SIDE.BUY)];
    return JSON.stringify({ type: 'snapshot', product_id: one.symbol, asks, bids });
  }
}
