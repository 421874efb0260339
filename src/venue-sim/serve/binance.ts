import { FRAME_TIME } from '../../core/ports.ts';
import { BOOK_STATE, SIDE } from '../../core/records/market.ts';
import type { FeedOptions } from '../../feed/feed.ts';
import type { L2Feed } from '../../feed/l2/feed.hot.ts';
import { type BinanceEndpoints, snapshotUrl, streamNames } from '../../feed/venue/binance/endpoints.ts';
import { BinanceFrame } from './binance-frames.ts';
import { levelTexts, ownFeed } from './book-text.ts';
import { messageOf, textsIn } from './frame-fields.ts';
import type { RestAnswer, ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

export interface ServedBinanceKind {
  readonly endpoints: BinanceEndpoints;
  readonly createFeed: (options: FeedOptions) => L2Feed;
  /** The book of a snapshot begins with times, and with the names of symbol and pair. */
  readonly hasTimes: boolean;
  readonly hasPair: boolean;
}

const PING_MS = 20_000;
const DEFAULT_LEVELS = 500;

interface Waiting {
  readonly levels: number;
  readonly resolve: (answer: RestAnswer) => void;
}

/** A stream that a client asked for: under the name it used, in the wrapper of combined streams or without. */
interface Subscription {
  readonly name: string;
  readonly isCombined: boolean;
}

/**
 * Binance's market streams and its REST depth. Streams are matched by symbol and kind: the pace is that of the recording. The
 * first answer of a book is the recorded snapshot, when it comes; later ones are the recording's own book as it stands.
 */
export class ServedBinance implements ServedVenue {
  readonly idleMs = 0;
  readonly pingMs = PING_MS;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly kind: ServedBinanceKind;
  private readonly feed: L2Feed;
  private readonly frame = new BinanceFrame();
  private readonly ids: ReadonlyMap<string, number>;
  /** By `SYMBOL@stream`: clients, each with the names it uses. */
  private readonly audience = new Map<string, Map<ServedClient, Subscription>>();
  private readonly waiting: Waiting[][];
  private readonly nowMs: (recvNs: number) => number;
  /** Venue's clock at the last depth message of each book, epoch ms. */
  private readonly lastMs: Float64Array;
  private hasEnded = false;

  constructor(source: ServedSource, kind: ServedBinanceKind) {
    this.source = source;
    this.kind = kind;
    this.feed = ownFeed(source, kind.createFeed);
    this.ids = new Map(source.instruments.map((one) => [one.symbol.toUpperCase(), one.id]));
    this.waiting = source.instruments.map(() => []);
    this.lastMs = new Float64Array(source.instruments.length);
    const baseMs = Number(source.baseEpochNs / 1_000_000n);
    this.nowMs = (recvNs) => baseMs + Math.floor(recvNs / 1e6);
    const symbols = source.instruments.map((one) => one.symbol);
    this.access = {
      stream: `/stream?streams=${streamNames(kind.endpoints, symbols).join('/')}`,
      subscribe: [],
      rest: kind.endpoints.depthPerMinute === 0 ? [] : symbols.map((symbol) => snapshotUrl(kind.endpoints, '', symbol)),
    };
  }

  onConnect(client: ServedClient): void {
    const { pathname, searchParams } = client.url;
    const raw = /\/ws\/(.+)$/.exec(pathname);
    const isCombined = raw === null && !pathname.endsWith('/ws');
    const names = (raw === null ? (searchParams.get('streams') ?? '') : raw[1]!).split('/').filter((name) => name !== '');
    for (const name of names) this.subscribe(client, name, isCombined);
  }

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text);
    const id = message?.['id'] ?? null;
    const method = message?.['method'];
    const names = textsIn(message?.['params']);
    if (method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE') {
      const isCombined = !client.url.pathname.includes('/ws');
      for (const name of names) {
        if (method === 'SUBSCRIBE') this.subscribe(client, name, isCombined);
        else this.audience.get(keyOf(name))?.delete(client);
      }
      client.send(JSON.stringify({ result: null, id }));
    } else if (method === 'LIST_SUBSCRIPTIONS') {
      const result = [...this.audience.values()].flatMap((one) => one.get(client)?.name ?? []);
      client.send(JSON.stringify({ result, id }));
    } else {
      const msg =
        message === undefined
          ? 'Invalid JSON: expected value at line 1 column 1'
          : 'Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`';
      client.send(JSON.stringify({ error: { code: message === undefined ? 3 : 2, msg }, id }));
    }
  }

  onClose(client: ServedClient): void {
    for (const one of this.audience.values()) one.delete(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const { frame, source } = this;
    this.feed.onFrame(bytes, start, end, times);
    if (!frame.read(bytes, start, end, this.kind.endpoints.depthPerMinute === 0)) return;
    const only = source.instruments.length === 1 && !source.others ? source.instruments[0]!.symbol.toUpperCase() : '';
    const symbol = frame.symbol === '' ? only : frame.symbol;
    const id = this.ids.get(symbol);
    if (id === undefined) return;
    if (frame.isSnapshot) this.answerAll(id, { status: 200, body: bytes.slice(frame.start, frame.end) });
    else {
      if (frame.stream === 'depth') this.lastMs[id] = this.nowMs(times[FRAME_TIME.RECV_NS]!);
      this.send(`${symbol}@${frame.stream}`, bytes.slice(frame.start, frame.end));
      if (this.waiting[id]!.length > 0 && this.feed.state(id) === BOOK_STATE.LIVE) this.answerRebuilt(id);
    }
  }

  onEnd(): void {
    this.hasEnded = true;
    for (const { id } of this.source.instruments) this.answerAll(id, this.unavailable());
  }

  get(url: URL): Promise<RestAnswer> | undefined {
    const { endpoints } = this.kind;
    if (url.pathname !== endpoints.depthPath || endpoints.depthPerMinute === 0) return undefined;
    const symbol = url.searchParams.get('symbol') ?? '';
    const id = this.ids.get(symbol);
    const levels = Math.trunc(+(url.searchParams.get('limit') ?? DEFAULT_LEVELS));
    if (id === undefined) {
      this.source.note(`client asked for a snapshot of ${symbol}: the recording does not have it`);
      return Promise.resolve({ status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' });
    }
    if (!(levels >= 1 && levels <= endpoints.depthLevels))
      return Promise.resolve({ status: 400, body: '{"code":-1130,"msg":"Data sent for parameter \'limit\' is not valid."}' });
    if (this.feed.state(id) === BOOK_STATE.LIVE) return Promise.resolve(this.rebuilt(id, levels));
    if (this.hasEnded) return Promise.resolve(this.unavailable());
    return new Promise((resolve) => this.waiting[id]!.push({ levels, resolve }));
  }

  private subscribe(client: ServedClient, name: string, isCombined: boolean): void {
    client.reads = true;
    const key = keyOf(name);
    // As the venue does, a stream that there is not is accepted and stays silent.
    if (!this.ids.has(key.split('@')[0]!)) this.source.note(`client asked for ${name}: the recording does not have it`);
    const there = this.audience.get(key);
    if (there === undefined) this.audience.set(key, new Map([[client, { name, isCombined }]]));
    else there.set(client, { name, isCombined });
  }

  private send(key: string, event: Uint8Array): void {
    for (const [client, { name, isCombined }] of this.audience.get(key) ?? []) {
      client.send(isCombined ? Buffer.concat([Buffer.from(`{"stream":"${name}","data":`), event, CLOSE]) : event);
    }
  }

  private answerAll(id: number, answer: RestAnswer): void {
    for (const { resolve } of this.waiting[id]!.splice(0)) resolve(answer);
  }

  private answerRebuilt(id: number): void {
    for (const { levels, resolve } of this.waiting[id]!.splice(0)) resolve(this.rebuilt(id, levels));
  }

  private unavailable(): RestAnswer {
    return { status: 503, body: '{"code":-1001,"msg":"The recording ended without this book."}' };
  }

  /** The book as it stands, in the venue's form. */
  private rebuilt(id: number, levels: number): RestAnswer {
    const one = this.source.instruments[id]!;
    const book = this.feed.book(id);
    const ms = this.lastMs[id]!;
    const body = {
      lastUpdateId: this.feed.syncs[id]!.ids[0]!,
      ...(this.kind.hasTimes ? { E: ms, T: ms } : {}),
      ...(this.kind.hasPair ? { symbol: one.symbol, pair: one.symbol.split('_')[0] } : {}),
      bids: levelTexts(one, book, SIDE.BUY, levels),
      asks: levelTexts(one, book, SIDE.SELL, levels),
    };
    return { status: 200, body: JSON.stringify(body) };
  }
}

const CLOSE = Buffer.from('}');

/** "btcusdt@depth@100ms" as "BTCUSDT@depth". */
function keyOf(name: string): string {
  const [symbol, stream] = name.split('@');
  return `${symbol!.toUpperCase()}@${stream ?? ''}`;
}
