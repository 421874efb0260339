import { createHmac, sign } from 'node:crypto';

/** Coinbase Exchange, public feed and REST. Hosts are defaults: configuration may name others. */
export const COINBASE_EXCHANGE_URL = 'wss://ws-feed.exchange.coinbase.com';
export const COINBASE_EXCHANGE_REST_URL = 'https://api.exchange.coinbase.com';
/** Coinbase Advanced Trade, market data. */
export const COINBASE_ADVANCED_URL = 'wss://advanced-trade-ws.coinbase.com';

/** `level2` needs a key; `level2_batch` is the same every 50 ms without one. */
export type CoinbaseBookChannel = 'level2' | 'level2_batch' | 'full';

export interface CoinbaseExchangeKey {
  readonly key: string;
  readonly passphrase: string;
  /** Base64, as the venue shows it. */
  readonly secret: string;
}

/** Asks Coinbase Exchange for a book channel, matches and the heartbeat; to be sent within 5 s of connecting. */
export function exchangeSubscription(
  products: readonly string[],
  channel: CoinbaseBookChannel,
  signature: Readonly<Record<string, string>> = {},
): string {
  const channels = channel === 'full' ? ['full', 'heartbeat'] : [channel, 'matches', 'heartbeat'];
  return JSON.stringify({ type: 'subscribe', product_ids: products, channels, ...signature });
}

export function exchangeUnsubscription(products: readonly string[], channel: CoinbaseBookChannel): string {
  return JSON.stringify({ type: 'unsubscribe', product_ids: products, channels: [channel] });
}

/** Messages that fetch a new snapshot of one book: there is no other way than to subscribe again. */
export function exchangeResubscription(
  product: string,
  channel: CoinbaseBookChannel,
  signature: Readonly<Record<string, string>> = {},
): string[] {
  const subscribe = { type: 'subscribe', product_ids: [product], channels: [channel], ...signature };
  return [exchangeUnsubscription([product], channel), JSON.stringify(subscribe)];
}

/** Fields that sign a subscription; `epochSeconds` within 30 s of the venue's clock. */
export function exchangeSignature(key: CoinbaseExchangeKey, epochSeconds: number): Record<string, string> {
  const timestamp = `${epochSeconds}`;
  const secret = Buffer.from(key.secret, 'base64');
  const signature = createHmac('sha256', secret).update(`${timestamp}GET/users/self/verify`).digest('base64');
  return { signature, key: key.key, passphrase: key.passphrase, timestamp };
}

/** Whole order book, order by order, of Coinbase Exchange below `base`: the snapshot of the channel `full`. */
export function exchangeBookUrl(base: string, product: string): string {
  return `${base.replace(/\/$/, '')}/products/${product}/book?level=3`;
}

/** Asks Advanced Trade for one channel; a connection sends one such message a channel, each with a token of its own. */
export function advancedSubscription(
  channel: 'level2' | 'market_trades' | 'heartbeats',
  products: readonly string[],
  jwt?: string,
): string {
  return JSON.stringify({
    type: 'subscribe',
    channel,
    ...(channel === 'heartbeats' ? {} : { product_ids: products }),
    ...(jwt === undefined ? {} : { jwt }),
  });
}

export function advancedUnsubscription(channel: 'level2', products: readonly string[]): string {
  return JSON.stringify({ type: 'unsubscribe', channel, product_ids: products });
}

const TOKEN_LIFE_S = 120;

/**
 * A token (JWT, ES256) for one subscription. `keyName`: name of the API key, `pem`: its EC private key, `nonce`: random hexadecimal.
 * Throws when `pem` is no key.
 */
export function advancedToken(keyName: string, pem: string, epochSeconds: number, nonce: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'ES256', typ: 'JWT', kid: keyName, nonce });
  const claims = part({ sub: keyName, iss: 'cdp', nbf: epochSeconds, exp: epochSeconds + TOKEN_LIFE_S });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), { key: pem, dsaEncoding: 'ieee-p1363' });
  return `${head}.${claims}.${signature.toString('base64url')}`;
}

/** The answer of `exchangeBookUrl` as a frame that names its product: the bytes as received, wrapped. */
export function exchangeBookFrame(product: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`{"type":"snapshot","product_id":"${product}","book":`);
  const frame = new Uint8Array(head.length + body.length + 1);
  frame.set(head);
  frame.set(body, head.length);
  frame[frame.length - 1] = 0x7d;
  return frame;
}
