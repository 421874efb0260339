import { PRICE_NONE } from '../../../core/price.ts';
import { type L2Message, N_TRADE_LOTS } from '../../l2/message.hot.ts';
import { DECODE } from '../../l2/status.ts';

/** An empty side is price 0 with quantity 0; a price without quantity, or the reverse, is refused. */
export function checkTicker(message: L2Message): number {
  if ((message.bidTicks[0]! === PRICE_NONE) !== (message.bidLots[0]! === 0)) return DECODE.PRICE_RANGE;
  if ((message.askTicks[0]! === PRICE_NONE) !== (message.askLots[0]! === 0)) return DECODE.PRICE_RANGE;
  return DECODE.OK;
}

/** Off-book trade kinds may carry zeros, a market trade may not. */
export function checkTrade(message: L2Message): number {
  if (message.tradeIsMarket === 0) return DECODE.OK;
  if (message.tradeTicks === PRICE_NONE) return DECODE.PRICE_RANGE;
  return message.numbers[N_TRADE_LOTS]! === 0 ? DECODE.QTY_RANGE : DECODE.OK;
}
