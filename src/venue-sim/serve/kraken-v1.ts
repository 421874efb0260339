import { SIDE } from '../../core/records/market.ts';
import { KRAKEN_V1_PING, type KrakenDepth, krakenV1Subscribe } from '../../feed/venue/kraken/endpoints.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts } from './book-text.ts';
import { type Json, messageOf, objectIn, textsIn } from './frame-fields.ts';
import { KrakenOwnBooks, secondsText } from './kraken-books.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

/** A frame's channel and pair are its last two elements. */
const TAIL = /"([a-z]+)(?:-\d+)?"\s*,\s*"([^"]+)"\s*\]\s*$/;
const TAIL_BYTES = 96;
const SNAPSHOT = /^\s*\[\s*\d+\s*,\s*\{\s*"(?:as|bs)"/;
const SNAPSHOT_BYTES = 64;
const DECODER = new TextDecoder();
/** Numbers of the channels of one pair follow one another; recorded frames carry the recorded ones. */
const CHANNEL_IDS = 16;

/** Kraken's first websocket API: frames as recorded, checksums included. */
export class ServedKrakenV1 implements ServedVenue {
  readonly idleMs = 60_000;
  readonly pingMs = 0;
  readonly heartbeat = '{"event":"heartbeat"}';
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly depth: number;
  private readonly own: KrakenOwnBooks;
  private readonly books: BookChannel;
  /** Tickers and trades, as `channel pair`. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private connections = 0;

  constructor(source: ServedSource, depth: number) {
    this.source = source;
    this.depth = depth;
    this.own = new KrakenOwnBooks(source, depth);
    this.books = new BookChannel(this.own.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    const pairs = source.instruments.map((one) => one.symbol);
    this.access = { stream: '', subscribe: [...krakenV1Subscribe(pairs, depth as KrakenDepth), KRAKEN_V1_PING], rest: [] };
  }

  onConnect(client: ServedClient): void {
    client.send(JSON.stringify({ connectionID: ++this.connections, event: 'systemStatus', status: 'online', version: '1.9.6' }));
  }

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text) ?? {};
    const reqid = message['reqid'] === undefined ? {} : { reqid: message['reqid'] };
    const event = message['event'];
    if (event === 'ping') client.send(JSON.stringify({ event: 'pong', ...reqid }));
    else if (event === 'subscribe' || event === 'unsubscribe') {
      const subscription = objectIn(message['subscription']);
      for (const pair of textsIn(message['pair'])) this.change(client, event === 'subscribe', pair, subscription, reqid);
    } else client.send(JSON.stringify({ errorMessage: 'Unsupported event', event: 'error', ...reqid }));
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.own.feed.onFrame(bytes, start, end, times);
    const tail = TAIL.exec(DECODER.decode(bytes.subarray(Math.max(start, end - TAIL_BYTES), end)));
    const id = tail === null ? undefined : this.ids.get(tail[2]!);
    if (bytes[start] !== 91 || tail === null || id === undefined) return;
    if (tail[1] !== 'book') this.others.send(`${tail[1]} ${tail[2]}`, bytes, start, end);
    else {
      const head = DECODER.decode(bytes.subarray(start, Math.min(end, start + SNAPSHOT_BYTES)));
      this.books.onMessage(id, SNAPSHOT.test(head), bytes, start, end);
    }
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  private change(client: ServedClient, isOn: boolean, pair: string, subscription: Json, reqid: object): void {
    const name = subscription['name'];
    const id = this.ids.get(pair);
    const refuse = (errorMessage: string): void => {
      this.source.note(`client asked for ${String(name)} of ${pair}: ${errorMessage}`);
      client.send(JSON.stringify({ errorMessage, event: 'subscriptionStatus', pair, status: 'error', subscription, ...reqid }));
    };
    if (id === undefined) return refuse(`Currency pair not supported ${pair}`);
    if (name !== 'book' && name !== 'ticker' && name !== 'trade') return refuse('Subscription name invalid');
    const asked = subscription['depth'] ?? 10;
    if (name === 'book' && asked !== this.depth) return refuse(`Subscription depth not supported (the recording has ${this.depth})`);
    if (!isOn && !(name === 'book' ? this.books.unsubscribe(id, client) : this.others.remove(`${name} ${pair}`, client)))
      return refuse('Subscription Not Found');
    const channelName = name === 'book' ? `book-${this.depth}` : name;
    const channelID = (id + 1) * CHANNEL_IDS + ['book', 'trade', 'ticker'].indexOf(name);
    const status = isOn ? 'subscribed' : 'unsubscribed';
    const kind = name === 'book' ? { depth: this.depth, name } : { name };
    client.send(JSON.stringify({ channelID, channelName, event: 'subscriptionStatus', pair, status, subscription: kind, ...reqid }));
    if (!isOn) return;
    client.reads = true;
    if (name === 'book') this.books.subscribe(id, client);
    else this.others.add(`${name} ${pair}`, client);
  }

  /** The book as it stands; each level carries the time of the last change, because the book does not keep those of its levels. */
  private snapshot(instrument: number): string {
    const { feed } = this.own;
    const one = this.source.instruments[instrument]!;
    const time = secondsText(this.own.timeUs(instrument));
    const side = (which: number): string[][] =>
      levelTexts(one, feed.book(instrument), which, this.depth).map(([price, qty]) => [price, qty, time]);
    return JSON.stringify([(instrument + 1) * CHANNEL_IDS, { as: side(SIDE.SELL), bs: side(SIDE.BUY) }, `book-${this.depth}`, one.symbol]);
  }
}
