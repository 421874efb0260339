import { SIDE } from '../../core/records/market.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { L2Feed } from '../../feed/l2/feed.hot.ts';
import { N_TRANSACT_MS } from '../../feed/l2/message.hot.ts';
import { DeribitDecoder } from '../../feed/venue/deribit/decode.hot.ts';
import { type DeribitInterval, deribitHeartbeat, deribitSubscription } from '../../feed/venue/deribit/endpoints.ts';
import { DeribitRule } from '../../feed/venue/deribit/rule.hot.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { FrameFields, messageOf, objectIn, textsIn } from './frame-fields.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const P_CHANNEL = 0;
const P_DATA = 1;
const FRAME = new KeyTable(['params']);
const PARAMS = new KeyTable(['channel', 'data']);
const DATA = new KeyTable(['type']);
/** `book.NAME.INTERVAL`: a channel of changes. */
const BOOK = /^book\.([^.]+)\.([^.]+)$/;
const UNKNOWN_METHOD = { code: -32601, message: 'Method not found' };

/** Deribit's JSON-RPC over a websocket: notifications as recorded. Whatever is signed is taken for right. */
export class ServedDeribit implements ServedVenue {
  readonly idleMs = 600_000;
  readonly pingMs = 0;
  readonly heartbeat = '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}';
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly decoder: DeribitDecoder;
  private readonly feed: L2Feed;
  private readonly books: BookChannel;
  /** Everything but changes of books, by channel. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  /** Pace of the recorded books, '' while none was seen. */
  private readonly interval: string;
  private readonly lastMs: Float64Array;
  private readonly frame = new FrameFields(FRAME);
  private readonly params = new FrameFields(PARAMS);
  private readonly data = new FrameFields(DATA);

  constructor(source: ServedSource) {
    this.source = source;
    this.decoder = new DeribitDecoder(source.instruments);
    this.feed = ownFeed(source, (options) => new L2Feed(options, this.decoder, new DeribitRule()));
    this.books = new BookChannel(this.feed, (instrument) => this.snapshot(instrument));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.lastMs = new Float64Array(source.instruments.length);
    const found = source.head.map((text) => BOOK.exec(String(objectIn(messageOf(text)?.['params'])['channel']))?.[2]);
    this.interval = found.find((one) => one !== undefined) ?? '';
    const names = source.instruments.map((one) => one.symbol);
    const subscribe = this.interval === '' ? [] : [deribitSubscription(2, names, this.interval as DeribitInterval)];
    this.access = { stream: '/ws/api/v2', subscribe: [deribitHeartbeat(1, 10), ...subscribe], rest: [] };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text);
    const answer = (content: object): void => client.send(JSON.stringify({ jsonrpc: '2.0', id: message?.['id'] ?? null, ...content }));
    if (message === undefined) return answer({ error: { code: -32700, message: 'Parse error' } });
    const method = /^(?:public|private)\/(\w+)$/.exec(String(message['method']))?.[1];
    const channels = textsIn(objectIn(message['params'])['channels']);
    switch (method) {
      case 'subscribe':
      case 'unsubscribe': {
        const known = channels.filter((name) => this.knows(name));
        const unknown = channels.filter((name) => !known.includes(name));
        if (unknown.length > 0) this.source.note(`client asked for ${unknown.join(', ')}: the recording does not have it`);
        // Channels that there are not are left out of the answer; a request of such alone is an error.
        if (known.length === 0) {
          const data = { reason: `unrecognized channel ${unknown.join(', ')}`, param: 'channels' };
          return answer({ error: { code: -32602, message: 'Invalid params', data } });
        }
        answer({ result: known });
        for (const name of known) this.change(client, method === 'subscribe', name);
        return;
      }
      case 'set_heartbeat':
        return answer({ result: 'ok' });
      case 'test':
        return answer({ result: { version: '1.2.26' } });
      case 'auth':
        return answer({ result: { access_token: 'simulated', expires_in: 31_536_000, scope: 'connection', token_type: 'bearer' } });
      default:
        return answer({ error: UNKNOWN_METHOD });
    }
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    if (!this.frame.frame(bytes, start, end) || !this.params.object(bytes, this.frame.place(0), end)) return;
    const channel = this.params.text(P_CHANNEL);
    const id = this.ids.get(BOOK.exec(channel)?.[1] ?? '');
    if (id === undefined) {
      this.others.send(channel, bytes, start, end);
      return;
    }
    if (!this.data.object(bytes, this.params.place(P_DATA), end)) return;
    this.lastMs[id] = this.decoder.message.numbers[N_TRANSACT_MS]!;
    this.books.onMessage(id, this.data.text(0) === 'snapshot', bytes, start, end);
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }

  private knows(channel: string): boolean {
    const book = BOOK.exec(channel);
    const id = this.ids.get(book?.[1] ?? channel.split('.')[1] ?? '');
    return id !== undefined && (book === null || book[2] === this.interval);
  }

  private change(client: ServedClient, isOn: boolean, channel: string): void {
    const id = this.ids.get(BOOK.exec(channel)?.[1] ?? '');
    if (isOn) {
      client.reads = true;
      if (id === undefined) this.others.add(channel, client);
      else this.books.subscribe(id, client);
    } else if (id === undefined) this.others.remove(channel, client);
    else this.books.unsubscribe(id, client);
  }

  /** The book as it stands; prices and amounts are numbers on this venue. */
  private snapshot(instrument: number): string {
    const one = this.source.instruments[instrument]!;
    const side = (which: number): string =>
      levelTexts(one, this.feed.book(instrument), which)
        .map(([price, qty]) => `["new",${price},${qty}]`)
        .join(',');
    const head = `"type":"snapshot","timestamp":${this.lastMs[instrument]!},"instrument_name":"${one.symbol}","change_id":${this.feed.syncs[instrument]!.ids[0]!}`;
    const data = `{${head},"bids":[${side(SIDE.BUY)}],"asks":[${side(SIDE.SELL)}]}`;
    return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.${one.symbol}.${this.interval}","data":${data}}}`;
  }
}
