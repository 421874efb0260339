import { PRICE_NONE } from '../../core/price.ts';
import { type L2Message, N_TRADE_LOTS } from './message.hot.ts';
import { DECODE } from './status.ts';

/** A ticker's levels 0: an empty side is price 0 with quantity 0; a price without quantity, or the reverse, is refused. */
export function checkTicker(message: L2Message): number {
  if ((message.bidTicks[0]! === PRICE_NONE) !== (message.bidLots[0]! === 0)) return DECODE.PRICE_RANGE;
  if ((message.askTicks[0]! === PRICE_NONE) !== (message.askLots[0]! === 0)) return DECODE.PRICE_RANGE;
  message.bidCount = 1;
  message.askCount = 1;
  return DECODE.OK;
}

/** Makes a trade of price and quantity in the bid's slot 0; a trade of nothing is refused. */
export function takeTrade(message: L2Message, side: number, isMarket: number): number {
  const ticks = message.bidTicks[0]!;
  const lots = message.bidLots[0]!;
  if (ticks === PRICE_NONE) return DECODE.PRICE_RANGE;
  if (lots === 0) return DECODE.QTY_RANGE;
  message.tradeTicks = ticks;
  message.numbers[N_TRADE_LOTS] = lots;
  message.tradeSide = side;
  message.tradeIsMarket = isMarket;
  return DECODE.OK;
}
