import { PRICE_NONE } from '../../src/core/price.ts';
import { SIDE } from '../../src/core/records/market.ts';
import {
  N_EVENT_NS,
  N_EVENT_S,
  N_LOTS,
  N_SEQUENCE,
  RECORD_MESSAGE,
  type RecordMessage,
  SIDE_NONE,
  TIME,
} from '../../src/feed/recorded/message.hot.ts';
import type { NaiveInstrument } from '../reference/naive-dbn.ts';
import { ES, ES_NUMBER, levels, mbo, type Pair, quarters, UNDEF_PRICE, UNDEF_TIME } from './dbn-records.ts';

/** Beside ES a share of another publisher with the same number, in lots of 100 and ticks of 0.0001. */
const OTHER = { ...ES, id: 1, symbol: 'XYZ', priceDecimals: 4, tickUnits: 1, lotUnits: 100, venueId: 2 * 2 ** 32 + ES_NUMBER };
export const DBN_INSTRUMENTS = [ES, OTHER];
export const DBN_NAIVE_INSTRUMENTS: readonly NaiveInstrument[] = [
  { publisher: 1, number: ES_NUMBER, tickNanos: 250_000_000n, lotUnits: 1 },
  { publisher: 2, number: ES_NUMBER, tickNanos: 100_000n, lotUnits: 100 },
];

/** What was decoded, in the words of the naive decoder; `name` tells types apart that decode alike. */
export function meaningOf(message: RecordMessage, name: string): string {
  const n = message.numbers;
  const action = String.fromCharCode(message.action);
  const side = message.side === SIDE_NONE ? 'N' : message.side === SIDE.BUY ? 'B' : 'A';
  const time = message.time === TIME.OWN ? `${BigInt(n[N_EVENT_S]!) * 1_000_000_000n + BigInt(n[N_EVENT_NS]!)}` : 'none';
  const parts: (string | number)[] = [name, message.instrument, action, side, message.flags, time, n[N_SEQUENCE]!];
  const order = message.kind === RECORD_MESSAGE.ORDER;
  if (order ? 'AMT'.includes(action) : action === 'T') parts.push(message.priceTicks === PRICE_NONE ? 'none' : message.priceTicks);
  if (order ? 'ACMT'.includes(action) : action === 'T') parts.push(n[N_LOTS]!);
  if (order) parts.push(`${(BigInt(message.orderHigh >>> 0) << 32n) | BigInt(message.orderLow >>> 0)}`);
  for (let i = 0; i < message.bidCount; i++) parts.push(`bid:${message.bidTicks[i]}x${message.bidLots[i]}`);
  for (let i = 0; i < message.askCount; i++) parts.push(`ask:${message.askTicks[i]}x${message.askLots[i]}`);
  return parts.join(' ');
}

const ladder: Pair[] = Array.from({ length: 10 }, (_, i) => [quarters(19_240 - i), 10 + i, quarters(19_241 + i), 20 + i]);
/** A record of each type and kind, and below the naive decoder's names of them. */
export const DBN_SAMPLES = [
  mbo('A', 6_412_777_162_812n, { price: quarters(19_196), size: 2, side: 'B', flags: 0x80 }),
  mbo('A', 2n ** 63n + 5n, { price: -quarters(7), size: 1, side: 'A' }),
  mbo('C', 6_412_777_162_812n, { price: quarters(19_196), size: 1, side: 'B', flags: 0x82 }),
  mbo('M', 77n, { price: quarters(19_200), size: 9, side: 'A', flags: 0x80, timeNs: UNDEF_TIME }),
  mbo('T', 0n, { price: quarters(19_200), size: 3, side: 'B' }),
  mbo('F', 77n, { price: quarters(19_200), size: 3, side: 'A' }),
  mbo('R', 0n, { flags: 0x28 }),
  mbo('A', 5n, { publisher: 2, price: 1_000_100_000n, size: 300, side: 'B', flags: 0x80 }),
  mbo('A', 0n, { price: quarters(19_196), size: 2, side: 'B', flags: 0xc0 }),
  mbo('A', 0n, { price: UNDEF_PRICE, size: 0, side: 'A', flags: 0x40 }),
  levels('T', [], { price: quarters(19_200), size: 5, side: 'A', sequence: 4_000_000_000 }),
  levels('A', [[quarters(19_199), 5, quarters(19_200), 6]], { side: 'B' }),
  levels('T', [[quarters(19_199), 5, UNDEF_PRICE, 0]], { price: quarters(3), size: 1, side: 'N' }),
  levels('M', ladder, { side: 'A' }),
  levels('N', [[quarters(19_199), 5, quarters(19_200), 6]], { rtype: 0xc3, side: 'N' }),
];
export const DBN_SAMPLE_NAMES = [
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'mbo',
  'trade',
  'mbp1',
  'mbp1',
  'mbp10',
  'bbo',
];
