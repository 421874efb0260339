import * as assert from 'uvu/assert';
import { SIDE } from '../../src/core/records/market.ts';
import type { ItchMessage } from '../../src/feed/venue/nasdaq-itch/message.hot.ts';
import { N_MATCH, N_SHARES, N_TIME_NS } from '../../src/feed/venue/nasdaq-itch/message.hot.ts';
import { type NaiveItch, naiveFields, naiveLength } from '../reference/naive-itch.ts';

/** Types whose fields the decoder leaves by name and not by layout. */
const NAMED = 'AFECXDUPQ';

/** A message from values by field name; what is not given is 0 or spaces. */
export function itchMessage(type: string, values: Readonly<Record<string, bigint | number | string>> = {}): Uint8Array {
  const bytes = new Uint8Array(naiveLength(type));
  const put = (at: number, width: number, value: bigint): void => {
    for (let i = 0; i < width; i++) bytes[at + i] = Number((value >> BigInt(8 * (width - 1 - i))) & 0xffn);
  };
  bytes[0] = type.charCodeAt(0);
  put(1, 2, BigInt(values['locate'] ?? 1));
  put(3, 2, BigInt(values['tracking'] ?? 0));
  put(5, 6, BigInt(values['timeNs'] ?? 0));
  for (const { name, at, bytes: width, text } of naiveFields(type)) {
    if (text) bytes.set(new TextEncoder().encode(String(values[name] ?? '').padEnd(width)), at);
    else put(at, width, BigInt(values[name] ?? 0));
  }
  return bytes;
}

/** Asserts that a decoded message says what the naive one does. */
export function assertSameItch(bytes: Uint8Array, message: ItchMessage, expected: NaiveItch): void {
  const { type, fields } = expected;
  const { numbers } = message;
  if (String.fromCharCode(message.type) !== type || message.locate !== expected.locate || numbers[N_TIME_NS] !== expected.timeNs) {
    assert.equal([String.fromCharCode(message.type), message.locate, numbers[N_TIME_NS]], [type, expected.locate, expected.timeNs]);
  }
  if (message.tracking !== expected.tracking) assert.is(message.tracking, expected.tracking);
  let i = 0;
  for (const [name, value] of fields) {
    const found = NAMED.includes(type) ? named(bytes, message, name) : byLayout(bytes, message, i, value);
    if (found !== undefined && found !== value) assert.is(`${type} ${name} ${found}`, `${type} ${name} ${value}`);
    i++;
  }
}

function named(bytes: Uint8Array, message: ItchMessage, name: string): bigint | string | undefined {
  const { numbers } = message;
  if (name === 'ref') return message.type === 80 || message.type === 81 ? undefined : pair(message.refHigh, message.refLow);
  if (name === 'newRef') return pair(message.newHigh, message.newLow);
  if (name === 'shares') return BigInt(numbers[N_SHARES]!);
  if (name === 'price') return BigInt(message.price);
  if (name === 'match') return BigInt(numbers[N_MATCH]!);
  if (name === 'side') return message.side === SIDE.BUY ? 'B' : 'S';
  if (name === 'printable') return message.printable === 1 ? 'Y' : 'N';
  if (name === 'stock') return text(bytes, message.stockAt, 8);
  return undefined;
}

function byLayout(bytes: Uint8Array, message: ItchMessage, i: number, value: bigint | string): bigint | string {
  return typeof value === 'bigint' ? BigInt(message.values[i]!) : text(bytes, message.texts[i]!, value.length);
}

const pair = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
const text = (bytes: Uint8Array, at: number, width: number): string =>
  [...bytes.subarray(at, at + width)].map((byte) => String.fromCharCode(byte)).join('');
