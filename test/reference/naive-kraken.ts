import type { Instrument } from '../../src/core/instrument.ts';
import {
  attempt,
  find,
  id,
  isObject,
  type Json,
  type Level,
  list,
  micros,
  type NaiveResult,
  object,
  parseTexts,
  price,
  priceOrFar,
  qty,
  Refused,
  text,
  time,
} from './naive-fields.ts';

type Time = [ms: number, restNs: number];

/** Frames of Kraken's two websocket APIs decoded with JSON.parse and BigInt; every number stays text, `#` before it. */
export function naiveKraken(frameText: string, instruments: readonly Instrument[]): NaiveResult[] {
  let results: NaiveResult[] = [];
  const whole = attempt(() => {
    const frame = parseTexts(frameText);
    if (Array.isArray(frame)) results = first(frame, instruments);
    else if (isObject(frame)) results = second(frame, instruments);
    return 'other';
  });
  return results.length > 0 ? results : [whole];
}

/** The first API: `[channelID, payload..., channelName, pair]`. */
function first(items: unknown[], instruments: readonly Instrument[]): NaiveResult[] {
  if (items.length === 0) return [];
  if (items.length < 4) throw new Refused();
  const channel = text(items.at(-2));
  const book = /^book-(\d+)/.test(channel);
  if (!book && channel !== 'ticker' && channel !== 'trade') return [];
  const instrument = find(instruments, items.at(-1));
  if (instrument === undefined) return [];
  const payloads = items.slice(1, -2);
  if (book) return [attempt(() => firstBook(payloads.map(object), instrument))];
  if (payloads.length !== 1) throw new Refused();
  if (channel === 'trade') return list(payloads[0]).map((one) => attempt(() => firstTrade(list(one), instrument)));
  const sides = object(payloads[0]);
  for (const side of [list(sides['a']), list(sides['b'])]) tickerSide(side[0], side[2], instrument);
  return [{ kind: 'ticker', instrument: instrument.id, time: [0, 0] }];
}

function firstBook(payloads: Json[], instrument: Instrument): NaiveResult {
  const [head] = payloads;
  if (head === undefined) throw new Refused();
  const isSnapshot = 'as' in head;
  const sides = new Sides(instrument, priceAndQty);
  const all = (key: string): unknown[] => payloads.flatMap((one) => (key in one ? list(one[key]) : []));
  for (const level of all(isSnapshot ? 'bs' : 'b')) sides.add(true, list(level));
  for (const level of all(isSnapshot ? 'as' : 'a')) sides.add(false, list(level));
  const levels = [...all('bs'), ...all('as'), ...all('b'), ...all('a')].map(list);
  const at = levels.map((level) => seconds(level[2])).reduce(later, [0, 0]);
  const republished = !isSnapshot && levels.some((level) => level.length > 3);
  return {
    kind: isSnapshot ? 'snapshot' : 'depth',
    instrument: instrument.id,
    time: at,
    last: republished ? 0 : micros(at),
    previous: 0,
    ...sides.parts(),
  };
}

function firstTrade(trade: unknown[], instrument: Instrument): NaiveResult {
  const [tradePrice, volume, at, side] = trade;
  if (side !== 'b' && side !== 's') throw new Refused();
  return tradeOf(instrument, seconds(at), 0, price(tradePrice, instrument), qty(volume, instrument), side === 's');
}

/** The second API. */
function second(frame: Json, instruments: readonly Instrument[]): NaiveResult[] {
  const channel = frame['channel'];
  if (channel === undefined || !['book', 'ticker', 'trade'].includes(text(channel))) return [];
  const isSnapshot = frame['type'] === 'snapshot';
  if (!isSnapshot && frame['type'] !== 'update') throw new Refused();
  if (isSnapshot && channel === 'trade') return [];
  return list(frame['data']).map((one) =>
    attempt(() => {
      const element = object(one);
      const instrument = find(instruments, element['symbol']);
      if (instrument === undefined) return 'other';
      const at: Time = element['timestamp'] === undefined ? [0, 0] : time(element['timestamp']);
      if (channel === 'book') return secondBook(element, instrument, at, isSnapshot);
      if (channel === 'trade') return secondTrade(element, instrument, at);
      for (const side of ['bid', 'ask']) tickerSide(number(element[side]), number(element[`${side}_qty`]), instrument);
      return { kind: 'ticker', instrument: instrument.id, time: at };
    }),
  );
}

function secondBook(element: Json, instrument: Instrument, at: Time, isSnapshot: boolean): NaiveResult {
  const sides = new Sides(instrument, (level) => [number(object(level)['price']), number(object(level)['qty'])]);
  for (const level of list(element['bids'])) sides.add(true, level);
  for (const level of list(element['asks'])) sides.add(false, level);
  id(Number(number(element['checksum'])));
  const kind = isSnapshot ? 'snapshot' : 'depth';
  return { kind, instrument: instrument.id, time: at, last: isSnapshot ? 0 : micros(at), previous: 0, ...sides.parts() };
}

function secondTrade(element: Json, instrument: Instrument, at: Time): NaiveResult {
  const side = element['side'];
  if (side !== 'buy' && side !== 'sell') throw new Refused();
  const tradeId = id(Number(number(element['trade_id'])));
  return tradeOf(
    instrument,
    at,
    tradeId,
    price(number(element['price']), instrument),
    qty(number(element['qty']), instrument),
    side === 'sell',
  );
}

/** The text of a number. */
function number(value: unknown): string {
  const found = text(value);
  if (!found.startsWith('#')) throw new Refused();
  return found.slice(1);
}

const priceAndQty = (level: unknown): [unknown, unknown] => [list(level)[0], list(level)[1]];

function tradeOf(instrument: Instrument, at: Time, tradeId: number, ticks: number, lots: number, sell: boolean): NaiveResult {
  if (lots === 0) throw new Refused();
  return { kind: 'trade', instrument: instrument.id, time: at, id: tradeId, price: ticks, qty: lots, sell, market: true };
}

/** Zero on an empty side. */
function tickerSide(priceText: unknown, qtyText: unknown, instrument: Instrument): void {
  const isZero = /^[0.]*$/.test(text(priceText));
  if (!isZero) price(priceText, instrument);
  if (isZero !== (qty(qtyText, instrument) === 0)) throw new Refused();
}

function seconds(value: unknown): Time {
  const match = /^(\d{10})(?:\.(\d{1,9}))?$/.exec(text(value));
  if (match === null) throw new Refused();
  const nanos = Number((match[2] ?? '').padEnd(9, '0'));
  return [Number(match[1]) * 1000 + Math.floor(nanos / 1e6), nanos % 1e6];
}

function later(a: Time, b: Time): Time {
  return b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a;
}

class Sides {
  private readonly instrument: Instrument;
  private readonly read: (level: unknown) => [price: unknown, qty: unknown];
  private readonly bids: Level[] = [];
  private readonly asks: Level[] = [];
  private far = 0;

  constructor(instrument: Instrument, read: (level: unknown) => [price: unknown, qty: unknown]) {
    this.instrument = instrument;
    this.read = read;
  }

  add(bid: boolean, level: unknown): void {
    const [priceText, qtyText] = this.read(level);
    const lots = qty(qtyText, this.instrument);
    if (bid) this.bids.push([price(priceText, this.instrument), lots]);
    else {
      const ticks = priceOrFar(priceText, this.instrument);
      if (ticks < 0) this.far++;
      else this.asks.push([ticks, lots]);
    }
  }

  parts(): { bids: Level[]; asks: Level[]; far: number } {
    return { bids: this.bids, asks: this.asks, far: this.far };
  }
}
