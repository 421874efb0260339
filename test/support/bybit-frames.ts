import type { Instrument } from '../../src/core/instrument.ts';

export const BTCUSDT: Instrument = { id: 0, symbol: 'BTCUSDT', priceDecimals: 2, qtyDecimals: 3, tickUnits: 1, lotUnits: 1 };
export const XRPUSDT: Instrument = { id: 1, symbol: 'XRPUSDT', priceDecimals: 4, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };

export type TextLevel = readonly [price: string, qty: string];

export interface BookText {
  readonly b?: readonly TextLevel[];
  readonly a?: readonly TextLevel[];
  readonly u: number;
  readonly seq?: number;
  readonly symbol?: string;
  readonly depth?: number;
  readonly ts?: string;
}

export function bookText(
  type: 'snapshot' | 'delta',
  { b = [], a = [], u, seq = u * 10, symbol = 'BTCUSDT', depth = 50, ts }: BookText,
): string {
  const data = { s: symbol, b, a, u, seq };
  return `{"topic":"orderbook.${depth}.${symbol}","type":"${type}","ts":${ts ?? '1733011200691'},"data":${JSON.stringify(data)},"cts":1733011200589}`;
}

export function tradeElement(price: string, qty: string, side = 'Buy', change: Readonly<Record<string, unknown>> = {}): object {
  const id = '9dc75fca-4bdd-4773-9f78-6f5d7ab2a110';
  return { T: 1709891679000, s: 'BTCUSDT', S: side, v: qty, p: price, L: 'PlusTick', i: id, BT: false, seq: 7, ...change };
}

export function tradeText(trades: readonly object[], symbol = 'BTCUSDT'): string {
  return `{"topic":"publicTrade.${symbol}","type":"snapshot","ts":1709891679005,"data":${JSON.stringify(trades)}}`;
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFrames(): string[] {
  const b: TextLevel[] = [
    ['27450.00', '0.400'],
    ['27449.5', '0'],
  ];
  return [
    bookText('snapshot', { b, a: [['27451.00', '0.75']], u: 20254869, seq: 130020238981 }),
    bookText('delta', { b, a: [['27451.00', '0']], u: 20254870, seq: 130020239261 }),
    bookText('delta', { symbol: 'XRPUSDT', b: [['1.9531', '6198']], a: [['999999.0', '1']], u: 1, ts: '"1733011200693"' }),
    bookText('snapshot', { depth: 1, b: [['27450.00', '0.400']], a: [['27451.00', '0.75']], u: 9 }),
    bookText('snapshot', { depth: 1, a: [['27451.00', '0.75']], u: 9 }),
    bookText('snapshot', { depth: 200, b, u: 9 }),
    tradeText([tradeElement('27451.00', '0.010'), tradeElement('27451.5', '1', 'Sell', { BT: true, i: '2100000000007764' })]),
    tradeText([tradeElement('1.9531', '7', 'Sell', { s: 'XRPUSDT', T: '1709891679000', RPI: true })], 'XRPUSDT'),
    ' { "data" : { "seq":5, "x":[1,-2.5e3,null], "u":2, "a":[], "b":[ [ "1.5" , "2" , 3 ] ], "s":"BTCUSDT" }, "ts" : 5 , "type":"delta","topic":"orderbook.50.BTCUSDT"}\r',
    '{"topic":"orderbook.rpi.BTCUSDT","type":"snapshot","ts":1,"data":{}}',
    '{"topic":"tickers.BTCUSDT","type":"snapshot","ts":1,"data":{"symbol":"BTCUSDT"}}',
    '{"success":true,"ret_msg":"","op":"subscribe","conn_id":"cejreaspqfm9se7usbrg-2xh"}',
  ];
}
