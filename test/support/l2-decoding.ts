import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { SIDE } from '../../src/core/records/market.ts';
import type { L2Decoder } from '../../src/feed/l2/decoder.ts';
import {
  type L2Message,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
  N_TRANSACT_REST_NS,
} from '../../src/feed/l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../src/feed/l2/status.ts';
import type { Level, NaiveMessage, NaiveResult } from '../reference/naive-fields.ts';

function levelsOf(ticks: Int32Array, lots: Float64Array, count: number): Level[] {
  return [...Array(count).keys()].map((i) => [ticks[i]!, lots[i]!]);
}

/** A decoded message in the naive decoders' form. `links`: the venue names the message before in each depth message. */
export function formOf(message: L2Message, links = false): NaiveMessage {
  const n = message.numbers;
  const instrument = message.instrument;
  const time: [number, number] = [n[N_TRANSACT_MS]!, n[N_TRANSACT_REST_NS]!];
  if (message.kind === MESSAGE.TICKER) return { kind: 'ticker', instrument, time };
  if (message.kind === MESSAGE.TRADE) {
    const sell = message.tradeSide === SIDE.SELL;
    const market = message.tradeIsMarket === 1;
    return { kind: 'trade', instrument, time, id: n[N_TRADE_ID]!, price: message.tradeTicks, qty: n[N_TRADE_LOTS]!, sell, market };
  }
  const isDepth = message.kind === MESSAGE.DEPTH;
  return {
    kind: isDepth ? 'depth' : 'snapshot',
    instrument,
    time,
    last: n[N_LAST_ID]!,
    previous: links && isDepth ? n[N_PREVIOUS_ID]! : 0,
    bids: levelsOf(message.bidTicks, message.bidLots, message.bidCount),
    asks: levelsOf(message.askTicks, message.askLots, message.askCount),
    far: message.farCount,
  };
}

/** Every message of a frame, with the status of those that are refused or not for the books. */
export function decodeAll(decoder: L2Decoder, bytes: Uint8Array, start: number, end: number, links = false): (NaiveMessage | number)[] {
  const found: (NaiveMessage | number)[] = [];
  let status = decoder.decode(bytes, start, end);
  for (;;) {
    found.push(status === DECODE.OK ? formOf(decoder.message, links) : status);
    if (decoder.more === 0) return found;
    assert.ok(found.length < 10_000, 'a frame ends');
    status = decoder.next();
  }
}

export type NaiveDecode = (text: string, instruments: readonly Instrument[]) => NaiveResult[];

/** What a decoder said, with statuses told apart as the naive decoders do. */
export function resultsOf(found: readonly (NaiveMessage | number)[]): NaiveResult[] {
  return found.map((one) => (typeof one !== 'number' ? one : one > 0 ? 'other' : 'refused'));
}

/** A decoder with a short cut for the venue's own key order, and its general path alone. */
export interface TwoPathDecoder extends L2Decoder {
  decodeAnyOrder: L2Decoder['decode'];
}

/** True when the short cut alone takes the frame: the general path is out of order while it is asked. */
export function takesShortCut(decoder: Pick<TwoPathDecoder, 'decode' | 'decodeAnyOrder'>, text: string): boolean {
  const bytes = new TextEncoder().encode(`${text}${' '.repeat(64)}`);
  const anyOrder = decoder.decodeAnyOrder;
  decoder.decodeAnyOrder = () => DECODE.BAD_JSON;
  const status = decoder.decode(bytes, 0, bytes.length - 64);
  decoder.decodeAnyOrder = anyOrder;
  return status === DECODE.OK;
}
