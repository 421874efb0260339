import { formatPrice, formatQty } from '../../core/instrument.ts';
import { BOOK_STATE, SIDE } from '../../core/records/market.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { exchangeBookUrl, exchangeSubscription } from '../../feed/venue/coinbase/endpoints.ts';
import { CoinbaseFullFeed } from '../../feed/venue/coinbase-full/feed.hot.ts';
import { orderIdText } from '../../feed/venue/coinbase-full/order-id-text.ts';
import { ID_WORDS } from '../../feed/venue/coinbase-full/order-ids.hot.ts';
import { Audience } from './audience.ts';
import { ownFeed } from './book-text.ts';
import { ExchangeRequests } from './coinbase-requests.ts';
import { FrameFields } from './frame-fields.ts';
import type { RestAnswer, ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const F_PRODUCT = 0;
const F_TIME = 1;
const FRAME = new KeyTable(['product_id', 'time']);
const BOOK_PATH = /^\/products\/([^/]+)\/book$/;

/** The channel `full` of Coinbase Exchange, and its whole book by REST: the recording's own as it stands. Whatever is signed is taken for right. */
export class ServedCoinbaseFull implements ServedVenue {
  readonly idleMs = 0;
  readonly pingMs = 0;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  private readonly feed: CoinbaseFullFeed;
  /** By product. */
  private readonly audience = new Audience();
  private readonly ids: ReadonlyMap<string, number>;
  private readonly requests: ExchangeRequests;
  private readonly frame = new FrameFields(FRAME);
  private readonly waiting: ((answer: RestAnswer) => void)[][];
  private hasEnded = false;

  constructor(source: ServedSource) {
    const products = source.instruments.map((one) => one.symbol);
    this.source = source;
    this.feed = ownFeed(source, (options) => new CoinbaseFullFeed(options));
    this.ids = new Map(source.instruments.map((one) => [one.symbol, one.id]));
    this.requests = new ExchangeRequests(this.ids, ['full', 'heartbeat'], source.note);
    this.waiting = source.instruments.map(() => []);
    this.access = {
      stream: '/',
      subscribe: [exchangeSubscription(products, 'full')],
      rest: products.map((product) => exchangeBookUrl('', product)),
    };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    for (const { isOn, channel, product } of this.requests.read(client, text)) {
      if (channel !== 'full') continue;
      if (isOn) {
        client.reads = true;
        this.audience.add(product, client);
      } else this.audience.remove(product, client);
    }
  }

  onClose(client: ServedClient): void {
    this.audience.leave(client);
    this.requests.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.feed.onFrame(bytes, start, end, times);
    if (!this.frame.frame(bytes, start, end)) return;
    const product = this.frame.text(F_PRODUCT);
    const id = this.ids.get(product);
    if (id === undefined) return;
    // Lines without a time are the snapshot that the recording begins with.
    if (this.frame.text(F_TIME) !== '') this.audience.send(product, bytes, start, end);
    if (this.feed.state(id) === BOOK_STATE.LIVE) for (const resolve of this.waiting[id]!.splice(0)) resolve(this.whole(id));
  }

  onEnd(): void {
    this.hasEnded = true;
    for (const list of this.waiting) for (const resolve of list.splice(0)) resolve(UNAVAILABLE);
  }

  get(url: URL): Promise<RestAnswer> | undefined {
    const product = BOOK_PATH.exec(url.pathname)?.[1];
    if (product === undefined || url.searchParams.get('level') !== '3') return undefined;
    const id = this.ids.get(product);
    if (id === undefined) {
      this.source.note(`client asked for the book of ${product}: the recording does not have it`);
      return Promise.resolve({ status: 404, body: '{"message":"NotFound"}' });
    }
    if (this.feed.state(id) === BOOK_STATE.LIVE) return Promise.resolve(this.whole(id));
    if (this.hasEnded) return Promise.resolve(UNAVAILABLE);
    return new Promise((resolve) => this.waiting[id]!.push(resolve));
  }

  /** Every order, best level first and each level in the order of its queue. */
  private whole(instrument: number): RestAnswer {
    const one = this.source.instruments[instrument]!;
    const { orders, ids } = this.feed.syncs[instrument]!;
    const { book } = orders;
    const words = new Int32Array(ID_WORDS);
    const side = (which: number): [string, string, string][] => {
      const list: [string, string, string][] = [];
      for (let level = 0; level < book.levels(which); level++) {
        const price = formatPrice(one, book.priceAt(which, level));
        for (let order = book.frontOf(which, level); order >= 0; order = book.after(order)) {
          orders.idOf(order, words);
          list.push([price, formatQty(one, book.lotsOf(order)), orderIdText(words)]);
        }
      }
      return list;
    };
    return { status: 200, body: JSON.stringify({ bids: side(SIDE.BUY), asks: side(SIDE.SELL), sequence: ids[0]! }) };
  }
}

const UNAVAILABLE: RestAnswer = { status: 503, body: '{"message":"The recording ended without this book."}' };
