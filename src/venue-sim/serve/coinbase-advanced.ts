import { SIDE } from '../../core/records/market.ts';
import type { L2Feed } from '../../feed/l2/feed.hot.ts';
import { N_TRANSACT_MS } from '../../feed/l2/message.hot.ts';
import { advancedSubscription } from '../../feed/venue/coinbase/endpoints.ts';
import { createCoinbaseFeed } from '../../feed/venue/coinbase/feed.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { type Json, messageOf, objectIn, textsIn } from './frame-fields.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const CHANNELS = ['level2', 'market_trades', 'ticker', 'ticker_batch', 'heartbeats'];
/** Number of a message within its connection, which is another one than the recorded. */
const SEQUENCE = /"sequence_num"\s*:\s*\d+/;
const DECODER = new TextDecoder();

/** The websocket of Coinbase Advanced Trade. Messages are recorded ones but for their number, which counts by connection. */
export class ServedCoinbaseAdvanced implements ServedVenue {
  readonly idleMs = 0;
  readonly pingMs = 0;
  readonly heartbeat: string;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly feed: L2Feed;
  private readonly books: BookChannel;
  /** As `channel product`. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private readonly numbered = new Map<ServedClient, NumberedClient>();
  private lastMs: number;

  constructor(source: ServedSource) {
    const products = source.instruments.map((one) => one.symbol);
    this.source = source;
    this.feed = ownFeed(source, createCoinbaseFeed);
    this.books = new BookChannel(this.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.lastMs = Number(source.baseEpochNs / 1_000_000n);
    const time = new Date(this.lastMs).toISOString();
    this.heartbeat = JSON.stringify({
      channel: 'heartbeats',
      client_id: '',
      timestamp: time,
      sequence_num: 0,
      events: [{ current_time: time, heartbeat_counter: 0 }],
    });
    this.access = {
      stream: '/',
      subscribe: [advancedSubscription('level2', products), advancedSubscription('market_trades', products)],
      rest: [],
    };
  }

  onConnect(client: ServedClient): void {
    this.numbered.set(client, new NumberedClient(client));
  }

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text);
    const type = message?.['type'];
    const channel = String(message?.['channel']);
    const products = textsIn(message?.['product_ids']);
    const unknown = products.filter((one) => !this.ids.has(one));
    const own = this.numbered.get(client)!;
    if ((type !== 'subscribe' && type !== 'unsubscribe') || !CHANNELS.includes(channel) || unknown.length > 0) {
      if (unknown.length > 0) this.source.note(`client asked for ${unknown.join(', ')}: the recording does not have it`);
      const reason = unknown.length > 0 ? `${unknown.join(', ')} is not a valid product_id` : `invalid request ${text}`;
      client.send(JSON.stringify({ type: 'error', message: reason }));
      return;
    }
    const subscriptions = { [channel]: products };
    own.send(this.message('subscriptions', [{ subscriptions }]));
    for (const product of products) this.change(own, client, type === 'subscribe', channel, product);
  }

  onClose(client: ServedClient): void {
    const own = this.numbered.get(client);
    if (own === undefined) return;
    this.books.leave(own);
    this.others.leave(own);
    this.numbered.delete(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    const frame = messageOf(DECODER.decode(bytes.subarray(start, end)));
    const channel = frame?.['channel'];
    const events: readonly unknown[] = Array.isArray(frame?.['events']) ? frame['events'] : [];
    const ms = this.feed.decoder.message.numbers[N_TRANSACT_MS]!;
    if (ms > this.lastMs) this.lastMs = ms;
    if (channel !== 'l2_data') {
      for (const product of productsOf(events)) this.others.send(`${String(channel)} ${product}`, bytes, start, end);
      return;
    }
    // A frame may hold events of several products, and a client may want one of them.
    for (const event of events.map(objectIn)) {
      const id = this.ids.get(String(event['product_id']));
      if (id === undefined) continue;
      const isWhole = events.length === 1;
      const text = isWhole ? undefined : Buffer.from(JSON.stringify({ ...frame, events: [event] }));
      const isSnapshot = event['type'] === 'snapshot';
      if (text === undefined) this.books.onMessage(id, isSnapshot, bytes, start, end);
      else this.books.onMessage(id, isSnapshot, text, 0, text.length);
    }
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  private change(own: NumberedClient, client: ServedClient, isOn: boolean, channel: string, product: string): void {
    const id = this.ids.get(product)!;
    if (isOn) {
      client.reads = true;
      if (channel === 'level2') this.books.subscribe(id, own);
      else this.others.add(`${channel} ${product}`, own);
    } else if (channel === 'level2') this.books.unsubscribe(id, own);
    else this.others.remove(`${channel} ${product}`, own);
  }

  private message(channel: string, events: readonly object[]): string {
    return JSON.stringify({ channel, client_id: '', timestamp: new Date(this.lastMs).toISOString(), sequence_num: 0, events });
  }

  private snapshot(instrument: number): string {
    const one = this.source.instruments[instrument]!;
    const time = new Date(this.lastMs).toISOString();
    const side = (name: string, which: number): object[] =>
      levelTexts(one, this.feed.book(instrument), which).map(([price, qty]) => ({
        side: name,
        event_time: time,
        price_level: price,
        new_quantity: qty,
      }));
    const updates = [...side('bid', SIDE.BUY), ...side('offer', SIDE.SELL)];
    return this.message('l2_data', [{ type: 'snapshot', product_id: one.symbol, updates }]);
  }
}

/** A client whose messages are numbered as they are sent. */
class NumberedClient implements ServedClient {
  readonly url: URL;
  reads = false;
  private readonly client: ServedClient;
  private next = 0;

  constructor(client: ServedClient) {
    this.client = client;
    this.url = client.url;
  }

  get waitingBytes(): number {
    return this.client.waitingBytes;
  }

  send(data: string | Uint8Array): void {
    const text = typeof data === 'string' ? data : DECODER.decode(data);
    this.client.send(text.replace(SEQUENCE, `"sequence_num":${this.next++}`));
  }

  close(code: number, reason: string): void {
    this.client.close(code, reason);
  }
}

function productsOf(events: readonly unknown[]): Set<string> {
  const products = new Set<string>();
  for (const event of events.map(objectIn))
    for (const list of Object.values(event)) {
      if (!Array.isArray(list)) continue;
      for (const item of list as readonly Json[])
        if (typeof objectIn(item)['product_id'] === 'string') products.add(String(item['product_id']));
    }
  return products;
}
