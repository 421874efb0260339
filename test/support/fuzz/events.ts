import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { EventDecoder } from '../../../src/feed/hftbacktest/decode.hot.ts';
import { CLEARS, RECORD_MESSAGE, type RecordMessage } from '../../../src/feed/recorded/message.hot.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { type NaiveEventMessage, naiveEventMessage } from '../../reference/naive-event-messages.ts';
import type { NaiveEvent } from '../../reference/naive-events.ts';
import { BUY, CLEAR, DEPTH, EXCH, eventBytes, LOCAL, SELL, SNAPSHOT, TRADE } from '../event-files.ts';
import { recordForm } from '../record-form.ts';
import { type FuzzTarget, isEqual, mustEqual } from './target.ts';

const COIN: Instrument = { id: 0, symbol: 'BTCUSDT', priceDecimals: 1, qtyDecimals: 3, tickUnits: 1, lotUnits: 1, venueId: 1 };
const row = (ev: number, px: number, qty: number, exchNs = 1_723_161_256_298_000_000n): NaiveEvent => ({
  ev: EXCH + LOCAL + ev,
  exchNs,
  localNs: exchNs + 1_000n,
  px,
  qty,
});
const MESSAGES: readonly (readonly NaiveEvent[])[] = [
  [row(DEPTH + BUY, 58_710.2, 0.014)],
  [row(DEPTH + BUY, 61_594.100000000006, 0), row(DEPTH + SELL, 617_050, 0.003), row(DEPTH + SELL, -0.1, 281_474_976_710.656)],
  [row(TRADE + SELL, 61_659.7, 1.486)],
  [row(TRADE + BUY, 0.1, 1e-3, 0n)],
  [row(CLEAR + BUY, 100, 0), row(SNAPSHOT + BUY, 101, 2), row(CLEAR + SELL, 105, 0), row(SNAPSHOT + SELL, 103, 1)],
  [row(CLEAR, Number.NaN, 0), row(SNAPSHOT + BUY, 214_748_364.7, 2)],
];
/** Bytes worth changing: kind, flags, and the numbers' exponents and last bits. */
const LIKELY = [0, 3, 8, 24, 25, 29, 30, 31, 32, 33, 37, 38, 39];

export function eventsTarget(): FuzzTarget {
  const decoder = new EventDecoder([COIN]);
  return {
    sources: MESSAGES.map(eventBytes),
    mutate: mutateRows,
    acceptedMin: 1 / 10,
    check: (bytes, size, _which, refusals) => {
      const status = decoder.decode(bytes, 0, size);
      if (status !== RECORD.OK && !refusals) return false;
      const found = status === RECORD.OK ? formOf(decoder.message) : status > 0 ? 'other' : 'refused';
      const frame = bytes.subarray(0, size);
      const naive = naiveEventMessage(frame, COIN) ?? 'refused';
      if (isEqual(found, naive)) return status === RECORD.OK;
      // At the very limit of the tolerance float64 arithmetic may fall to either side.
      const atLimit = [-1, 1].some((slack) => isEqual(found, naiveEventMessage(frame, COIN, slack) ?? 'refused'));
      if (!atLimit) mustEqual(found, naive);
      return status === RECORD.OK;
    },
  };
}

function formOf(message: RecordMessage): NaiveEventMessage {
  const { clears, clearBidTicks, clearAskTicks } = message;
  if (message.kind !== RECORD_MESSAGE.CHANGES) return recordForm(message);
  return {
    ...recordForm(message),
    ...((clears & CLEARS.BIDS) !== 0 ? { clearBids: clearBidTicks } : {}),
    ...((clears & CLEARS.ASKS) !== 0 ? { clearAsks: clearAskTicks } : {}),
  };
}

function mutateRows(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  let size = source.length;
  for (let change = 1 + prng.nextInt(2); change > 0; change--) {
    const likely = 64 * prng.nextInt(source.length / 64) + LIKELY[prng.nextInt(LIKELY.length)]!;
    const at = prng.nextInt(2) === 0 ? likely : prng.nextInt(source.length);
    const how = prng.nextInt(16);
    if (how < 5) target[at] = prng.nextInt(256);
    else if (how < 11) target[at] = target[at]! ^ (1 << prng.nextInt(8));
    else if (how < 15) target[at] = prng.nextInt(8);
    else size = prng.nextInt(size + 1);
  }
  return size;
}
