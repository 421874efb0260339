import { SIDE } from '../../core/records/market.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { L2Feed } from '../../feed/l2/feed.hot.ts';
import { N_TRANSACT_MS } from '../../feed/l2/message.hot.ts';
import { OkxDecoder } from '../../feed/venue/okx/decode.hot.ts';
import { OKX_PING, okxSubscribe } from '../../feed/venue/okx/endpoints.ts';
import type { OkxBooks } from '../../feed/venue/okx/modes.ts';
import { OkxRule } from '../../feed/venue/okx/rule.hot.ts';
import { Audience } from './audience.ts';
import { BookChannel } from './book-channel.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { FrameFields, messageOf, objectIn } from './frame-fields.ts';
import type { RestAnswer, ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const O_ARG = 0;
const O_ACTION = 1;
const OUTER = new KeyTable(['arg', 'action']);
const ARGUMENT = new KeyTable(['channel', 'instId']);
/** Channels of changes, of which a recording has one. */
const CHANGES = ['books', 'books-l2-tbt', 'books50-l2-tbt'];
const LEVELS_MAX = 400;
const SNAPSHOT_PATH = '/api/v5/market/books';

/** OKX's public channels: frames as recorded, and books by REST. */
export class ServedOkx implements ServedVenue {
  readonly idleMs = 30_000;
  readonly pingMs = 0;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly feed: L2Feed;
  private readonly rule: OkxRule;
  private readonly decoder: OkxDecoder;
  private readonly books: BookChannel;
  /** Everything but changes of books, as `channel instId`. */
  private readonly others = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  /** The channels that the recording begins with, and that of its changes. */
  private readonly channels: ReadonlySet<string>;
  private readonly changes: string | undefined;
  private readonly outer = new FrameFields(OUTER);
  private readonly argument = new FrameFields(ARGUMENT);
  /** Venue time of the last message of each book, epoch ms, and whether its messages are numbered. */
  private readonly lastMs: Float64Array;
  private readonly isNumbered: boolean;

  constructor(source: ServedSource) {
    const args = source.head.map((text) => objectIn(messageOf(text)?.['arg']));
    this.source = source;
    this.channels = new Set(args.map((one) => one['channel']).filter((one) => typeof one === 'string'));
    this.changes = CHANGES.find((name) => this.channels.has(name));
    const whole = (['books5', 'bbo-tbt'] as const).find((name) => this.channels.has(name));
    const books: OkxBooks = this.changes !== undefined || whole === undefined ? 'books' : whole;
    this.isNumbered = source.head.some((text) => text.includes('"seqId"'));
    this.decoder = new OkxDecoder(source.instruments, books);
    this.rule = new OkxRule(this.decoder.grid, books);
    this.feed = ownFeed(source, (options) => new L2Feed(options, this.decoder, this.rule));
    this.books = new BookChannel(this.feed, (instrument) => this.snapshot(instrument));
    this.lastMs = new Float64Array(source.instruments.length);
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    const symbols = source.instruments.map((one) => one.symbol);
    this.access = {
      stream: '/ws/v5/public',
      subscribe: [okxSubscribe(symbols, books), OKX_PING],
      rest: symbols.map((symbol) => `${SNAPSHOT_PATH}?instId=${symbol}&sz=${LEVELS_MAX}`),
    };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    if (text === OKX_PING) {
      client.send('pong');
      return;
    }
    const message = messageOf(text);
    const op = message?.['op'];
    const args = message?.['args'];
    if ((op !== 'subscribe' && op !== 'unsubscribe') || !Array.isArray(args)) {
      client.send(JSON.stringify({ event: 'error', code: '60012', msg: `Invalid request: ${text}`, connId: '1' }));
      return;
    }
    for (const one of args.map(objectIn)) this.change(client, op, `${String(one['channel'])}`, `${String(one['instId'])}`);
  }

  onClose(client: ServedClient): void {
    this.books.leave(client);
    this.others.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    if (!this.outer.frame(bytes, start, end) || !this.argument.object(bytes, this.outer.place(O_ARG), end)) return;
    const channel = this.argument.text(0);
    const id = this.ids.get(this.argument.text(1));
    if (id === undefined) return;
    if (!CHANGES.includes(channel)) {
      this.others.send(`${channel} ${this.argument.text(1)}`, bytes, start, end);
      return;
    }
    // Acknowledgements have no action; they are not for the clients of today.
    const action = this.outer.text(O_ACTION);
    if (action === '') return;
    this.lastMs[id] = this.decoder.message.numbers[N_TRANSACT_MS]!;
    this.books.onMessage(id, action === 'snapshot', bytes, start, end);
  }

  onEnd(): void {}

  get(url: URL): Promise<RestAnswer> | undefined {
    if (url.pathname !== SNAPSHOT_PATH) return undefined;
    const id = this.ids.get(url.searchParams.get('instId') ?? '');
    const answer = (code: string, msg: string, data: string): Promise<RestAnswer> =>
      Promise.resolve({ status: 200, body: `{"code":"${code}","msg":"${msg}","data":[${data}]}` });
    if (id === undefined) return answer('51001', "Instrument ID doesn't exist.", '');
    const levels = Math.trunc(+(url.searchParams.get('sz') ?? '1'));
    if (!(levels >= 1 && levels <= LEVELS_MAX)) return answer('51000', 'Parameter sz error', '');
    return answer('0', '', this.element(id, levels, false));
  }

  private change(client: ServedClient, op: 'subscribe' | 'unsubscribe', channel: string, instId: string): void {
    const id = this.ids.get(instId);
    const arg = { channel, instId };
    if (id === undefined || (CHANGES.includes(channel) && channel !== this.changes)) {
      const msg = `Wrong URL or channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
      this.source.note(`client asked for ${channel} of ${instId}: the recording does not have it`);
      client.send(JSON.stringify({ event: 'error', code: '60018', msg, connId: '1' }));
      return;
    }
    client.send(JSON.stringify({ event: op, arg, connId: '1' }));
    const isBook = channel === this.changes;
    if (op === 'unsubscribe') {
      if (isBook) this.books.unsubscribe(id, client);
      else this.others.remove(`${channel} ${instId}`, client);
      return;
    }
    client.reads = true;
    if (isBook) this.books.subscribe(id, client);
    else this.others.add(`${channel} ${instId}`, client);
  }

  private snapshot(instrument: number): string {
    const { symbol } = this.source.instruments[instrument]!;
    const data = this.element(instrument, LEVELS_MAX, true);
    return `{"arg":{"channel":"${this.changes}","instId":"${symbol}"},"action":"snapshot","data":[${data}]}`;
  }

  /** The book as it stands. Recordings from before the numbers are checked by checksum, those with numbers have 0 there. */
  private element(instrument: number, levels: number, isOfStream: boolean): string {
    const one = this.source.instruments[instrument]!;
    const book = this.feed.book(instrument);
    const side = (which: number): string =>
      JSON.stringify(levelTexts(one, book, which, levels).map(([price, qty]) => [price, qty, '0', '1']));
    const seqId = this.feed.syncs[instrument]!.ids[0]!;
    const checksum = this.isNumbered ? 0 : this.rule.checksum.of(instrument, book);
    const numbers = this.isNumbered ? `,"seqId":${seqId}${isOfStream ? ',"prevSeqId":-1' : ''}` : '';
    const check = isOfStream ? `,"checksum":${checksum}` : '';
    return `{"asks":${side(SIDE.SELL)},"bids":${side(SIDE.BUY)},"ts":"${this.lastMs[instrument]!}"${check}${numbers}}`;
  }
}
