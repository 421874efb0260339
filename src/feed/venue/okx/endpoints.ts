import { OKX_REST_CHANNEL } from './decode.hot.ts';
import type { OkxBooks } from './modes.ts';

interface Argument {
  readonly channel: string;
  readonly instId: string;
}

/** Channels of one instrument that a feed of such books reads. */
function channelsOf(books: OkxBooks): readonly string[] {
  return [books === 'books-rest' ? 'books' : books, 'tickers', 'trades'];
}

/** The message that subscribes every channel of the feed; instruments as OKX names them, e.g. "BTC-USDT". */
export function okxSubscribe(instIds: readonly string[], books: OkxBooks): string {
  return request(
    'subscribe',
    instIds.flatMap((instId) => channelsOf(books).map((channel) => ({ channel, instId }))),
  );
}

/** Messages that fetch a new snapshot of a book that begins in the stream: subscribe again. */
export function okxResubscribe(instId: string): string[] {
  const argument = [{ channel: 'books', instId }];
  return [request('unsubscribe', argument), request('subscribe', argument)];
}

/** Sent as text when nothing came for less than 30 s; the answer is `pong`. */
export const OKX_PING = 'ping';

/** URL of a REST snapshot below `base`, `levels` a side. */
export function okxSnapshotUrl(base: string, instId: string, levels = 400): string {
  return `${base.replace(/\/$/, '')}/api/v5/market/books?instId=${instId}&sz=${levels}&source=0`;
}

/** The body of a REST snapshot as a frame that names its instrument, in the form of the venue's other frames. */
export function okxSnapshotFrame(instId: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`{"arg":{"channel":"${OKX_REST_CHANNEL}","instId":"${instId}"},"data":`);
  const frame = new Uint8Array(head.length + body.length + 1);
  frame.set(head);
  frame.set(body, head.length);
  frame[frame.length - 1] = 0x7d;
  return frame;
}

function request(op: string, args: readonly Argument[]): string {
  return JSON.stringify({ op, args });
}
