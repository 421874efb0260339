import * as assert from 'uvu/assert';
import { PRICE_NONE } from '../../src/core/price.ts';
import { SIDE } from '../../src/core/records/market.ts';
import {
  type L2Message,
  N_FIRST_ID,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
  N_TRANSACT_REST_NS,
} from '../../src/feed/l2/message.hot.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';
import type { Level, NaiveMessage, NaiveVenue } from '../reference/naive-binance.ts';

function levelsOf(ticks: Int32Array, lots: Float64Array, count: number): Level[] {
  const levels: Level[] = [];
  for (let i = 0; i < count; i++) levels.push([ticks[i] === PRICE_NONE ? 0 : ticks[i]!, lots[i]!]);
  return levels;
}

/** A decoded message in the naive decoder's form. */
export function naiveForm(message: L2Message, venue: NaiveVenue = 'futures'): NaiveMessage {
  const n = message.numbers;
  const instrument = message.instrument;
  // Microseconds as a fraction: both sides do the same division, and nothing but this comparison sees it.
  const timeMs = n[N_TRANSACT_REST_NS] === 0 ? n[N_TRANSACT_MS]! : (n[N_TRANSACT_MS]! * 1000 + n[N_TRANSACT_REST_NS]! / 1000) / 1000;
  const bids = levelsOf(message.bidTicks, message.bidLots, message.bidCount);
  const asks = levelsOf(message.askTicks, message.askLots, message.askCount);
  const last = n[N_LAST_ID]!;
  if (message.kind === MESSAGE.DEPTH) {
    const previous = venue === 'futures' ? { previous: n[N_PREVIOUS_ID]! } : {};
    return { kind: 'depth', instrument, timeMs, first: n[N_FIRST_ID]!, last, ...previous, bids, asks };
  }
  if (message.kind === MESSAGE.SNAPSHOT) return { kind: 'snapshot', instrument, timeMs, last, bids, asks };
  if (message.kind === MESSAGE.TICKER) return { kind: 'ticker', instrument, timeMs, last, bid: bids[0]!, ask: asks[0]! };
  const price = message.tradeTicks === PRICE_NONE ? 0 : message.tradeTicks;
  const sell = message.tradeSide === SIDE.SELL;
  return { kind: 'trade', instrument, timeMs, id: n[N_TRADE_ID]!, price, qty: n[N_TRADE_LOTS]!, sell, market: message.tradeIsMarket === 1 };
}

/** Fails with the frame when an accepted message differs from the naive decoder's. */
export function assertSame(text: string, message: L2Message, expected: NaiveMessage | undefined, venue: NaiveVenue = 'futures'): void {
  const found = naiveForm(message, venue);
  if (expected === undefined || JSON.stringify(found) !== JSON.stringify(expected)) {
    assert.equal({ text, message: found }, { text, message: expected });
  }
}
