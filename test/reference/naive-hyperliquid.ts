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
  qty,
  Refused,
  text,
} from './naive-fields.ts';

/** Frames of Hyperliquid decoded with JSON.parse and BigInt. */
export function naiveHyperliquid(frameText: string, instruments: readonly Instrument[]): NaiveResult[] {
  let results: NaiveResult[] = [];
  const first = attempt(() => {
    const frame = parse(frameText);
    if (!isObject(frame)) return 'other';
    if (frame['channel'] === undefined) return frame['levels'] === undefined ? 'other' : book(frame, instruments);
    const channel = text(frame['channel']);
    if (channel === 'l2Book') return book(object(frame['data']), instruments);
    if (channel === 'trades') results = list(frame['data']).map((one) => attempt(() => trade(object(one), instruments)));
    if (channel !== 'bbo') return 'other';
    const data = object(frame['data']);
    const instrument = find(instruments, data['coin']);
    return instrument === undefined ? 'other' : { kind: 'ticker', instrument: instrument.id, time: [id(data['time']), 0] };
  });
  return results.length > 0 ? results : [first];
}

function book(data: Json, instruments: readonly Instrument[]): NaiveResult {
  const instrument = find(instruments, data['coin']);
  if (instrument === undefined) return 'other';
  const last = id(data['time']);
  const sides = list(data['levels']);
  if (sides.length !== 2) throw new Refused();
  const [bids, asks] = sides.map((side) =>
    list(side).map((one): Level => {
      const level = object(one);
      return [price(level['px'], instrument), aboveZero(qty(level['sz'], instrument))];
    }),
  ) as [Level[], Level[]];
  return { kind: 'snapshot', instrument: instrument.id, time: [last, 0], last, previous: 0, bids, asks, far: 0 };
}

function trade(data: Json, instruments: readonly Instrument[]): NaiveResult {
  const instrument = find(instruments, data['coin']);
  if (instrument === undefined) return 'other';
  if (data['side'] !== 'A' && data['side'] !== 'B') throw new Refused();
  return {
    kind: 'trade',
    instrument: instrument.id,
    time: [id(data['time']), 0],
    id: id(data['tid']),
    price: price(data['px'], instrument),
    qty: aboveZero(qty(data['sz'], instrument)),
    sell: data['side'] === 'A',
    market: true,
  };
}

function aboveZero(value: number): number {
  if (value === 0) throw new Refused();
  return value;
}
