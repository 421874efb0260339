import { firstElement } from '../../feed/json/array.hot.ts';
import { KeyTable } from '../../feed/json/object.hot.ts';
import { HYPERLIQUID_PING, hyperliquidSubscriptions } from '../../feed/venue/hyperliquid/endpoints.ts';
import { Audience } from './audience.ts';
import { FrameFields, messageOf, objectIn } from './frame-fields.ts';
import type { ServedClient, ServedSource, ServedVenue } from './served-venue.ts';

const F_CHANNEL = 0;
const F_DATA = 1;
const FRAME = new KeyTable(['channel', 'data']);
const DATA = new KeyTable(['coin']);
const CHANNELS = ['l2Book', 'trades', 'bbo'];

/** Hyperliquid's websocket: every message of a book is a whole one, so a client that comes late waits for the next. */
export class ServedHyperliquid implements ServedVenue {
  readonly idleMs = 60_000;
  readonly pingMs = 0;
  readonly access: ServedVenue['access'];
  private readonly source: ServedSource;
  /** As `channel coin`. */
  private readonly audience = new Audience();
  private readonly coins: ReadonlySet<string>;
  private readonly frame = new FrameFields(FRAME);
  private readonly data = new FrameFields(DATA);

  constructor(source: ServedSource) {
    this.source = source;
    this.coins = new Set(source.instruments.map((one) => one.symbol));
    this.access = { stream: '/ws', subscribe: [...[...this.coins].flatMap(hyperliquidSubscriptions), HYPERLIQUID_PING], rest: [] };
  }

  onConnect(): void {}

  onMessage(client: ServedClient, text: string): void {
    const message = messageOf(text);
    const method = message?.['method'];
    if (method === 'ping') {
      client.send('{"channel":"pong"}');
      return;
    }
    const subscription = objectIn(message?.['subscription']);
    const [type, coin] = [String(subscription['type']), String(subscription['coin'])];
    if ((method !== 'subscribe' && method !== 'unsubscribe') || !CHANNELS.includes(type) || !this.coins.has(coin)) {
      if (method === 'subscribe') this.source.note(`client asked for ${type} of ${coin}: the recording does not have it`);
      client.send(JSON.stringify({ channel: 'error', data: `Invalid subscription ${text}` }));
      return;
    }
    client.send(JSON.stringify({ channel: 'subscriptionResponse', data: { method, subscription } }));
    const name = `${type} ${coin}`;
    if (method === 'unsubscribe') this.audience.remove(name, client);
    else {
      client.reads = true;
      this.audience.add(name, client);
    }
  }

  onClose(client: ServedClient): void {
    this.audience.leave(client);
  }

  onFrame(bytes: Uint8Array, start: number, end: number): void {
    if (!this.frame.frame(bytes, start, end)) return;
    const data = this.frame.place(F_DATA);
    // Trades are a list, all of one coin.
    const object = bytes[data] === 91 ? firstElement(bytes, data, end) : data;
    if (object === 0 || !this.data.object(bytes, object, end)) return;
    this.audience.send(`${this.frame.text(F_CHANNEL)} ${this.data.text(0)}`, bytes, start, end);
  }

  onEnd(): void {}

  get(): undefined {
    return undefined;
  }
}
