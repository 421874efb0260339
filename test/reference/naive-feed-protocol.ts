import { decode } from '@msgpack/msgpack';
import type { Instrument } from '../../src/core/instrument.ts';
import type { NaiveMessage } from './naive-fields.ts';

const SAFE = 2n ** 53n - 1n;
const TICKS_MAX = 2n ** 31n - 1n;

/**
 * Tickpath's own protocol read with the library and BigInts: what a data message says, 'other' for what is not for the books,
 * undefined for what must be refused. Definitions are not remembered.
 */
export function naiveFeedMessage(bytes: Uint8Array, instruments: readonly Instrument[]): NaiveMessage | 'other' | undefined {
  let value: unknown;
  try {
    value = decode(bytes, { useBigInt64: true });
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? 'other' : undefined;
  const [kind, symbol, ...rest] = value as unknown[];
  const elements = [5, 4, 4, 6, 4, 2][Number(kind)];
  if (rest.length !== elements || typeof symbol !== 'string') return undefined;
  const instrument = instruments.findIndex((one) => one.symbol === symbol);
  if (instrument < 0) return 'other';
  if (Number(kind) === 0) return 'other';
  const integer = (one: unknown): bigint => {
    if (typeof one === 'bigint') return one;
    if (Number.isInteger(one)) return BigInt(one as number);
    throw new RangeError('no integer');
  };
  try {
    const sequence = integer(rest[0]);
    const timeNs = integer(rest[1]);
    if (sequence < 0n || sequence > SAFE || timeNs < 0n || timeNs >= 2n ** 63n) return undefined;
    const time: [number, number] = [Number(timeNs / 1_000_000n), Number(timeNs % 1_000_000n)];
    const last = Number(sequence);
    if (Number(kind) === 1 || Number(kind) === 2) {
      if (Number(kind) === 2 && sequence < 1n) return undefined;
      const sides = [rest[2], rest[3]].map((side) => levels(side, integer));
      if (sides.includes(undefined)) return undefined;
      const isDepth = Number(kind) === 2;
      return {
        kind: isDepth ? 'depth' : 'snapshot',
        instrument,
        time,
        last,
        previous: isDepth ? last - 1 : 0,
        bids: sides[0]!,
        asks: sides[1]!,
        far: 0,
      };
    }
    if (Number(kind) === 5) return { kind: 'depth', instrument, time, last, previous: last, bids: [], asks: [], far: 0 };
    if (Number(kind) === 4) {
      if (integer(rest[2]) === 4n) return 'other';
      return { kind: 'depth', instrument, time, last, previous: -1, bids: [], asks: [], far: 0 };
    }
    const [id, side, price, qty] = rest.slice(2).map(integer) as [bigint, bigint, bigint, bigint];
    if (id < 0n || id > SAFE || qty < 1n || qty > SAFE || price > TICKS_MAX || price < -TICKS_MAX) return undefined;
    return { kind: 'trade', instrument, time, id: Number(id), price: Number(price), qty: Number(qty), sell: side === 1n, market: true };
  } catch {
    return undefined;
  }
}

function levels(side: unknown, integer: (one: unknown) => bigint): [number, number][] | undefined {
  if (!Array.isArray(side) || side.length % 2 !== 0) return undefined;
  const numbers = side.map(integer);
  const found: [number, number][] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    const [price, qty] = [numbers[i]!, numbers[i + 1]!];
    if (price > TICKS_MAX || price < -TICKS_MAX || qty < 0n || qty > SAFE) return undefined;
    found.push([Number(price), Number(qty)]);
  }
  return found;
}
