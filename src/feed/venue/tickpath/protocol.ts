/**
 * Tickpath's own feed protocol, version 1 (docs/feed-protocol.md): MessagePack over a websocket, one value a message. Maps are
 * control messages, arrays are data:
 *
 *   [0, symbol, price decimals, tick units, quantity decimals, lot units, trading]   DEFINITION
 *   [1, symbol, sequence, time, [price, lots, ...] bids, [...] asks]                  SNAPSHOT
 *   [2, symbol, sequence, time, [price, lots, ...] bids, [...] asks]                  DELTA
 *   [3, symbol, sequence, time, trade id, side, price, lots]                          TRADE
 *   [4, symbol, sequence, time, state, reason]                                        STATE
 *   [5, symbol, sequence, time]                                                       HEARTBEAT
 *
 * Prices are ticks, quantities lots, times epoch nanoseconds (0: unknown); all integers, of whatever width MessagePack allows.
 * A DELTA has the sequence number after the last one; everything else has the last one.
 */
export const FEED_PROTOCOL_VERSION = 1;

export const FEED_MESSAGE = { DEFINITION: 0, SNAPSHOT: 1, DELTA: 2, TRADE: 3, STATE: 4, HEARTBEAT: 5 } as const;
/** Elements of the array of each kind, by FEED_MESSAGE. */
export const FEED_MESSAGE_ELEMENTS: Uint8Array = Uint8Array.of(7, 6, 6, 8, 6, 4);

/** Levels a side to choose from, 0: all. */
export const FEED_DEPTHS: readonly number[] = [0, 1, 5, 10, 20, 50, 100, 500, 1_000];

/** Path of the websocket. */
export const FEED_PATH = '/feed';

/** What a client sends. */
export type FeedRequest =
  | { readonly op: 'hello'; readonly versions: readonly number[]; readonly client: string }
  | { readonly op: 'subscribe'; readonly symbols: readonly string[]; readonly depth: number }
  | { readonly op: 'unsubscribe'; readonly symbols: readonly string[] }
  | { readonly op: 'snapshot'; readonly symbol: string };

/** Why a server refuses a request or ends a connection. */
export const FEED_ERROR = {
  /** No version that both know; `versions` are the server's. Ends the connection. */
  VERSION: 'version',
  /** Not a request, or one before `hello`. Ends the connection. */
  REQUEST: 'request',
  UNKNOWN_SYMBOL: 'unknown_symbol',
  UNKNOWN_DEPTH: 'unknown_depth',
  NOT_SUBSCRIBED: 'not_subscribed',
  /** More bytes wait for the client than the server keeps. Ends the connection. */
  SLOW_CONSUMER: 'slow_consumer',
} as const;
export type FeedErrorCode = (typeof FEED_ERROR)[keyof typeof FEED_ERROR];

/** What a server answers. */
export type FeedAnswer =
  | {
      readonly op: 'welcome';
      readonly version: number;
      readonly server: string;
      readonly heartbeat_ms: number;
      readonly depths: readonly number[];
      readonly symbols: readonly string[];
    }
  | { readonly op: 'subscribed'; readonly symbols: readonly string[]; readonly depth: number }
  | { readonly op: 'unsubscribed'; readonly symbols: readonly string[] }
  | {
      readonly op: 'error';
      readonly code: FeedErrorCode;
      readonly message: string;
      readonly symbol?: string;
      readonly versions?: readonly number[];
    }
  | { readonly op: 'end'; readonly reason: string };
