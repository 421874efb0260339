import { SIDE } from '../../src/core/records/market.ts';
import {
  N_EVENT_NS,
  N_EVENT_S,
  N_LOTS,
  RECORD_FLAG,
  RECORD_MESSAGE,
  type RecordMessage,
  SIDE_NONE,
  TIME,
} from '../../src/feed/recorded/message.hot.ts';
import type { NaiveRecord, NaiveRecordLevel } from '../reference/naive-tardis.ts';

/** A decoded message of a recorded format in the naive decoders' form. */
export function recordForm(message: RecordMessage): NaiveRecord {
  const { kind, numbers, instrument } = message;
  const timeNs = message.time === TIME.OWN ? `${BigInt(numbers[N_EVENT_S]!) * 1_000_000_000n + BigInt(numbers[N_EVENT_NS]!)}` : undefined;
  const common = { instrument, ...(timeNs === undefined ? {} : { timeNs }) };
  if (kind === RECORD_MESSAGE.TRADE) {
    const side = message.side === SIDE_NONE ? 'unknown' : message.side === SIDE.BUY ? 'buy' : 'sell';
    return { kind: 'trade', ...common, side, trade: [message.priceTicks, numbers[N_LOTS]!] };
  }
  const changes = kind === RECORD_MESSAGE.CHANGES;
  return {
    kind: changes ? 'changes' : 'levels',
    ...common,
    ...(changes ? { snapshot: (message.flags & RECORD_FLAG.SNAPSHOT) !== 0 } : {}),
    bids: levelsOf(message.bidTicks, message.bidLots, message.bidCount),
    asks: levelsOf(message.askTicks, message.askLots, message.askCount),
  };
}

function levelsOf(ticks: Int32Array, lots: Float64Array, count: number): NaiveRecordLevel[] {
  return Array.from({ length: count }, (_, i) => [ticks[i]!, lots[i]!]);
}
