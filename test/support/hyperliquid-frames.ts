import type { Instrument } from '../../src/core/instrument.ts';

export const BTC_COIN: Instrument = { id: 0, symbol: 'BTC', priceDecimals: 1, qtyDecimals: 5, tickUnits: 1, lotUnits: 1 };
export const SPOT_COIN: Instrument = { id: 1, symbol: 'PURR/USDC', priceDecimals: 6, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };

export type TextLevel = readonly [price: string, size: string];

export function l2BookText(timeMs: number, bids: readonly TextLevel[], asks: readonly TextLevel[], coin = 'BTC'): string {
  const side = (levels: readonly TextLevel[]): object[] => levels.map(([px, sz]) => ({ px, sz, n: 3 }));
  return JSON.stringify({ channel: 'l2Book', data: { coin, time: timeMs, levels: [side(bids), side(asks)] } });
}

export function hyperTrade(tid: number, px: string, sz: string, side: 'A' | 'B', coin = 'BTC'): object {
  return { coin, side, px, sz, time: 1769916002000, hash: '0x03', tid, users: ['0xb', '0xs'] };
}

export function hyperTradesText(...trades: readonly object[]): string {
  return JSON.stringify({ channel: 'trades', data: trades });
}

export function bboText(timeMs: number, coin = 'BTC'): string {
  return JSON.stringify({ channel: 'bbo', data: { coin, time: timeMs, bbo: [{ px: '1.5', sz: '1', n: 1 }, null] } });
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleHyperliquidFrames(): string[] {
  return [
    l2BookText(
      1703875200000,
      [
        ['98450.5', '2.5'],
        ['98449.7', '1.80001'],
      ],
      [['98451.0', '1.5']],
    ),
    l2BookText(1, [], [], 'PURR/USDC'),
    l2BookText(2, [['0.067131', '12']], [['0.067132', '7']], 'PURR/USDC'),
    '{"coin":"BTC","levels":[[{"px":"110427.0","sz":"4.11882"}],[{"sz":"3.72573","px":"110428.0"}]],"time":1761786491067}',
    ' {"data" : {"time":5,"levels":[ [ { "n" : 1 , "sz":"1","x":[1,-2e3], "px":"1" } ] , [ ] ],"coin":"BTC"} ,"channel":"l2Book"}\r',
    hyperTradesText(hyperTrade(877707108085800, '104320.0', '0.01500', 'A'), hyperTrade(300002, '104310.5', '0.02', 'B')),
    hyperTradesText(hyperTrade(1, '0.067131', '5', 'B', 'PURR/USDC'), hyperTrade(2, '1.5', '5', 'B', 'ETH')),
    bboText(6),
    '{"channel":"pong"}',
    '{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}}}',
    '{"channel":"allMids","data":{"mids":{"@142":"80907.5","BTC":"80868.5"}}}',
  ];
}
