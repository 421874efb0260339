import type { Instrument } from '../../src/core/instrument.ts';

/** Pairs as the second API names them, and as the first one does. */
export const BTC_USD: Instrument = { id: 0, symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 };
export const MATIC_USD: Instrument = { id: 1, symbol: 'MATIC/USD', priceDecimals: 4, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 };
export const XMR_USD: Instrument = { id: 2, symbol: 'XMR/USD', priceDecimals: 8, qtyDecimals: 8, tickUnits: 1_000_000, lotUnits: 1 };

export type TextLevel = readonly [price: string, qty: string];

const TIME = '2023-10-06T17:35:55.440295Z';

export interface BookText {
  readonly bids?: readonly TextLevel[];
  readonly asks?: readonly TextLevel[];
  readonly checksum?: number;
  readonly symbol?: string;
  readonly time?: string;
}

/** One element of a book message of the second API. */
export function bookElement({ bids = [], asks = [], checksum = 0, symbol = 'MATIC/USD', time = TIME }: BookText): string {
  const side = (levels: readonly TextLevel[]): string => `[${levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(',')}]`;
  return `{"symbol":"${symbol}","bids":${side(bids)},"asks":${side(asks)},"checksum":${checksum},"timestamp":"${time}"}`;
}

export function bookText(type: 'snapshot' | 'update', ...books: readonly BookText[]): string {
  return `{"channel":"book","type":"${type}","data":[${books.map(bookElement).join(',')}]}`;
}

export function tradeElement(id: number, price: string, qty: string, side: 'buy' | 'sell', symbol = 'MATIC/USD'): string {
  return `{"symbol":"${symbol}","side":"${side}","price":${price},"qty":${qty},"ord_type":"limit","trade_id":${id},"timestamp":"${TIME}"}`;
}

export function tradeText(type: 'snapshot' | 'update', ...trades: readonly string[]): string {
  return `{"channel":"trade","type":"${type}","data":[${trades.join(',')}]}`;
}

export function tickerText(bid: TextLevel, ask: TextLevel, symbol = 'MATIC/USD'): string {
  return `{"channel":"ticker","type":"update","data":[{"symbol":"${symbol}","bid":${bid[0]},"bid_qty":${bid[1]},"ask":${ask[0]},"ask_qty":${ask[1]},"last":0.5,"timestamp":"${TIME}"}]}`;
}

export function subscribedText(depth: number, symbol = 'MATIC/USD'): string {
  return `{"method":"subscribe","result":{"channel":"book","depth":${depth},"snapshot":true,"symbol":"${symbol}"},"success":true,"time_in":"${TIME}"}`;
}

export function instrumentText(symbol: string, pricePrecision: number, qtyPrecision: number): string {
  return `{"channel":"instrument","type":"snapshot","data":{"assets":[{"id":"USD"}],"pairs":[{"symbol":"${symbol}","price_precision":${pricePrecision},"qty_precision":${qtyPrecision},"status":"online"}]}}`;
}

/** Level of the first API: price, quantity, seconds, and `r` when it is sent again. */
export type FirstLevel = readonly [price: string, qty: string, time: string, again?: 'r'];

export function firstSnapshot(bids: readonly FirstLevel[], asks: readonly FirstLevel[], depth = 10, pair = 'XMR/USD'): string {
  return `[992,${JSON.stringify({ as: asks, bs: bids })},"book-${depth}","${pair}"]`;
}

export interface FirstChange {
  readonly a?: readonly FirstLevel[];
  readonly b?: readonly FirstLevel[];
  readonly c?: string;
}

export function firstChange(changes: readonly FirstChange[], depth = 10, pair = 'XMR/USD'): string {
  return `[992,${changes.map((one) => JSON.stringify(one)).join(',')},"book-${depth}","${pair}"]`;
}

export function firstTrades(trades: readonly (readonly string[])[], pair = 'XMR/USD'): string {
  return `[993,${JSON.stringify(trades)},"trade","${pair}"]`;
}

export function firstTicker(bid: TextLevel, ask: TextLevel, pair = 'XMR/USD'): string {
  return `[996,{"a":["${ask[0]}",3,"${ask[1]}"],"b":["${bid[0]}",1,"${bid[1]}"],"c":["1.0","2"],"t":[1,2]},"ticker","${pair}"]`;
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFrames(): string[] {
  const at = '1618678133.365913';
  return [
    bookText('snapshot', {
      bids: [
        ['0.5666', '4831.75496356'],
        ['0.5', '1'],
      ],
      asks: [['0.5668', '4410.79769741']],
      checksum: 2439117997,
    }),
    bookText(
      'update',
      { bids: [['0.5657', '1098.3947558']], checksum: 2114181697 },
      { symbol: 'BTC/USD', asks: [['45285.2', '0.00100000']], checksum: 4294967295 },
    ),
    bookText('update', { symbol: 'ETH/USD' }, { asks: [['0.5668', '0']] }),
    bookText('update', { asks: [['999999999.5', '3']], bids: [['0.0001', '90071992.54740991']] }),
    tradeText(
      'update',
      tradeElement(10218208, '0.5666', '0.00027625', 'buy'),
      tradeElement(10218209, '105910.5', '0.0001246', 'sell', 'BTC/USD'),
    ),
    tradeText('snapshot', tradeElement(1, '0.5666', '1', 'buy')),
    tickerText(['0.5666', '2.5'], ['0.5668', '3.2']),
    tickerText(['0', '0.00'], ['0.5668', '3.2']),
    ' { "data" : [ { "asks" : [ ] ,"checksum":1, "bids":[ {"qty": 2 , "x":[1,-2.5e3,null], "price": 0.9} ], "symbol":"MATIC/USD" } ], "type":"snapshot","channel":"book"}\r',
    instrumentText('MATIC/USD', 4, 8),
    subscribedText(10),
    '{"method":"pong","req_id":42}',
    '{"channel":"heartbeat"}',
    firstSnapshot(
      [['354.15000000', '5.00000000', at]],
      [
        ['354.20000000', '1.00000000', '1618678131.1'],
        ['99999997.00000000', '1.00000000', at],
      ],
    ),
    firstChange([{ b: [['354.15000000', '0.00000000', at]], c: '2583817756' }]),
    firstChange([
      { a: [['354.30000000', '364630.28272081', '1618678145.920470', 'r']] },
      { b: [['354.00000000', '0.5', '1618678145']], c: '4105471083' },
    ]),
    firstChange([{ a: [], c: '1' }], 1000),
    firstTrades([
      ['354.11000000', '0.89594024', '1618678142.557535', 's', 'l', ''],
      ['354.12000000', '1', '1618678142.6', 'b', 'm', ''],
    ]),
    firstTicker(['354.11000000', '2.5'], ['354.12000000', '3.2']),
    '[1665,["354.1","1"],"spread","XMR/USD"]',
    '{"channelID":1665,"channelName":"trade","event":"subscriptionStatus","pair":"XMR/USD","status":"subscribed"}',
  ];
}
