import { PRICE_NONE } from '../../src/core/price.ts';
import { SIDE } from '../../src/core/records/market.ts';
import { N_LAST_ID, N_TRADE_ID, N_TRANSACT_MS, N_TRANSACT_REST_NS } from '../../src/feed/l2/message.hot.ts';
import { DECODE } from '../../src/feed/l2/status.ts';
import { type FullDecoder, NO_ORDER } from '../../src/feed/venue/coinbase-full/decode.hot.ts';
import { FULL } from '../../src/feed/venue/coinbase-full/order.ts';
import type { NaiveEvent, NaiveOrder } from '../reference/naive-coinbase-full.ts';
import { BTC_USD, SKL_EUR } from './coinbase-frames.ts';

export const FULL_INSTRUMENTS = [BTC_USD, { ...SKL_EUR, priceDecimals: 1, tickUnits: 1, qtyDecimals: 8 }];
const KINDS: readonly NaiveEvent['kind'][] = ['other', 'other', 'open', 'done', 'match', 'change', 'line', 'snapshot'];

function idText(decoder: FullDecoder): string {
  const hex = [...new Uint32Array(decoder.orderId.buffer)].map((word) => word.toString(16).padStart(8, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function orderForm(decoder: FullDecoder): NaiveOrder {
  return {
    order: idText(decoder),
    sell: decoder.side === SIDE.SELL,
    price: decoder.isFar === 1 ? 'far' : decoder.ticks[0]!,
    size: decoder.lots[0]!,
  };
}

/** The event at hand in the naive form; orders of a snapshot are read, and the snapshot refused with its first bad one. */
function formOf(decoder: FullDecoder): NaiveEvent | 'refused' {
  const { message, kind } = decoder;
  const n = message.numbers;
  const common = {
    kind: KINDS[kind]!,
    instrument: message.instrument,
    sequence: n[N_LAST_ID]!,
    time: [n[N_TRANSACT_MS]!, n[N_TRANSACT_REST_NS]!] as [number, number],
  };
  if (kind === FULL.OTHER) return common;
  if (kind === FULL.SNAPSHOT) {
    const orders: NaiveOrder[] = [];
    for (let status = decoder.nextOrder(); status !== NO_ORDER; status = decoder.nextOrder()) {
      if (status < 0) return 'refused';
      orders.push(orderForm(decoder));
    }
    return { ...common, orders };
  }
  return {
    ...common,
    order: idText(decoder),
    ...(decoder.side < 0 ? {} : { sell: decoder.side === SIDE.SELL }),
    ...(decoder.isFar === 1 ? { price: 'far' as const } : decoder.ticks[0]! === PRICE_NONE ? {} : { price: decoder.ticks[0]! }),
    ...(decoder.hasLots === 0 ? {} : { size: decoder.lots[0]! }),
    ...(kind === FULL.MATCH ? { trade: n[N_TRADE_ID]! } : {}),
  };
}

/** Decodes `bytes[0, size)`: the event in the naive form, the status that is not OK, or refused within its orders. */
export function fullFormOf(decoder: FullDecoder, bytes: Uint8Array, size: number): NaiveEvent | number | 'refused' {
  const status = decoder.decode(bytes, 0, size);
  return status === DECODE.OK ? formOf(decoder) : status;
}
