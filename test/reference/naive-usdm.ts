import type { Instrument } from '../../src/core/instrument.ts';

/** A Binance USD-M frame decoded with JSON.parse and BigInt: the twin of the byte scanner. */
export type NaiveMessage =
  | { kind: 'depth'; instrument: number; timeMs: number; first: number; last: number; previous: number; bids: Level[]; asks: Level[] }
  | { kind: 'snapshot'; instrument: number; timeMs: number; last: number; bids: Level[]; asks: Level[] }
  | { kind: 'ticker'; instrument: number; timeMs: number; last: number; bid: Level; ask: Level }
  | { kind: 'trade'; instrument: number; timeMs: number; id: number; price: number; qty: number; sell: boolean; market: boolean };
export type Level = [priceTicks: number, qtyLots: number];

type Json = Record<string, unknown>;

/** The message, or undefined for anything a book must not take: what is refused here must be refused by the scanner too. */
export function naiveDecode(text: string, instruments: readonly Instrument[]): NaiveMessage | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(frame)) return undefined;
  const wrapped = 'stream' in frame && 'data' in frame;
  const data = wrapped ? frame['data'] : frame;
  if (!isObject(data)) return undefined;
  try {
    if (data['e'] === undefined)
      return data['lastUpdateId'] === undefined ? undefined : snapshot(data, wrapped ? frame['stream'] : undefined, instruments);
    const found = instruments.find((one) => one.symbol === data['s']);
    return found === undefined ? undefined : event(data, found);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

class Refused extends Error {}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function event(data: Json, instrument: Instrument): NaiveMessage | undefined {
  const timeMs = data['T'] === undefined ? id(data['E']) : id(data['T']);
  if (data['e'] === 'depthUpdate') {
    const [first, last, previous] = [id(data['U']), id(data['u']), id(data['pu'])];
    return {
      kind: 'depth',
      instrument: instrument.id,
      timeMs,
      first,
      last,
      previous,
      bids: levels(data['b'], instrument),
      asks: levels(data['a'], instrument),
    };
  }
  if (data['e'] === 'bookTicker') {
    const bid: Level = [price(data['b'], instrument), qty(data['B'], instrument)];
    const ask: Level = [price(data['a'], instrument), qty(data['A'], instrument)];
    return { kind: 'ticker', instrument: instrument.id, timeMs, last: id(data['u']), bid, ask };
  }
  if (data['e'] === 'trade') {
    const market = data['X'] === undefined || data['X'] === 'MARKET';
    const sell = data['m'] === true;
    return {
      kind: 'trade',
      instrument: instrument.id,
      timeMs,
      id: id(data['t']),
      price: price(data['p'], instrument),
      qty: qty(data['q'], instrument),
      sell,
      market,
    };
  }
  return undefined;
}

function snapshot(data: Json, stream: unknown, instruments: readonly Instrument[]): NaiveMessage | undefined {
  let instrument = instruments.length === 1 ? instruments[0] : undefined;
  if (data['symbol'] !== undefined) instrument = instruments.find((one) => one.symbol === data['symbol']);
  else if (typeof stream === 'string') {
    const name = stream.split('@')[0]!.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    instrument = instruments.find((one) => one.symbol === name);
  }
  if (instrument === undefined) return undefined;
  const timeMs = data['T'] !== undefined ? id(data['T']) : data['E'] !== undefined ? id(data['E']) : 0;
  return {
    kind: 'snapshot',
    instrument: instrument.id,
    timeMs,
    last: id(data['lastUpdateId']),
    bids: levels(data['bids'], instrument),
    asks: levels(data['asks'], instrument),
  };
}

function id(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Refused();
  return value;
}

function levels(value: unknown, instrument: Instrument): Level[] {
  if (!Array.isArray(value)) throw new Refused();
  return value.map((level: unknown): Level => {
    if (!Array.isArray(level)) throw new Refused();
    const priceTicks = price(level[0], instrument);
    if (priceTicks === 0) throw new Refused();
    return [priceTicks, qty(level[1], instrument)];
  });
}

function price(value: unknown, instrument: Instrument): number {
  const ticks = integer(value, instrument.priceDecimals, instrument.tickUnits);
  if (ticks > 2147483647) throw new Refused();
  return ticks;
}

function qty(value: unknown, instrument: Instrument): number {
  return integer(value, instrument.qtyDecimals, instrument.lotUnits);
}

/** Decimal text to units of 10^-decimals, divided by `unit` without remainder. */
function integer(value: unknown, decimals: number, unit: number): number {
  if (typeof value !== 'string') throw new Refused();
  const match = /^([0-9]*)(?:\.([0-9]*))?$/.exec(value);
  if (match === null || (match[1] ?? '') + (match[2] ?? '') === '') throw new Refused();
  const fraction = match[2] ?? '';
  if (/[1-9]/.test(fraction.slice(decimals))) throw new Refused();
  const units = BigInt((match[1] ?? '') + fraction.slice(0, decimals).padEnd(decimals, '0') || '0');
  if (units > 999_999_999_999_999n || units % BigInt(unit) !== 0n) throw new Refused();
  return Number(units / BigInt(unit));
}
