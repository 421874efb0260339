import type { Instrument } from '../../src/core/instrument.ts';

export const PERPETUAL: Instrument = { id: 0, symbol: 'BTC-PERPETUAL', priceDecimals: 1, qtyDecimals: 1, tickUnits: 5, lotUnits: 10 };
export const OPTION: Instrument = { id: 1, symbol: 'BTC-24SEP21-8000-P', priceDecimals: 4, qtyDecimals: 1, tickUnits: 5, lotUnits: 1 };

export type ActionLevel = readonly [action: 'new' | 'change' | 'delete', price: string, amount: string];

export function notification(channel: string, data: string): string {
  return `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"${channel}","data":${data}}}`;
}

/** `previous` undefined: a snapshot. Numbers are written as given. */
export function bookText(
  id: number,
  previous: number | null | undefined,
  bids: readonly ActionLevel[],
  asks: readonly ActionLevel[],
  name = 'BTC-PERPETUAL',
  interval = 'raw',
): string {
  const side = (levels: readonly ActionLevel[]): string =>
    `[${levels.map(([action, price, amount]) => `["${action}",${price},${amount}]`).join(',')}]`;
  const type = previous == null ? 'snapshot' : 'change';
  const link = previous === undefined ? '' : `"prev_change_id":${previous},`;
  return notification(
    `book.${name}.${interval}`,
    `{"type":"${type}","timestamp":1626993723632,${link}"instrument_name":"${name}","change_id":${id},"bids":${side(bids)},"asks":${side(asks)}}`,
  );
}

export function tradeData(
  seq: number,
  price: string,
  amount: string,
  direction: 'buy' | 'sell',
  extra = '',
  name = 'BTC-PERPETUAL',
): string {
  return `{"trade_seq":${seq},"trade_id":"ETH-${seq}","timestamp":1765531356452,"tick_direction":2,"price":${price},"mark_price":92287.11,"instrument_name":"${name}","index_price":92276.75,"direction":"${direction}","amount":${amount}${extra}}`;
}

export function tradesText(...trades: readonly string[]): string {
  return notification('trades.BTC-PERPETUAL.raw', `[${trades.join(',')}]`);
}

export function deribitTickerText(): string {
  return notification(
    'ticker.BTC-PERPETUAL.raw',
    '{"timestamp":1765541474086,"stats":{"volume":null,"high":93612.0},"state":"open","instrument_name":"BTC-PERPETUAL","best_bid_price":92283.5,"best_bid_amount":117660.0}',
  );
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleDeribitFrames(): string[] {
  return [
    bookText(
      13169025645,
      undefined,
      [
        ['new', '42500.0', '1000.0'],
        ['new', '42499.5', '500.0'],
      ],
      [['new', '42501.0', '800']],
    ),
    bookText(
      33195894164,
      null,
      [],
      [
        ['new', '0.0015', '94.7'],
        ['new', '0.25', '9.0'],
      ],
      'BTC-24SEP21-8000-P',
      '100ms',
    ),
    bookText(
      33195894355,
      33195894164,
      [['change', '0.001', '2.6']],
      [
        ['delete', '0.0015', '0.0'],
        ['new', '0.0020', '1.0'],
      ],
      'BTC-24SEP21-8000-P',
      'agg2',
    ),
    bookText(2, 1, [], []),
    ' {"params" : {"data":{"asks":[],"bids":[ [ "change" , 42500.5 , 20 ] ],"x":{"y":[1,-2.5e3]},"prev_change_id":7,"change_id":8,"instrument_name":"BTC-PERPETUAL","timestamp":1,"type":"change"},"channel":"book.BTC-PERPETUAL.raw"},"method":"subscription"}\r',
    tradesText(tradeData(271252854, '92294.5', '10.0', 'sell', ',"combo_trade_id":"43"'), tradeData(271252855, '92288.5', '750.0', 'buy')),
    tradesText(
      tradeData(
        1,
        '0.0639',
        '0.1',
        'sell',
        ',"legs":[{"price":0.0174,"instrument_name":"X"}],"block_trade_id":null',
        'BTC-CS-19MAY26-70000_75000',
      ),
    ),
    tradesText(tradeData(9, '0.0635', '0.1', 'buy', ',"block_trade_id":"BLOCK-1"', 'BTC-24SEP21-8000-P')),
    deribitTickerText(),
    notification(
      'book.BTC-PERPETUAL.none.10.100ms',
      '{"instrument_name":"BTC-PERPETUAL","timestamp":1769246173071,"change_id":136725664747,"bids":[[89532.5,254900.0]],"asks":[]}',
    ),
    notification('quote.BTC-PERPETUAL', '{"timestamp":1,"instrument_name":"BTC-PERPETUAL","best_ask_price":1.0}'),
    '{"jsonrpc":"2.0","id":0,"result":["book.BTC-PERPETUAL.raw"],"usIn":1,"testnet":false}',
    '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":10028,"message":"too_many_requests","data":null}}',
  ];
}
