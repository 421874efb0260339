import type { Instrument } from '../../src/core/instrument.ts';

/** A Binance frame decoded with JSON.parse and BigInt: the twin of the byte scanners. */
export type NaiveMessage =
  | { kind: 'depth'; instrument: number; timeMs: number; first: number; last: number; previous?: number; bids: Level[]; asks: Level[] }
  | { kind: 'snapshot'; instrument: number; timeMs: number; last: number; bids: Level[]; asks: Level[] }
  | { kind: 'ticker'; instrument: number; timeMs: number; last: number; bid: Level; ask: Level }
  | { kind: 'trade'; instrument: number; timeMs: number; id: number; price: number; qty: number; sell: boolean; market: boolean };
export type Level = [priceTicks: number, qtyLots: number];

type Json = Record<string, unknown>;

/** Futures (USD-M, COIN-M), spot with its stream of changes, spot with its streams of partial depth. */
export type NaiveVenue = 'futures' | 'spot' | 'spot-partial';

/** The message, or undefined for anything a book must not take: what is refused here must be refused by the scanner too. */
export function naiveDecode(text: string, instruments: readonly Instrument[], venue: NaiveVenue = 'futures'): NaiveMessage | undefined {
  const answer = /^[ \n\r\t]*(h[^ ]*) -> [0-9.]+: (\{.*)$/s.exec(text);
  let frame: unknown;
  try {
    frame = JSON.parse(answer === null ? text : answer[2]!);
  } catch {
    return undefined;
  }
  if (!isObject(frame)) return undefined;
  try {
    if (answer !== null) return answerOf(answer[1]!, frame, instruments, venue);
    const wrapped = 'stream' in frame && 'data' in frame;
    const data = wrapped ? frame['data'] : frame;
    if (!isObject(data)) return undefined;
    const stream = wrapped ? frame['stream'] : undefined;
    const partial = typeof stream === 'string' && /@depth[0-9]/.test(stream);
    if (data['e'] === undefined && data['lastUpdateId'] !== undefined) {
      return partial && venue !== 'spot-partial' ? undefined : snapshot(data, stream, instruments, venue);
    }
    if (data['e'] === 'depthUpdate' && (partial || venue === 'spot-partial')) return undefined;
    if (data['e'] === undefined && (venue === 'futures' || data['u'] === undefined)) return undefined;
    const found = instruments.find((one) => one.symbol === data['s']);
    return found === undefined ? undefined : event(data, found, venue);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** A recorded answer: its URL says the symbol, and what its body says must agree. */
function answerOf(url: string, body: Json, instruments: readonly Instrument[], venue: NaiveVenue): NaiveMessage | undefined {
  if (body['e'] !== undefined || body['lastUpdateId'] === undefined) return undefined;
  const asked = /[?&]symbol=([^&]*)/.exec(url)?.[1];
  if (asked === undefined || asked === '') return snapshot(body, undefined, instruments, venue);
  const symbol = asked.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  if (body['symbol'] !== undefined && body['symbol'] !== symbol) return undefined;
  return snapshot({ ...body, symbol }, undefined, instruments, venue);
}

class Refused extends Error {}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function event(data: Json, instrument: Instrument, venue: NaiveVenue): NaiveMessage | undefined {
  const isTicker = data['e'] === 'bookTicker' || data['e'] === undefined;
  const time = data['T'] ?? data['E'] ?? (isTicker && venue !== 'futures' ? 0 : undefined);
  if (data['E'] !== undefined || !isTicker || venue === 'futures') id(data['E']);
  const timeMs = milliseconds(id(time), venue);
  if (data['e'] === 'depthUpdate') {
    const [first, last] = [id(data['U']), id(data['u'])];
    const previous = venue === 'futures' ? { previous: id(data['pu']) } : {};
    return {
      kind: 'depth',
      instrument: instrument.id,
      timeMs,
      first,
      last,
      ...previous,
      bids: levels(data['b'], instrument),
      asks: levels(data['a'], instrument),
    };
  }
  if (isTicker) {
    const bid: Level = [price(data['b'], instrument), qty(data['B'], instrument)];
    const ask: Level = [price(data['a'], instrument), qty(data['A'], instrument)];
    return { kind: 'ticker', instrument: instrument.id, timeMs, last: id(data['u']), bid, ask };
  }
  if (data['e'] === 'trade' || data['e'] === 'aggTrade') {
    const market = data['X'] === undefined || data['X'] === 'MARKET';
    const sell = data['m'] === true;
    return {
      kind: 'trade',
      instrument: instrument.id,
      timeMs,
      id: id(data[data['e'] === 'trade' ? 't' : 'a']),
      price: price(data['p'], instrument),
      qty: qty(data['q'], instrument),
      sell,
      market,
    };
  }
  return undefined;
}

function snapshot(data: Json, stream: unknown, instruments: readonly Instrument[], venue: NaiveVenue): NaiveMessage | undefined {
  let instrument = instruments.length === 1 ? instruments[0] : undefined;
  if (data['symbol'] !== undefined) instrument = instruments.find((one) => one.symbol === data['symbol']);
  else if (typeof stream === 'string') {
    const name = stream.split('@')[0]!.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    instrument = instruments.find((one) => one.symbol === name);
  }
  if (instrument === undefined) return undefined;
  const timeMs = milliseconds(id(data['T'] ?? data['E'] ?? 0), venue);
  return {
    kind: 'snapshot',
    instrument: instrument.id,
    timeMs,
    last: id(data['lastUpdateId']),
    bids: levels(data['bids'], instrument),
    asks: levels(data['asks'], instrument),
  };
}

/** Spot may send microseconds, which no millisecond time of these centuries looks like. */
function milliseconds(time: number, venue: NaiveVenue): number {
  return venue !== 'futures' && time >= 1e14 ? time / 1000 : time;
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
  if (units > 9_007_199_254_740_991n || units % BigInt(unit) !== 0n) throw new Refused();
  return Number(units / BigInt(unit));
}
