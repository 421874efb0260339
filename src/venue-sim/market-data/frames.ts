import { formatPrice, formatQty, type Instrument } from '../../core/instrument.ts';
import { SIDE } from '../../core/records/market.ts';

/**
 * Frames of Binance USD-M futures combined streams, with the keys in the venue's order (developers.binance.com, "USDⓈ-M Futures",
 * websocket market streams). `eventMs` and `tradeMs` are Unix milliseconds, prices ticks, quantities lots.
 */
export interface FrameLevel {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

export function bookTickerFrame(
  instrument: Instrument,
  updateId: number,
  bid: FrameLevel,
  ask: FrameLevel,
  transactionMs: number,
  eventMs: number,
): string {
  const { symbol } = instrument;
  return (
    `{"stream":"${symbol.toLowerCase()}@bookTicker","data":{"e":"bookTicker","u":${updateId},"s":"${symbol}",` +
    `"b":"${formatPrice(instrument, bid.priceTicks)}","B":"${formatQty(instrument, bid.qtyLots)}",` +
    `"a":"${formatPrice(instrument, ask.priceTicks)}","A":"${formatQty(instrument, ask.qtyLots)}",` +
    `"T":${transactionMs},"E":${eventMs}}}`
  );
}

export function tradeFrame(
  instrument: Instrument,
  tradeId: number,
  trade: FrameLevel,
  takerSide: number,
  transactionMs: number,
  eventMs: number,
): string {
  const { symbol } = instrument;
  return (
    `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${eventMs},"T":${transactionMs},"s":"${symbol}",` +
    `"t":${tradeId},"p":"${formatPrice(instrument, trade.priceTicks)}","q":"${formatQty(instrument, trade.qtyLots)}",` +
    `"X":"MARKET","m":${takerSide === SIDE.SELL}}}`
  );
}

/** `ids`: first and last update id of the event, and the last one of the event before. */
export function depthFrame(
  instrument: Instrument,
  ids: readonly [number, number, number],
  bids: readonly FrameLevel[],
  asks: readonly FrameLevel[],
  transactionMs: number,
  eventMs: number,
): string {
  const { symbol } = instrument;
  return (
    `{"stream":"${symbol.toLowerCase()}@depth@0ms","data":{"e":"depthUpdate","E":${eventMs},"T":${transactionMs},"s":"${symbol}",` +
    `"U":${ids[0]},"u":${ids[1]},"pu":${ids[2]},"b":${levelsText(instrument, bids)},"a":${levelsText(instrument, asks)}}}`
  );
}

/** The answer to a REST request for the book. */
export function snapshotFrame(
  instrument: Instrument,
  lastUpdateId: number,
  bids: readonly FrameLevel[],
  asks: readonly FrameLevel[],
  transactionMs: number,
  eventMs: number,
): string {
  return (
    `{"lastUpdateId":${lastUpdateId},"E":${eventMs},"T":${transactionMs},` +
    `"bids":${levelsText(instrument, bids)},"asks":${levelsText(instrument, asks)}}`
  );
}

function levelsText(instrument: Instrument, levels: readonly FrameLevel[]): string {
  const parts = levels.map((level) => `["${formatPrice(instrument, level.priceTicks)}","${formatQty(instrument, level.qtyLots)}"]`);
  return `[${parts.join(',')}]`;
}
