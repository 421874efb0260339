import { timeText } from './coinbase-frames.ts';

/** Order id number `n`. */
export function orderId(n: number): string {
  return `${n.toString(16).padStart(8, '0')}-aa29-43e6-bcc2-${(n * 7).toString(16).padStart(12, '4')}`;
}

type Side = 'buy' | 'sell';
/** A time within one minute. */
const timeOf = (sequence: number): string => timeText((sequence * 10) % 60_000_000);

const base = (type: string, sequence: number, product: string): object => ({
  type,
  sequence,
  product_id: product,
  time: timeOf(sequence),
});

/** Keys in the order in which the venue writes them, as of the next three. */
export function receivedText(sequence: number, product = 'BTC-USD'): string {
  return JSON.stringify({
    type: 'received',
    sequence,
    order_id: orderId(sequence),
    order_type: 'limit',
    size: '2.25',
    price: '413.65',
    side: 'sell',
    funds: null,
    client_oid: orderId(sequence + 1),
    product_id: product,
    time: timeOf(sequence),
  });
}

export function openText(sequence: number, order: number, side: Side, price: string, remaining: string, product = 'BTC-USD'): string {
  return JSON.stringify({
    type: 'open',
    sequence,
    side,
    price,
    order_id: orderId(order),
    remaining_size: remaining,
    product_id: product,
    time: timeOf(sequence),
  });
}

/** One order of a snapshot written as lines, with the spaces of its recorder. */
export function lineText(sequence: number, order: number, side: Side, price: string, remaining: string, product = 'BTC-USD'): string {
  return `{"product_id": "${product}", "remaining_size": "${remaining}", "time": "", "order_id": "${orderId(order)}", "price": "${price}", "sequence": ${sequence}, "type": "open", "side": "${side}"}`;
}

export function doneText(
  sequence: number,
  order: number,
  side: Side,
  price: string | null,
  remaining: string | null,
  reason = 'canceled',
): string {
  return JSON.stringify({
    type: 'done',
    order_type: 'limit',
    side,
    sequence,
    order_id: orderId(order),
    reason,
    product_id: 'BTC-USD',
    time: timeOf(sequence),
    price,
    remaining_size: remaining,
  });
}

export function fullMatchText(sequence: number, maker: number, side: Side, price: string, size: string): string {
  return JSON.stringify({
    ...base('match', sequence, 'BTC-USD'),
    trade_id: 7_260_000 + sequence,
    maker_order_id: orderId(maker),
    taker_order_id: orderId(sequence),
    side,
    size,
    price,
  });
}

export function changeText(sequence: number, order: number, side: Side, fields: object): string {
  return JSON.stringify({ ...base('change', sequence, 'BTC-USD'), order_id: orderId(order), side, ...fields });
}

export type SnapshotOrder = readonly [price: string, size: string, order: number];

export function fullSnapshotText(sequence: number, bids: readonly SnapshotOrder[], asks: readonly SnapshotOrder[]): string {
  const orders = (side: readonly SnapshotOrder[]): unknown => side.map(([price, size, order]) => [price, size, orderId(order)]);
  return JSON.stringify({
    type: 'snapshot',
    product_id: 'BTC-USD',
    book: { bids: orders(bids), asks: orders(asks), sequence, auction_mode: false },
  });
}

/** A spread of frames of every kind and many shapes, for mutation. */
export function sampleFullFrames(): string[] {
  return [
    receivedText(1),
    openText(760_636_965, 3, 'sell', '413.65', '2.25'),
    openText(2, 4, 'buy', '412.7', '0.00000001', 'SKL-EUR'),
    openText(3, 4, 'sell', '1000000000', '1'),
    lineText(760_636_963, 5, 'buy', '412.75', '4'),
    lineText(760_636_963, 6, 'sell', '999999999.00', '4'),
    doneText(5, 3, 'sell', '413.65', '2.25'),
    doneText(6, 3, 'buy', null, null, 'filled'),
    JSON.stringify({ ...base('open', 11, 'BTC-USD'), side: 'buy', price: '412.75', order_id: orderId(9), remaining_size: '1' }),
    fullMatchText(7, 3, 'sell', '413.02', '0.11944'),
    changeText(8, 3, 'buy', { old_size: '12.2', new_size: '5.23', price: '400.23', reason: 'STP' }),
    changeText(9, 3, 'sell', { old_size: '12.2', new_size: '5', old_price: '400.23', new_price: '400.50', reason: 'modify_order' }),
    changeText(10, 3, 'sell', { new_funds: '4.23', old_funds: '12', price: null }),
    fullSnapshotText(
      760_636_963,
      [
        ['412.75', '4', 1],
        ['412.74', '0.01', 2],
      ],
      [
        ['413.02', '7.25812', 3],
        ['99999999999', '1', 4],
      ],
    ),
    fullSnapshotText(1, [], []),
    ' {"book" : { "asks" : [ [ "1.00" , "2" , "db32e2a2-AA29-43e6-bcc2-418882e4d90d" , 1 ] ] ,"sequence":9,"bids":[] },"product_id":"BTC-USD","type":"snapshot"}\r',
    '{"type":"activate","product_id":"BTC-USD","time":"2026-04-07T14:30:00Z","sequence":4,"order_id":"7b52009b-64fd-0a2a-49e6-d8a939753077","stop_type":"entry"}',
    '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2026-04-07T14:30:00Z"}',
    '{"type":"subscriptions","channels":[{"name":"full","product_ids":["BTC-USD"]}]}',
  ];
}
