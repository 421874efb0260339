import type { Instrument } from '../../src/core/instrument.ts';

export type Json = Record<string, unknown>;
export type Level = [priceTicks: number, qtyLots: number];

/** A message as a naive decoder reads it. Times are epoch ms and the ns beyond them, 0 and 0 where there is none. */
export type NaiveMessage =
  | {
      kind: 'depth' | 'snapshot';
      instrument: number;
      time: [ms: number, restNs: number];
      last: number;
      previous: number;
      bids: Level[];
      asks: Level[];
      /** Ask levels beyond the grid, left out. */
      far: number;
    }
  | { kind: 'ticker'; instrument: number; time: [number, number] }
  | { kind: 'trade'; instrument: number; time: [number, number]; id: number; price: number; qty: number; sell: boolean; market: boolean };

/** What a naive decoder says of each message of a frame. `other`: not for the books. */
export type NaiveResult = NaiveMessage | 'refused' | 'other';

/** Thrown, and caught by `attempt`, where the scanner refuses. */
export class Refused extends Error {}

export function attempt(read: () => NaiveResult): NaiveResult {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    throw error;
  }
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused();
  }
}

/** JSON with every number as its text. */
export function parseTexts(text: string): unknown {
  parse(text);
  return JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (one) => (one.startsWith('"') ? one : `"#${one}"`)),
  );
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  if (!isObject(value)) throw new Refused();
  return value;
}

export function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Refused();
  return value;
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Refused();
  return value;
}

export function id(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Refused();
  return value;
}

/** Decimal text to units of 10^-decimals, divided by `unit` without remainder; -1 beyond 2^53 - 1 units. */
export function integer(value: unknown, decimals: number, unit: number): bigint {
  const match = /^([0-9]*)(?:\.([0-9]*))?$/.exec(text(value));
  if (match === null || (match[1] ?? '') + (match[2] ?? '') === '') throw new Refused();
  const fraction = match[2] ?? '';
  const units = BigInt((match[1] ?? '') + fraction.slice(0, decimals).padEnd(decimals, '0') || '0');
  if (units > 9_007_199_254_740_991n) return -1n;
  if (/[1-9]/.test(fraction.slice(decimals))) throw new Refused();
  if (units % BigInt(unit) !== 0n) throw new Refused();
  return units / BigInt(unit);
}

/** Price in ticks, above zero; -1 when it lies beyond the grid. */
export function priceOrFar(value: unknown, instrument: Instrument): number {
  const ticks = integer(value, instrument.priceDecimals, instrument.tickUnits);
  if (ticks < 0n || ticks > 2147483647n) return -1;
  if (ticks === 0n) throw new Refused();
  return Number(ticks);
}

export function price(value: unknown, instrument: Instrument): number {
  const ticks = priceOrFar(value, instrument);
  if (ticks < 0) throw new Refused();
  return ticks;
}

export function qty(value: unknown, instrument: Instrument): number {
  const lots = integer(value, instrument.qtyDecimals, instrument.lotUnits);
  if (lots < 0n) throw new Refused();
  return Number(lots);
}

/** RFC 3339 in UTC. */
export function time(value: unknown): [ms: number, restNs: number] {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/.exec(text(value));
  if (match === null) throw new Refused();
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (year < 1970 || year > 2099) throw new Refused();
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  if (new Date(ms).toISOString().slice(0, 19) !== match[0].slice(0, 19)) throw new Refused();
  const nanos = Number((match[7] ?? '').padEnd(9, '0'));
  return [ms + Math.floor(nanos / 1e6), nanos % 1e6];
}

export function find(instruments: readonly Instrument[], symbol: unknown): Instrument | undefined {
  const name = text(symbol);
  return instruments.find((one) => one.symbol === name);
}

/** Time in whole microseconds, the update id of venues that number nothing. */
export function micros([ms, restNs]: [number, number]): number {
  return Number(BigInt(ms) * 1000n + BigInt(Math.floor(restNs / 1000)));
}
