import type { RateLimit } from './rate-budget.ts';

/** What the transport does on a frame that holds a text, beside handing it over. */
export interface Reaction {
  /** Looked for in frames of up to REACTION_BYTES_MAX, byte for byte. */
  readonly holds: string;
  /** Text sent back, e.g. to a request for a sign of life. */
  readonly answer?: string;
  /** The venue is about to close this connection: the next one is opened at once. */
  readonly replaces?: boolean;
  /** The venue refuses or warns: the frame is told to `onTrouble`. */
  readonly tells?: boolean;
}

/** Bytes of the longest frame that is searched for a reaction: control messages are short, and books must not be searched. */
export const REACTION_BYTES_MAX = 1_024;

/** What is sent to a venue: a text message, or bytes as a binary one. */
export type ClientMessage = string | Uint8Array;

/**
 * What a websocket transport must know of a venue to live with it, as data: where to connect, what to say, how to stay
 * connected, how a snapshot is had, and what the venue tolerates.
 */
export interface VenueConnection {
  readonly url: string;
  /** Headers of the opening request, e.g. an API key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Messages sent as soon as a connection is open; a function where they are signed with the time. */
  readonly greetings?: readonly ClientMessage[] | (() => readonly ClientMessage[]);
  /** Sent every so often while connected; without a text it is a ping of the websocket protocol. */
  readonly keepalive?: { readonly everyMs: number; readonly text?: string };
  readonly reactions?: readonly Reaction[];
  /** Fetches a snapshot of an instrument as a frame; rejects with RestRefusal where the venue says when to ask again. */
  readonly fetchSnapshot?: (instrument: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Messages that make the venue send a snapshot of an instrument in the stream. */
  readonly resubscribe?: (instrument: number) => readonly ClientMessage[];
  /** Connection attempts from one address. */
  readonly connections?: RateLimit;
  /** Messages of greetings and resubscriptions on one connection. */
  readonly messages?: RateLimit;
  /** Requests of `fetchSnapshot`. */
  readonly requests?: RateLimit;
  /** The venue closes a connection at this age: the next one is opened before. */
  readonly lifeMs?: number;
  /** Bytes of the largest message; a connection that sends a larger one is closed. Default: FRAME_BYTES_MAX. */
  readonly frameBytesMax?: number;
}

/** Why a connection was made again. */
export const RECONNECT = {
  /** The venue or the network closed it. */
  CLOSED: 'closed',
  /** It could not be made. */
  FAILED: 'failed',
  /** Nothing came for `silenceMs`. */
  SILENT: 'silent',
  /** It grew old (`lifeMs`). */
  AGED: 'aged',
  /** The venue announced its end. */
  ANNOUNCED: 'announced',
  /** Who uses it wants every book anew. */
  ASKED: 'asked',
} as const;
export type ReconnectCause = (typeof RECONNECT)[keyof typeof RECONNECT];

/** How often a connection was made again, by cause, and how long there was none. */
export class ReconnectCounts {
  readonly byCause: Record<ReconnectCause, number> = { closed: 0, failed: 0, silent: 0, aged: 0, announced: 0, asked: 0 };
  /** Time between losing a connection and having the next one, ns: all of it, and the longest. */
  downNs = 0;
  downNsMax = 0;
  private lostNs = -1;

  get total(): number {
    return Object.values(this.byCause).reduce((sum, count) => sum + count, 0);
  }

  count(cause: ReconnectCause): void {
    this.byCause[cause]++;
  }

  lost(nowNs: number): void {
    this.lostNs = nowNs;
  }

  made(nowNs: number): void {
    if (this.lostNs < 0) return;
    const downNs = nowNs - this.lostNs;
    this.downNs += downNs;
    this.downNsMax = Math.max(this.downNsMax, downNs);
    this.lostNs = -1;
  }
}
