import { createHmac } from 'node:crypto';

/** Paces of a channel; `raw` needs authentication. */
export const DERIBIT_INTERVALS = ['100ms', 'agg2', 'raw'] as const;
export type DeribitInterval = (typeof DERIBIT_INTERVALS)[number];

function request(id: number, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** Channels of one instrument that the feed reads. */
export function deribitChannels(instruments: readonly string[], interval: DeribitInterval): string[] {
  return instruments.flatMap((name) => [`book.${name}.${interval}`, `trades.${name}.${interval}`]);
}

export function deribitSubscription(id: number, instruments: readonly string[], interval: DeribitInterval): string {
  const method = interval === 'raw' ? 'private/subscribe' : 'public/subscribe';
  return request(id, method, { channels: deribitChannels(instruments, interval) });
}

/** A book that lost a change is taken anew by leaving its channel and subscribing again. */
export function deribitUnsubscription(id: number, instrument: string, interval: DeribitInterval): string {
  const method = interval === 'raw' ? 'private/unsubscribe' : 'public/unsubscribe';
  return request(id, method, { channels: [`book.${instrument}.${interval}`] });
}

/** Messages that fetch a new snapshot of one book: there is no other way than to subscribe again. */
export function deribitResubscribe(id: number, instrument: string, interval: DeribitInterval): string[] {
  const method = interval === 'raw' ? 'private/subscribe' : 'public/subscribe';
  const channels = [`book.${instrument}.${interval}`];
  return [deribitUnsubscription(id, instrument, interval), request(id, method, { channels })];
}

/** Asks for a heartbeat every `seconds` (at least 10); each `test_request` must be answered by `deribitTest`. */
export function deribitHeartbeat(id: number, seconds: number): string {
  return request(id, 'public/set_heartbeat', { interval: seconds });
}

export function deribitTest(id: number): string {
  return request(id, 'public/test', {});
}

/** Authentication with a signature: HMAC-SHA256 in hexadecimal of time, nonce and data, a line feed after each of the first two. */
export function deribitAuthentication(id: number, clientId: string, clientSecret: string, epochMs: number, nonce: string): string {
  const signature = createHmac('sha256', clientSecret).update(`${epochMs}\n${nonce}\n`).digest('hex');
  return request(id, 'public/auth', {
    grant_type: 'client_signature',
    client_id: clientId,
    timestamp: epochMs,
    signature,
    nonce,
    data: '',
  });
}
