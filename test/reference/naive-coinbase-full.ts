import type { Instrument } from '../../src/core/instrument.ts';
import { SIDE } from '../../src/core/records/market.ts';
import {
  attempt,
  find,
  id,
  isObject,
  type Json,
  list,
  object,
  parse,
  price,
  priceOrFar,
  qty,
  Refused,
  text,
  time,
} from './naive-fields.ts';

/** An event of the channel `full`, decoded with JSON.parse and BigInt. `far`: a price beyond the grid. */
export interface NaiveEvent {
  readonly kind: 'other' | 'open' | 'done' | 'match' | 'change' | 'line' | 'snapshot';
  readonly instrument: number;
  readonly sequence: number;
  readonly time: readonly [ms: number, restNs: number];
  readonly order?: string;
  readonly sell?: boolean;
  readonly price?: number | 'far';
  readonly size?: number;
  readonly trade?: number;
  readonly orders?: readonly NaiveOrder[];
}

export interface NaiveOrder {
  readonly order: string;
  readonly sell: boolean;
  readonly price: number | 'far';
  readonly size: number;
}

const NO_TIME = [0, 0] as const;

export function naiveFull(frameText: string, instruments: readonly Instrument[]): NaiveEvent | 'refused' | 'other' {
  let event: NaiveEvent | undefined;
  const result = attempt(() => {
    const frame = parse(frameText);
    if (isObject(frame)) event = read(frame, instruments);
    return 'other';
  });
  return result === 'refused' ? 'refused' : (event ?? 'other');
}

function read(frame: Json, instruments: readonly Instrument[]): NaiveEvent | undefined {
  const type = text(frame['type']);
  const kind = (
    { received: 'other', activate: 'other', open: 'open', done: 'done', match: 'match', change: 'change', snapshot: 'snapshot' } as const
  )[type as 'open'];
  if (kind === undefined) return undefined;
  const instrument = find(instruments, frame['product_id']);
  if (instrument === undefined) return undefined;
  if (type === 'snapshot') return snapshot(object(frame['book']), instrument);
  const common = { instrument: instrument.id, sequence: id(frame['sequence']) };
  if (frame['time'] === '') {
    if (type !== 'open') throw new Refused();
    return { kind: 'line', ...common, time: NO_TIME, ...order(frame, instrument, 'remaining_size', true) };
  }
  const stamped = { ...common, time: time(frame['time']) };
  if (type === 'received' || type === 'activate') return { kind: 'other', ...stamped };
  if (type === 'open') return { kind: 'open', ...stamped, ...order(frame, instrument, 'remaining_size', true) };
  if (type === 'done') return { kind: 'done', ...stamped, ...order(frame, instrument, 'remaining_size', false) };
  if (type === 'change') return { kind: 'change', ...stamped, ...order(frame, instrument, 'new_size', false) };
  const maker = order({ ...frame, order_id: frame['maker_order_id'] }, instrument, 'size', true);
  return { kind: 'match', ...stamped, ...maker, trade: id(frame['trade_id']) };
}

function order(
  frame: Json,
  instrument: Instrument,
  sizeKey: string,
  needed: boolean,
): Pick<NaiveEvent, 'order' | 'sell' | 'price' | 'size'> {
  const side = frame['side'] ?? undefined;
  if (side !== undefined && side !== 'buy' && side !== 'sell') throw new Refused();
  if (needed && side === undefined) throw new Refused();
  const priceText = frame['new_price'] != null && sizeKey === 'new_size' ? frame['new_price'] : (frame['price'] ?? undefined);
  const sizeText = frame[sizeKey] ?? undefined;
  if (needed && (priceText === undefined || sizeText === undefined)) throw new Refused();
  const size = sizeText === undefined ? undefined : qty(sizeText, instrument);
  if (needed && size === 0) throw new Refused();
  return {
    order: uuid(frame['order_id']),
    ...(side === undefined ? {} : { sell: side === 'sell' }),
    ...(priceText === undefined ? {} : { price: priceOf(priceText, instrument, side !== 'buy') }),
    ...(size === undefined ? {} : { size }),
  };
}

function snapshot(book: Json, instrument: Instrument): NaiveEvent {
  const sequence = id(book['sequence']);
  const side = (value: unknown, sell: boolean): NaiveOrder[] =>
    list(value).map((one) => {
      const [priceText, size, orderId] = list(one);
      return { order: uuid(orderId), sell, price: priceOf(priceText, instrument, sell), size: qty(size, instrument) };
    });
  const orders = [...side(book['bids'], false), ...side(book['asks'], true)];
  return { kind: 'snapshot', instrument: instrument.id, sequence, time: NO_TIME, orders };
}

function priceOf(value: unknown, instrument: Instrument, mayBeFar: boolean): number | 'far' {
  if (!mayBeFar) return price(value, instrument);
  const ticks = priceOrFar(value, instrument);
  return ticks < 0 ? 'far' : ticks;
}

function uuid(value: unknown): string {
  const found = text(value).toLowerCase();
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(found)) throw new Refused();
  return found;
}

/** Orders in a map, in order of arrival. */
export class NaiveOrders {
  readonly orders = new Map<string, { sell: boolean; price: number; size: number }>();

  apply(event: NaiveEvent): void {
    const known = event.order === undefined ? undefined : this.orders.get(event.order);
    if (event.kind === 'open' || event.kind === 'line') {
      if (event.price !== 'far') this.orders.set(event.order!, { sell: event.sell!, price: event.price!, size: event.size! });
    } else if (known === undefined) {
      return;
    } else if (event.kind === 'done') {
      this.orders.delete(event.order!);
    } else if (event.kind === 'match') {
      known.size -= event.size!;
      if (known.size === 0) this.orders.delete(event.order!);
    } else if (event.kind === 'change') {
      if (event.size === 0) this.orders.delete(event.order!);
      else known.size = event.size!;
      if (event.price !== undefined && event.price !== 'far') known.price = event.price;
    }
  }

  /** Levels from the best: [price, size, number of orders]. */
  levels(side: number): [price: number, size: number, orders: number][] {
    const levels = new Map<number, [number, number, number]>();
    for (const { sell, price: ticks, size } of this.orders.values()) {
      if (sell !== (side === SIDE.SELL)) continue;
      const level = levels.get(ticks) ?? [ticks, 0, 0];
      levels.set(ticks, [ticks, level[1] + size, level[2] + 1]);
    }
    return [...levels.values()].sort((a, b) => (side === SIDE.SELL ? a[0] - b[0] : b[0] - a[0]));
  }
}
