import type { Instrument } from '../../src/core/instrument.ts';

/** Two instruments with grids that differ in everything. */
export const BTC_USD: Instrument = { id: 0, symbol: 'BTC-USD', priceDecimals: 2, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 };
export const SKL_EUR: Instrument = { id: 1, symbol: 'SKL-EUR', priceDecimals: 4, qtyDecimals: 1, tickUnits: 5, lotUnits: 1 };

export type TextLevel = readonly [price: string, qty: string];
export type Change = readonly [side: 'buy' | 'sell', price: string, qty: string];

/** 2026-04-07 14:30:00 and so many microseconds, below a minute. */
export function timeText(micros: number): string {
  return `2026-04-07T14:30:${`${micros}`.padStart(8, '0').replace(/(\d{6})$/, '.$1')}Z`;
}

export function snapshotText(bids: readonly TextLevel[], asks: readonly TextLevel[], product = 'BTC-USD'): string {
  return JSON.stringify({ type: 'snapshot', product_id: product, asks, bids });
}

export function updateText(micros: number, changes: readonly Change[], product = 'BTC-USD'): string {
  return JSON.stringify({ type: 'l2update', product_id: product, changes, time: timeText(micros) });
}

export function matchText(id: number, price: string, size: string, makerSide: 'buy' | 'sell', type = 'match', product = 'BTC-USD'): string {
  return JSON.stringify({
    type,
    trade_id: id,
    maker_order_id: '27fff20b-af29-4f45-8744-56dd1ef57dc0',
    taker_order_id: '1da6ce16-c8da-4732-9f71-6049f4c6aaf8',
    side: makerSide,
    size,
    price,
    product_id: product,
    sequence: 333938798,
    time: timeText(244075),
  });
}

export function tickerText(micros: number, product = 'BTC-USD'): string {
  return JSON.stringify({
    type: 'ticker',
    sequence: 333938798,
    product_id: product,
    price: '14.77',
    open_24h: '14.66',
    best_bid: '14.75',
    best_ask: '14.80',
    side: 'buy',
    time: timeText(micros),
    trade_id: 881613,
    last_size: '0.04',
  });
}

export function heartbeatText(lastTradeId: number, product = 'BTC-USD'): string {
  return JSON.stringify({ type: 'heartbeat', sequence: 90, last_trade_id: lastTradeId, product_id: product, time: timeText(1) });
}

export type AdvancedLevel = readonly [side: 'bid' | 'offer', price: string, qty: string];

export function advancedBookText(
  sequence: number,
  micros: number,
  type: 'snapshot' | 'update',
  updates: readonly AdvancedLevel[],
  product = 'BTC-USD',
): string {
  const event = { type, product_id: product, updates: updates.map(advancedUpdate(micros)) };
  return advancedText('l2_data', sequence, micros, [event]);
}

export function advancedUpdate(micros: number): (level: AdvancedLevel) => object {
  return ([side, price, qty]) => ({ side, event_time: timeText(micros), price_level: price, new_quantity: qty });
}

export function advancedText(channel: string, sequence: number, micros: number, events: readonly object[]): string {
  return JSON.stringify({ channel, client_id: '', timestamp: timeText(micros), sequence_num: sequence, events });
}

export function advancedTrade(id: number, price: string, size: string, makerSide: 'BUY' | 'SELL', product = 'BTC-USD'): object {
  return { trade_id: `${id}`, product_id: product, price, size, side: makerSide, time: timeText(789012) };
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFrames(): string[] {
  const bids = [
    ['68900.00', '1.50000000'],
    ['68899.99', '0.75'],
    ['0.01', '5'],
  ] as const;
  const asks = [
    ['68900.01', '0.10000000'],
    ['888888888.00', '1.00000000'],
  ] as const;
  return [
    snapshotText(bids, asks),
    snapshotText([['0.4385', '1.5']], [], 'SKL-EUR'),
    updateText(244075, [['buy', '68900.00', '0.00000000']]),
    updateText(
      0,
      [
        ['sell', '0.4390', '12.5'],
        ['buy', '0.4385', '0'],
        ['sell', '0.4390', '0.0'],
      ],
      'SKL-EUR',
    ),
    updateText(59_999_999, []),
    updateText(5, [
      ['sell', '888888888.00', '0.00000000'],
      ['sell', '68900.01', '3'],
    ]),
    ' {"time":"2021-04-17T16:43:30Z" , "x":{"y":[1,-2.5e3,null]}, "changes":[ [ "buy" , "1.00" , "2" , 7, [] ] ] ,"product_id":"BTC-USD","type":"l2update"}\r',
    matchText(881613, '14.77', '0.04', 'sell'),
    matchText(881612, '14.76', '0.05', 'buy', 'last_match'),
    tickerText(244075),
    heartbeatText(881613),
    '{"type":"subscriptions","channels":[{"name":"level2","product_ids":["BTC-USD"]}]}',
    '{"type":"error","message":"Failed to subscribe","reason":"BTC-ABC is not a valid product"}',
    advancedBookText(0, 123456, 'snapshot', [
      ['bid', '68900.00', '1.5'],
      ['offer', '68901.00', '0.50000000'],
      ['offer', '99999999999.00', '1'],
    ]),
    advancedText('l2_data', 1, 456789, [
      {
        type: 'update',
        product_id: 'BTC-USD',
        updates: (
          [
            ['bid', '68900.00', '2'],
            ['offer', '68901.00', '0.00000000'],
          ] as const
        ).map(advancedUpdate(456000)),
      },
      { type: 'update', product_id: 'ETH-USD', updates: [] },
      { type: 'update', product_id: 'SKL-EUR', updates: ([['offer', '0.4390', '2']] as const).map(advancedUpdate(456001)) },
    ]),
    advancedText('market_trades', 5, 789012, [
      {
        type: 'update',
        trades: [advancedTrade(995098700, '68900.50', '0.0015', 'BUY'), advancedTrade(995098701, '0.4390', '5', 'SELL', 'SKL-EUR')],
      },
      { type: 'snapshot', trades: [advancedTrade(995098699, '68900.40', '0.0015', 'SELL')] },
    ]),
    advancedText('ticker', 12, 0, [
      { type: 'snapshot', tickers: [{ type: 'ticker', product_id: 'BTC-USD', price: '68900.50', best_bid: '68900.00' }] },
    ]),
    advancedText('heartbeats', 13, 1, [{ current_time: '2026-04-07 14:30:10.000000000+00:00', heartbeat_counter: 42 }]),
  ];
}
