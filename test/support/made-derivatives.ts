import { SIDE } from '../../src/core/records/market.ts';
import type { MadeDialect, MadeMarket, TextLevel } from './made-recordings.ts';

const milliseconds = (timeUs: number): number => Math.floor(timeUs / 1_000);

/** Numbers that count by symbol. */
class Numbers {
  private readonly last = new Map<string, number>();

  next(symbol: string): number {
    const number = (this.last.get(symbol) ?? 1_000) + 1;
    this.last.set(symbol, number);
    return number;
  }

  begin(symbol: string): number {
    this.last.delete(symbol);
    return this.next(symbol);
  }
}

function madeBybit(): MadeDialect {
  const updates = new Numbers();
  let sequence = 0;
  const frame = (
    type: string,
    symbol: string,
    u: number,
    bids: readonly TextLevel[],
    asks: readonly TextLevel[],
    timeUs: number,
  ): string => {
    const ts = milliseconds(timeUs);
    sequence += 3;
    return JSON.stringify({
      topic: `orderbook.50.${symbol}`,
      type,
      ts,
      data: { s: symbol, b: bids, a: asks, u, seq: sequence },
      cts: ts - 1,
    });
  };
  return {
    symbols: ['BTCUSDT', 'ETHUSDT'],
    begin: (market, timeUs) =>
      market.symbols.map((symbol) =>
        frame('snapshot', symbol, updates.begin(symbol), market.levels(symbol, SIDE.BUY), market.levels(symbol, SIDE.SELL), timeUs),
      ),
    change: (_, { symbol, bids, asks }, timeUs) => frame('delta', symbol, updates.next(symbol), bids, asks, timeUs),
  };
}

function madeDeribit(): MadeDialect {
  const ids = new Numbers();
  const side = (levels: readonly TextLevel[], word: string): string =>
    levels.map(([price, qty]) => `["${/[1-9]/.test(qty) ? word : 'delete'}",${price},${qty}]`).join(',');
  const frame = (symbol: string, numbers: string, bids: string, asks: string, timeUs: number): string => {
    const data = `{"timestamp":${milliseconds(timeUs)},"instrument_name":"${symbol}",${numbers},"bids":[${bids}],"asks":[${asks}]}`;
    return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.${symbol}.100ms","data":${data}}}`;
  };
  return {
    symbols: ['BTC-PERPETUAL', 'ETH-PERPETUAL'],
    begin: (market, timeUs) =>
      market.symbols.map((symbol) => {
        const levels = (which: number): string => side(market.levels(symbol, which), 'new');
        return frame(symbol, `"type":"snapshot","change_id":${ids.begin(symbol)}`, levels(SIDE.BUY), levels(SIDE.SELL), timeUs);
      }),
    change: (_, { symbol, bids, asks }, timeUs) => {
      const id = ids.next(symbol);
      const numbers = `"type":"change","prev_change_id":${id - 1},"change_id":${id}`;
      return frame(symbol, numbers, side(bids, 'change'), side(asks, 'change'), timeUs);
    },
  };
}

const hyperliquidBook = (market: MadeMarket, coin: string, timeUs: number): string => {
  const side = (which: number): object[] => market.levels(coin, which).map(([px, sz]) => ({ px, sz, n: 1 }));
  return JSON.stringify({ channel: 'l2Book', data: { coin, time: milliseconds(timeUs), levels: [side(SIDE.BUY), side(SIDE.SELL)] } });
};

export const MADE_BYBIT = madeBybit();
export const MADE_DERIBIT = madeDeribit();
export const MADE_HYPERLIQUID: MadeDialect = {
  symbols: ['BTC', 'ETH'],
  begin: (market, timeUs) => market.symbols.map((coin) => hyperliquidBook(market, coin, timeUs)),
  change: (market, { symbol }, timeUs) => hyperliquidBook(market, symbol, timeUs),
};
