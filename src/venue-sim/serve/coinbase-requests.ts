import { messageOf, objectIn, textsIn } from './frame-fields.ts';
import type { ServedClient } from './served-venue.ts';

/** One channel of one product, subscribed or left. */
export interface ExchangeChange {
  readonly isOn: boolean;
  readonly channel: string;
  readonly product: string;
}

/** Requests of clients of Coinbase Exchange: read, answered with all that the client is subscribed to, or refused with a reason. */
export class ExchangeRequests {
  private readonly products: ReadonlyMap<string, number>;
  private readonly channels: readonly string[];
  private readonly note: (text: string) => void;
  /** `channel product` of each client. */
  private readonly subscribed = new Map<ServedClient, Set<string>>();

  constructor(products: ReadonlyMap<string, number>, channels: readonly string[], note: (text: string) => void) {
    this.products = products;
    this.channels = channels;
    this.note = note;
  }

  /** What a request changes; nothing when it is refused. */
  read(client: ServedClient, text: string): ExchangeChange[] {
    const message = messageOf(text);
    const type = message?.['type'];
    if (message === undefined || (type !== 'subscribe' && type !== 'unsubscribe'))
      return this.refuse(client, 'Failed to subscribe', `unknown type ${String(type)}`);
    const isOn = type === 'subscribe';
    const common = textsIn(message['product_ids']);
    const changes: ExchangeChange[] = [];
    const list: readonly unknown[] = Array.isArray(message['channels']) ? message['channels'] : [];
    for (const one of list) {
      const channel = typeof one === 'string' ? one : String(objectIn(one)['name']);
      const products = typeof one === 'string' ? common : [...common, ...textsIn(objectIn(one)['product_ids'])];
      if (!this.channels.includes(channel)) return this.refuse(client, 'Failed to subscribe', `${channel} is not a valid channel`);
      for (const product of products) {
        if (!this.products.has(product)) return this.refuse(client, 'Failed to subscribe', `${product} is not a valid product`);
        changes.push({ isOn, channel, product });
      }
    }
    const own = this.subscribed.get(client) ?? new Set<string>();
    this.subscribed.set(client, own);
    for (const { channel, product } of changes) {
      if (isOn) own.add(`${channel} ${product}`);
      else own.delete(`${channel} ${product}`);
    }
    client.send(JSON.stringify({ type: 'subscriptions', channels: this.listOf(own) }));
    return changes;
  }

  leave(client: ServedClient): void {
    this.subscribed.delete(client);
  }

  private listOf(own: ReadonlySet<string>): object[] {
    const listed = this.channels.map((name) => ({
      name,
      product_ids: [...this.products.keys()].filter((product) => own.has(`${name} ${product}`)),
    }));
    return listed.filter((one) => one.product_ids.length > 0);
  }

  private refuse(client: ServedClient, message: string, reason: string): ExchangeChange[] {
    this.note(`client's request was refused: ${reason}`);
    client.send(JSON.stringify({ type: 'error', message, reason }));
    return [];
  }
}
