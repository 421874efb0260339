import type { Instrument } from '../../src/core/instrument.ts';

export const BTC_USDT: Instrument = { id: 0, symbol: 'BTC-USDT', priceDecimals: 1, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 };
export const UNI_SWAP: Instrument = { id: 1, symbol: 'UNI-USD-SWAP', priceDecimals: 3, qtyDecimals: 0, tickUnits: 1, lotUnits: 1 };

export type TextLevel = readonly [price: string, qty: string];

export interface BookText {
  readonly bids?: readonly TextLevel[];
  readonly asks?: readonly TextLevel[];
  readonly seqId?: number;
  readonly prevSeqId?: number;
  readonly checksum?: number;
  readonly ts?: string;
}

const TIME = '1652459225381';

function element({ bids = [], asks = [], seqId, prevSeqId, checksum, ts = TIME }: BookText): string {
  const side = (levels: readonly TextLevel[]): string => JSON.stringify(levels.map(([price, qty]) => [price, qty, '0', '1']));
  const number = (key: string, value: number | undefined): string => (value === undefined ? '' : `,"${key}":${value}`);
  return `{"asks":${side(asks)},"bids":${side(bids)},"ts":"${ts}"${number('checksum', checksum)}${number('seqId', seqId)}${number('prevSeqId', prevSeqId)}}`;
}

export function bookText(action: 'snapshot' | 'update', book: BookText, instId = 'BTC-USDT', channel = 'books'): string {
  return `{"arg":{"channel":"${channel}","instId":"${instId}"},"action":"${action}","data":[${element(book)}]}`;
}

/** `books5` and `bbo-tbt` have no action. */
export function wholeText(channel: 'books5' | 'bbo-tbt', book: BookText, instId = 'BTC-USDT'): string {
  return `{"arg":{"channel":"${channel}","instId":"${instId}"},"data":[${element(book)}]}`;
}

/** The body of the answer to a snapshot request. */
export function restBody(book: BookText): string {
  return `{"code":"0","msg":"","data":[${element(book)}]}`;
}

export function restText(book: BookText, instId = 'BTC-USDT'): string {
  return `{"arg":{"channel":"rest-books","instId":"${instId}"},"data":${restBody(book)}}`;
}

export function tickerText(bid: TextLevel, ask: TextLevel, instId = 'BTC-USDT'): string {
  return `{"arg":{"channel":"tickers","instId":"${instId}"},"data":[{"instType":"SPOT","instId":"${instId}","last":"1","askPx":"${ask[0]}","askSz":"${ask[1]}","bidPx":"${bid[0]}","bidSz":"${bid[1]}","ts":"${TIME}"}]}`;
}

export function tradeText(
  trades: readonly (readonly [id: string, price: string, qty: string, side: string])[],
  instId = 'BTC-USDT',
): string {
  const data = trades.map(
    ([id, price, qty, side]) => `{"instId":"${instId}","tradeId":"${id}","px":"${price}","sz":"${qty}","side":"${side}","ts":"${TIME}"}`,
  );
  return `{"arg":{"channel":"trades","instId":"${instId}"},"data":[${data.join(',')}]}`;
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFrames(): string[] {
  const bids: TextLevel[] = [
    ['30210.4', '0.4112'],
    ['30000', '20.11183989'],
  ];
  return [
    bookText('snapshot', { bids, asks: [['30220.1', '3']], seqId: 10, prevSeqId: -1, checksum: 0 }),
    bookText('update', { bids, asks: [['30220.1', '0']], seqId: 15, prevSeqId: 10 }),
    bookText('update', { asks: [['5.123', '100']], seqId: 3, prevSeqId: 15, checksum: -914047754 }, 'UNI-USD-SWAP', 'books50-l2-tbt'),
    bookText('update', { bids: [['7.0', '90071992.54740991']], asks: [['999999999', '1']], checksum: 664471393 }),
    wholeText('books5', { bids, asks: [['30220.1', '3']], seqId: 11 }),
    wholeText('bbo-tbt', { bids: [['30210.4', '0.4112']], asks: [['30220.1', '3']], seqId: 12 }),
    wholeText('bbo-tbt', { asks: [['30220.1', '3']] }),
    restText({ bids, asks: [['30220.1', '3']], seqId: 13 }),
    tickerText(['30210.4', '4'], ['30220.1', '3']),
    tickerText(['', ''], ['30220.1', '3']),
    tradeText([
      ['338476375', '30227.6', '0.00000088', 'buy'],
      ['338476376', '30227.7', '1', 'sell'],
    ]),
    ' { "data" : [ { "ts":1652459225381, "x":[1,-2.5e3,null], "bids":[ [ "1.5" , "2" ] ], "asks":[], "seqId":1,"prevSeqId":-1 } ], "action":"update", "arg":{"instId":"BTC-USDT","channel":"books"}}\r',
    '{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}}',
    '{"arg":{"channel":"candle1D","instId":"BTC-USDT"},"data":[["1","2"]]}',
    'pong',
  ];
}
