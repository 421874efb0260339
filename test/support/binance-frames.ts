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

/** COIN-M: prices in USD, quantities in contracts. */
export const BTCUSD: Instrument = { id: 0, symbol: 'BTCUSD_PERP', priceDecimals: 1, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };
export const LINKUSD: Instrument = { id: 1, symbol: 'LINKUSD_211231', priceDecimals: 3, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };

/** A USD-M frame as COIN-M sends it: with the pair behind the symbol. */
export function withPair(text: string): string {
  return text.replace(/"s":"([A-Z]+)(_[A-Z0-9]+)"/, (all, pair: string) => `${all},"ps":"${pair}"`);
}

/** As recorded in 2021 and 2024: the id first. */
export function coinmTickerText(last: number, bid: TextLevel, ask: TextLevel, symbol = 'BTCUSD_PERP'): string {
  return withPair(tickerText(last, bid, ask, symbol)).replace(/"e":"bookTicker","u":(\d+)/, '"u":$1,"e":"bookTicker"');
}

/** A spread of COIN-M frames, for mutation. */
export function coinmSampleFrames(): string[] {
  const bids = [
    ['61773.6', '1001'],
    ['61776.4', '0'],
    ['5000.0', '98765432100'],
  ] as const;
  const symbol = 'BTCUSD_PERP';
  return [
    withPair(depthText({ first: 1007198631260, last: 1007198631565, previous: 1007198631198, bids, asks: [['61801.3', '3']], symbol })),
    withPair(depthText({ first: 1, last: 2, previous: 0, symbol: 'LINKUSD_211231', asks: [['15.066', '155']] })),
    withPair(depthText({ first: 10, last: 12, previous: 9, symbol })).replace('@depth@0ms', '@depth5'),
    coinmTickerText(1007198632021, ['61804.7', '35'], ['61804.8', '1645']),
    withPair(tickerText(1007198632021, ['61804.7', '35'], ['61804.8', '1645'], symbol)),
    tradeText(849714402, '61804.8', '4', false, 'MARKET', symbol),
    `{"lastUpdateId":1007198635033,"E":5,"T":4,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":${side(bids)},"asks":[]}`,
    'https://dapi.binance.com/dapi/v1/depth?symbol=LINKUSD_211231&limit=1000 -> 1626916408.605152: {"lastUpdateId":7,"symbol":"LINKUSD_211231","pair":"LINKUSD","bids":[["15.066","155"]],"asks":[]}',
    '{"stream":"linkusd_211231@aggTrade","data":{"e":"aggTrade","E":2,"a":11,"s":"LINKUSD_211231","p":"15.066","q":"3","f":1,"l":1,"T":1,"m":true}}',
    ' {"data":{"a":[],"b":[["15.000","2"]],"pu":1,"u":3,"U":2,"ps":"LINKUSD","s":"LINKUSD_211231","T":9,"E":10,"e":"depthUpdate"},"stream":"x"}',
  ];
}

/** Spot: eight decimals of everything, whatever the tick. */
export const SPOT_BTC: Instrument = { id: 0, symbol: 'BTCUSDT', priceDecimals: 8, qtyDecimals: 8, tickUnits: 1_000_000, lotUnits: 1 };
export const SPOT_NKN: Instrument = {
  id: 1,
  symbol: 'NKNUSDT',
  priceDecimals: 8,
  qtyDecimals: 8,
  tickUnits: 10_000,
  lotUnits: 100_000_000,
};

export interface SpotDepthText {
  readonly first: number;
  readonly last: number;
  readonly bids?: readonly TextLevel[];
  readonly asks?: readonly TextLevel[];
  readonly symbol?: string;
  readonly time?: number;
}

export function spotDepthText({ first, last, bids, asks, symbol = 'BTCUSDT', time = 1_700_000_000_000 }: SpotDepthText): string {
  const data = `{"e":"depthUpdate","E":${time},"s":"${symbol}","U":${first},"u":${last},"b":${side(bids)},"a":${side(asks)}}`;
  return wrap('depth@100ms', symbol, data);
}

export function spotTickerText(last: number, bid: TextLevel, ask: TextLevel, symbol = 'BTCUSDT'): string {
  return wrap('bookTicker', symbol, `{"u":${last},"s":"${symbol}","b":"${bid[0]}","B":"${bid[1]}","a":"${ask[0]}","A":"${ask[1]}"}`);
}

export function spotTradeText(id: number, price: string, qty: string, buyerIsMaker: boolean, symbol = 'BTCUSDT'): string {
  const data = `{"e":"trade","E":1700000000001,"s":"${symbol}","t":${id},"p":"${price}","q":"${qty}","T":1700000000000,"m":${buyerIsMaker},"M":true}`;
  return wrap('trade', symbol, data);
}

export function spotPartialText(last: number, bids: readonly TextLevel[], asks: readonly TextLevel[], symbol = 'BTCUSDT'): string {
  return wrap('depth20@100ms', symbol, `{"lastUpdateId":${last},"bids":${side(bids)},"asks":${side(asks)}}`);
}

/** A spread of spot frames, for mutation. */
export function spotSampleFrames(): string[] {
  const bids = [
    ['61837.63000000', '3.78826000'],
    ['61730.17000000', '0.00000000'],
    ['7.00', '123456.78900000'],
  ] as const;
  return [
    spotDepthText({ first: 50093239189, last: 50093239202, bids, asks: [['61837.64000000', '1.54698000']] }),
    spotDepthText({ first: 157, last: 160, symbol: 'NKNUSDT', bids: [['0.35130000', '6195.00000000']] }),
    spotDepthText({ first: 1, last: 1, time: 1_700_000_000_123_456, asks: [['1.00', '2']] }),
    spotTickerText(50093239212, ['61837.63000000', '3.78826000'], ['61837.64000000', '1.54698000']),
    spotTickerText(499869768, ['0.35210000', '672.00000000'], ['0.35260000', '3199.00000000'], 'NKNUSDT'),
    spotTradeText(3735683259, '61837.63000000', '0.02000000', true),
    spotTradeText(3735683260, '61837.64000000', '0.02000000', false).replace(',"M":true', ',"M":false'),
    `{"lastUpdateId":78,"bids":${side(bids)},"asks":[],"symbol":"BTCUSDT"}`,
    'https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000 -> 1633998512.320639: {"lastUpdateId":499869752,"bids":[["0.35210000","672.00000000"]],"asks":[]}',
    spotPartialText(160, [['0.02000000', '10']], [['0.03', '100']]),
    '{"stream":"nknusdt@aggTrade","data":{"e":"aggTrade","E":5,"s":"NKNUSDT","a":15683430,"p":"0.35280000","q":"58.00000000","f":1,"l":2,"T":4,"m":false,"M":true}}',
    '{"u":400900217,"s":"BTCUSDT","b":"25.35000000","B":"31.21000000","a":"25.36000000","A":"40.66000000"}',
    ' { "a":"25.36", "A":"1","B":"1","b":"25.35","s":"BTCUSDT","u":5 }',
    '{"e":"trade","E":1,"s":"BTCUSDT","t":9,"p":"1.00","q":"1","T":1700000000123456,"m":true}',
  ];
}
