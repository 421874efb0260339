import { N_LAST_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../l2/message.hot.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Values of type, channel and side. */
export const TEXT = {
  L2UPDATE: bytesOf('l2update'),
  SNAPSHOT: bytesOf('snapshot'),
  UPDATE: bytesOf('update'),
  TICKER: bytesOf('ticker'),
  MATCH: bytesOf('match'),
  LAST_MATCH: bytesOf('last_match'),
  HEARTBEAT: bytesOf('heartbeat'),
  BUY: bytesOf('buy'),
  SELL: bytesOf('sell'),
  L2_DATA: bytesOf('l2_data'),
  MARKET_TRADES: bytesOf('market_trades'),
  TICKER_BATCH: bytesOf('ticker_batch'),
  BID: bytesOf('bid'),
  OFFER: bytesOf('offer'),
  BUYER: bytesOf('BUY'),
  SELLER: bytesOf('SELL'),
} as const;

/** The message's time in whole microseconds as its update id: below 2^53 until the year 2255. */
export function timeAsId(numbers: Float64Array): void {
  numbers[N_LAST_ID] = numbers[N_TRANSACT_MS]! * 1000 + Math.floor(numbers[N_TRANSACT_REST_NS]! / 1000);
}
