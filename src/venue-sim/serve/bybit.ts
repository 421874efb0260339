import { SIDE } from '../../core/records/market.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { L2Feed } from '../../feed/l2/feed.hot.ts';
import { N_TRANSACT_MS } from '../../feed/l2/message.hot.ts';
import { BybitDecoder } from '../../feed/venue/bybit/decode.hot.ts';
import { BYBIT_PING, bybitSubscribe } from '../../feed/venue/bybit/endpoints.ts';
import { BybitRule, N_CROSS_SEQUENCE } from '../../feed/venue/bybit/rule.hot.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { FrameFields, messageOf, textsIn } from './frame-fields.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const O_TOPIC = 0;
const O_TYPE = 1;
const OUTER = new KeyTable(['topic', 'type']);
const BOOK = /^orderbook\.(\d+)\.(.+)$/;
const TRADE = /^publicTrade\.(.+)$/;

/** Bybit's public topics: frames as recorded. Of several recorded depths the deepest is the one whose late readers get a snapshot. */
export class ServedBybit implements ServedVenue {
  readonly idleMs = 600_000;
  readonly pingMs = 0;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly decoder: BybitDecoder;
  private readonly feed: L2Feed;
  private readonly books: BookChannel;
  /** Trades and whole books of one level, by topic. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private readonly depth: number;
  /** `seq` and time (epoch ms) of the last message of each book. */
  private readonly sequence: Float64Array;
  private readonly lastMs: Float64Array;
  private readonly outer = new FrameFields(OUTER);

  constructor(source: ServedSource) {
    const depths = source.head.map((text) => Math.trunc(+(BOOK.exec(String(messageOf(text)?.['topic']))?.[1] ?? 0)));
    this.source = source;
    this.depth = Math.max(0, ...depths);
    this.decoder = new BybitDecoder(source.instruments, this.depth);
    const { books, message } = this.decoder;
    this.feed = ownFeed(source, (options) => new L2Feed(options, this.decoder, new BybitRule(books, message, options.counters, true)));
    this.books = new BookChannel(this.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.sequence = new Float64Array(source.instruments.length);
    this.lastMs = new Float64Array(source.instruments.length);
    const symbols = source.instruments.map((one) => one.symbol);
    this.access = { stream: '/v5/public/linear', subscribe: [...bybitSubscribe(symbols, this.depth), BYBIT_PING], rest: [] };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text);
    const op = message?.['op'];
    const request = message?.['req_id'] === undefined ? {} : { req_id: message['req_id'] };
    const answer = (success: boolean, msg: string): void =>
      client.send(JSON.stringify({ success, ret_msg: msg, conn_id: 'served', ...request, op }));
    if (op === 'ping') answer(true, 'pong');
    else if (op === 'subscribe' || op === 'unsubscribe') {
      const topics = textsIn(message?.['args']);
      const unknown = topics.filter((topic) => !this.knows(topic));
      if (unknown.length > 0) {
        this.source.note(`client asked for ${unknown.join(', ')}: the recording does not have it`);
        answer(false, `error:handler not found,topic:${unknown.join(',')}`);
      } else answer(true, '');
      for (const topic of topics) if (!unknown.includes(topic)) this.change(client, op === 'subscribe', topic);
    } else answer(false, `unknown op ${String(op)}`);
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    if (!this.outer.frame(bytes, start, end)) return;
    const topic = this.outer.text(O_TOPIC);
    const id = this.bookOf(topic);
    if (id === undefined) {
      this.others.send(topic, bytes, start, end);
      return;
    }
    const { numbers } = this.decoder.message;
    this.sequence[id] = numbers[N_CROSS_SEQUENCE]!;
    this.lastMs[id] = numbers[N_TRANSACT_MS]!;
    this.books.onMessage(id, this.outer.text(O_TYPE) === 'snapshot', bytes, start, end);
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  /** Instrument of a topic of the recording's books. */
  private bookOf(topic: string): number | undefined {
    const book = BOOK.exec(topic);
    return book === null || Math.trunc(+book[1]!) !== this.depth ? undefined : this.ids.get(book[2]!);
  }

  private knows(topic: string): boolean {
    const symbol = TRADE.exec(topic)?.[1] ?? /^orderbook\.1\.(.+)$/.exec(topic)?.[1];
    return symbol === undefined ? this.bookOf(topic) !== undefined : this.ids.has(symbol);
  }

  private change(client: ServedClient, isOn: boolean, topic: string): void {
    const id = this.bookOf(topic);
    if (isOn) {
      client.reads = true;
      if (id === undefined) this.others.add(topic, client);
      else this.books.subscribe(id, client);
    } else if (id === undefined) this.others.remove(topic, client);
    else this.books.unsubscribe(id, client);
  }

  private snapshot(instrument: number): string {
    const one = this.source.instruments[instrument]!;
    const ts = this.lastMs[instrument]!;
    const book = this.feed.book(instrument);
    const data = {
      s: one.symbol,
      b: levelTexts(one, book, SIDE.BUY),
      a: levelTexts(one, book, SIDE.SELL),
      u: this.feed.syncs[instrument]!.ids[0]!,
      seq: this.sequence[instrument]!,
    };
    return JSON.stringify({ topic: `orderbook.${this.depth}.${one.symbol}`, type: 'snapshot', ts, data, cts: ts });
  }
}
