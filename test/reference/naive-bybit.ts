import type { Instrument } from '../../src/core/instrument.ts';
import {
  attempt,
  find,
  id,
  isObject,
  type Json,
  type Level,
  list,
  type NaiveResult,
  object,
  parse,
  price,
  priceOrFar,
  qty,
  Refused,
  text,
} from './naive-fields.ts';
import { textId } from './naive-okx.ts';

/** Frames of Bybit decoded with JSON.parse and BigInt, for a feed whose books have `depth` levels a side. */
export function naiveBybit(depth: number): (frameText: string, instruments: readonly Instrument[]) => NaiveResult[] {
  return (frameText, instruments) => {
    if (/^\s*http/.test(frameText)) return ['other'];
    let results: NaiveResult[] = [];
    const whole = attempt(() => {
      const frame = parse(frameText);
      if (!isObject(frame) || frame['topic'] === undefined) return 'other';
      const topic = text(frame['topic']);
      if (topic.startsWith('publicTrade.')) results = list(frame['data']).map((one) => attempt(() => trade(object(one), instruments)));
      const book = /^orderbook\.(\d{1,5})\.(.*)$/.exec(topic);
      return book === null || Number(book[1]) === 0 ? 'other' : readBook(frame, Number(book[1]), book[2]!, depth, instruments);
    });
    return results.length > 0 ? results : [whole];
  };
}

function readBook(frame: Json, levels: number, symbol: string, depth: number, instruments: readonly Instrument[]): NaiveResult {
  const data = object(frame['data']);
  const instrument = find(instruments, data['s']);
  if (instrument === undefined) return 'other';
  const isSnapshot = frame['type'] === 'snapshot';
  if ((!isSnapshot && frame['type'] !== 'delta') || data['s'] !== symbol) throw new Refused();
  const isTop = levels === 1 && isSnapshot && depth !== 1;
  if (levels !== depth && !isTop) return 'other';
  const sent = textId(frame['ts']);
  const time: [number, number] = [frame['cts'] === undefined ? sent : textId(frame['cts']), 0];
  const bids = list(data['b']).map((level): Level => [price(list(level)[0], instrument), qty(list(level)[1], instrument)]);
  const all = list(data['a']).map((level): Level => [priceOrFar(list(level)[0], instrument), qty(list(level)[1], instrument)]);
  const asks = all.filter(([ticks]) => ticks > 0);
  if (isTop) return { kind: 'ticker', instrument: instrument.id, time };
  return {
    kind: isSnapshot ? 'snapshot' : 'depth',
    instrument: instrument.id,
    time,
    last: id(data['u']),
    previous: isSnapshot || data['seq'] === undefined ? 0 : id(data['seq']),
    bids,
    asks,
    far: all.length - asks.length,
  };
}

function trade(element: Json, instruments: readonly Instrument[]): NaiveResult {
  const instrument = find(instruments, element['s']);
  if (instrument === undefined) return 'other';
  if (element['S'] !== 'Buy' && element['S'] !== 'Sell') throw new Refused();
  const lots = qty(element['v'], instrument);
  if (lots === 0) throw new Refused();
  return {
    kind: 'trade',
    instrument: instrument.id,
    time: [textId(element['T']), 0],
    id: numberOf(element['i']),
    price: price(element['p'], instrument),
    qty: lots,
    sell: element['S'] === 'Sell',
    market: element['BT'] !== true,
  };
}

/** An id of digits up to 2^53 - 1; 0 for UUIDs and longer ones. */
function numberOf(value: unknown): number {
  try {
    return textId(value);
  } catch {
    return 0;
  }
}
