import type { Instrument } from '../../src/core/instrument.ts';

/** Two instruments with grids that differ in everything. */
export const BTC: Instrument = { id: 0, symbol: 'BTCUSDT', priceDecimals: 2, qtyDecimals: 3, tickUnits: 10, lotUnits: 1 };
export const PEPE: Instrument = { id: 1, symbol: '1000PEPEUSDT', priceDecimals: 7, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };

export type TextLevel = readonly [price: string, qty: string];

export interface DepthText {
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  readonly bids?: readonly TextLevel[];
  readonly asks?: readonly TextLevel[];
  readonly symbol?: string;
  readonly timeMs?: number;
}

const wrap = (stream: string, symbol: string, data: string): string => `{"stream":"${symbol.toLowerCase()}@${stream}","data":${data}}`;
const side = (levels: readonly TextLevel[] | undefined): string => JSON.stringify(levels ?? []);

/** A combined-stream depth frame in the venue's key order. */
export function depthText({ first, last, previous, bids, asks, symbol = 'BTCUSDT', timeMs = 1_700_000_000_000 }: DepthText): string {
  const data = `{"e":"depthUpdate","E":${timeMs + 1},"T":${timeMs},"s":"${symbol}","U":${first},"u":${last},"pu":${previous},"b":${side(bids)},"a":${side(asks)}}`;
  return wrap('depth@0ms', symbol, data);
}

export function snapshotText(last: number, bids: readonly TextLevel[], asks: readonly TextLevel[], timeMs = 1_700_000_000_000): string {
  return `{"lastUpdateId":${last},"E":${timeMs + 1},"T":${timeMs},"bids":${side(bids)},"asks":${side(asks)}}`;
}

export function tickerText(last: number, bid: TextLevel, ask: TextLevel, symbol = 'BTCUSDT', timeMs = 1_700_000_000_000): string {
  const data = `{"e":"bookTicker","u":${last},"s":"${symbol}","b":"${bid[0]}","B":"${bid[1]}","a":"${ask[0]}","A":"${ask[1]}","T":${timeMs},"E":${timeMs + 1}}`;
  return wrap('bookTicker', symbol, data);
}

export function tradeText(id: number, price: string, qty: string, buyerIsMaker: boolean, kind = 'MARKET', symbol = 'BTCUSDT'): string {
  const data = `{"e":"trade","E":1700000000001,"T":1700000000000,"s":"${symbol}","t":${id},"p":"${price}","q":"${qty}","X":"${kind}","m":${buyerIsMaker}}`;
  return wrap('trade', symbol, data);
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFrames(): string[] {
  const levels = [
    ['61800.20', '2.909'],
    ['61800.10', '0.000'],
    ['7.00', '123456.789'],
  ] as const;
  const frames = [
    depthText({ first: 5123107832006, last: 5123107837557, previous: 5123107831937, bids: levels, asks: [['61800.30', '0.001']] }),
    depthText({ first: 1, last: 2, previous: 0 }),
    depthText({
      first: 10,
      last: 12,
      previous: 9,
      symbol: '1000PEPEUSDT',
      bids: [['0.0081234', '98765432100']],
      asks: [['0.0081235', '1']],
    }),
    tickerText(5123107839020, ['61800.20', '2.507'], ['61800.30', '2.510']),
    tickerText(9007199254740991, ['0.0081234', '12'], ['0.0081235', '7'], '1000PEPEUSDT'),
    tradeText(5266583935, '61800.30', '0.006', false),
    tradeText(5266583936, '61800.20', '10', true, 'INSURANCE_FUND'),
    snapshotText(5123107852948, levels, [['61800.30', '4.000']]),
    '{"stream":"1000pepeusdt@depthSnapshot","data":{"lastUpdateId":77,"bids":[["0.0081234","5"]],"asks":[]}}',
    '{"lastUpdateId":78,"symbol":"BTCUSDT","E":5,"bids":[],"asks":[["1.00","1"]]}',
    '{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BTCUSDT","b":"25.30","B":"31.21","a":"25.40","A":"40.66"}',
    ' {"data" : { "a" : [ [ "1.00" , "2" ] ] , "b":[["0.90","3",[]]], "pu":1,"u":3,"U":2,"s":"BTCUSDT","T":9,"E":10,"e":"depthUpdate","x":{"y":[1,-2.5e3,null]}} , "stream":"x"}\r',
    `https://x.com/fapi/v1/depth?symbol=1000PEPEUSDT&limit=1000 -> 1626992741.301402: {"lastUpdateId":79,"E":5,"T":4,"bids":[["0.0081234","5"]],"asks":[]}`,
    'https://x.com/dapi/v1/depth?limit=5&symbol=BTCUSDT -> 1626992741: {"lastUpdateId":80,"symbol":"BTCUSDT","bids":[],"asks":[["1.00","1"]]}',
    'https://x.com/fapi/v1/exchangeInfo -> 1626992741.3: {"timezone":"UTC"}',
    depthText({ first: 10, last: 12, previous: 9, bids: [['1.00', '1']] }).replace('@depth@0ms', '@depth20@100ms'),
    '{"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"p":"1.0","q":"1","f":1,"l":1,"T":1,"m":true}',
    '{"result":null,"id":1}',
  ];
  return frames;
}
