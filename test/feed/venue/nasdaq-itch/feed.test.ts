import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SIDE } from '../../../../src/core/records/market.ts';
import { APPLIED_EVENT } from '../../../../src/feed/applied.ts';
import { ItchFeed } from '../../../../src/feed/venue/nasdaq-itch/feed.hot.ts';
import { itchMessage } from '../../../support/itch-messages.ts';
import { OrderRig, type OrderRigOptions, stock } from '../../../support/itch-rig.ts';

type Values = Readonly<Record<string, bigint | number | string>>;

class Rig extends OrderRig<ItchFeed> {
  constructor(options: Partial<OrderRigOptions> = {}) {
    super((one) => new ItchFeed(one), { instruments: [stock(0, 'ABC')], ...options });
  }

  itch(type: string, values: Values = {}): this {
    return this.send(itchMessage(type, { stock: 'ABC', locate: 7, side: 'B', shares: 100, price: 10_000, printable: 'Y', ...values }));
  }

  /** Connected, the day begun, the stock trading. */
  open(): this {
    this.connect().itch('S', { event: 'O', locate: 0 }).itch('R').itch('H', { state: 'T' }).take();
    return this;
  }
}

test('a day that is followed from its start of messages is live once the stock trades', () => {
  const rig = new Rig().connect();
  assert.equal(rig.take(), ['DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT SUBSCRIBED|']);
  rig.itch('S', { event: 'O', locate: 0 });
  assert.equal(rig.take(), []);
  rig.itch('R');
  assert.equal(rig.take(), ['SUBSCRIBED_NO_SNAPSHOT>NOT_TRADING TRADING_STATUS|']);
  rig.itch('H', { state: 'T' });
  assert.equal(rig.take(), ['END', 'NOT_TRADING>LIVE TRADING_STATUS|']);
});

test('orders reach the ring as the levels they change', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 1, price: 10_000, shares: 300 }).itch('F', { ref: 2, side: 'S', price: 10_200, mpid: 'VIRT' });
  rig.itch('A', { ref: 3, price: 10_000, shares: 50 }).itch('X', { ref: 1, shares: 100 });
  assert.equal(rig.take(), ['END|', 'END|', 'END|', 'END|']);
  const [replica] = rig.replicas;
  assert.equal([replica!.bidTicks, replica!.bidLots, replica!.askTicks, replica!.askLots], [10_000, 250, 10_200, 100]);
  rig.itch('U', { ref: 1, newRef: 4, price: 10_100, shares: 70 });
  assert.equal([replica!.bidTicks, replica!.bidLots, replica!.qtyOf(SIDE.BUY, 10_000)], [10_100, 70, 50]);
  rig.itch('D', { ref: 4 });
  assert.equal([replica!.bidTicks, rig.feed.book(0).orders, rig.count('depth_applied')], [10_000, 2, 6]);
  assert.is(replica!.hash(), rig.feed.book(0).hash());
});

test('an execution is a trade against the order it takes from; one that is not printable is none', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 1, price: 10_000, shares: 300 }).itch('A', { ref: 2, side: 'S', price: 10_200 }).take();
  rig.itch('E', { ref: 1, shares: 100, match: 5 });
  assert.equal(rig.take(), ['TRADE sell 100 at 10000', 'END|']);
  rig.itch('C', { ref: 2, shares: 40, price: 10_150, match: 6 });
  assert.equal(rig.take(), ['TRADE buy 40 at 10150', 'END|']);
  rig.itch('C', { ref: 1, shares: 100, price: 9_000, match: 7, printable: 'N' });
  assert.equal(rig.take(), ['END|']);
  assert.equal([rig.count('trade_messages'), rig.count('trades_not_market')], [2, 1]);
});

test('a trade with a hidden order takes its side from the middle of the book; an empty cross is none', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 1, price: 10_000 }).itch('A', { ref: 2, side: 'S', price: 10_200 }).take();
  rig.itch('P', { price: 10_150, shares: 5 }).itch('P', { price: 10_050 }).itch('P', { price: 10_100 });
  assert.equal(rig.take(), ['TRADE buy 5 at 10150|', 'TRADE sell 100 at 10050|', 'TRADE sell 100 at 10100|']);
  rig.itch('Q', { price: 10_200, shares: 12_345_678_901n, crossType: 'O' }).itch('Q', { shares: 0, price: 0 });
  assert.equal(rig.take(), ['TRADE buy 12345678901 at 10200|']);
});

test('an unknown order, a duplicate one and one that has too little each make the book stale for the day', () => {
  for (const [type, values, counter] of [
    ['E', { ref: 9, shares: 1 }, 'orders_unknown'],
    ['D', { ref: 0 }, 'orders_unknown'],
    ['U', { ref: 9, newRef: 10 }, 'orders_unknown'],
    ['A', { ref: 1 }, 'orders_duplicate'],
    ['U', { ref: 1, newRef: 2 }, 'orders_duplicate'],
    ['X', { ref: 1, shares: 101 }, 'orders_below_zero'],
  ] as const) {
    const rig = new Rig().open();
    rig.itch('A', { ref: 1 }).itch('A', { ref: 2, side: 'S', price: 10_200 }).take();
    const hash = rig.feed.book(0).ordersHash();
    rig.itch(type, values);
    assert.equal(rig.take(), ['LIVE>STALE ORDER_MISMATCH|'], type);
    assert.equal([rig.count(counter), rig.count('books_stale'), rig.feed.book(0).ordersHash()], [1, 1, hash]);
    rig.itch('D', { ref: 2 }).itch('E', { ref: 1, shares: 100 });
    assert.equal([rig.take(), rig.count('messages_not_live')], [[], 1], 'nothing of it reaches the ring');
    rig.itch('S', { event: 'O', locate: 0 }).itch('R').itch('H', { state: 'T' });
    assert.equal([rig.state(), rig.feed.book(0).orders], ['LIVE', 0], 'the next day begins anew');
  }
});

test('reference 0 is an order; an execution of nothing changes nothing', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 0 }).itch('E', { ref: 0, shares: 0 });
  assert.equal(rig.take(), ['END|']);
  rig.itch('E', { ref: 0, shares: 100 });
  assert.equal([rig.take().length, rig.feed.book(0).orders, rig.state()], [2, 0, 'LIVE']);
});

test('a crossed book is stale while the stock trades, and a state while it does not', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 1, side: 'S', price: 10_000 }).take();
  rig.itch('H', { state: 'H' });
  assert.equal(rig.take(), ['LIVE>NOT_TRADING TRADING_STATUS|']);
  rig.itch('A', { ref: 2, price: 10_100 }).itch('H', { state: 'Q' });
  assert.equal([rig.take(), rig.feed.book(0).crossed()], [[], true]);
  rig.itch('H', { state: 'T' });
  assert.equal(rig.take(), [], 'trading resumed, but the orders that cross are still there');
  rig.itch('E', { ref: 1, shares: 100 });
  assert.equal(rig.take(), ['END', 'NOT_TRADING>LIVE TRADING_STATUS|']);
  rig.itch('A', { ref: 3, side: 'S', price: 10_100 });
  assert.equal(rig.take(), ['LIVE>STALE CROSSED|']);
});

test('halts, operational halts of any market and the end of system hours stop trading', () => {
  const rig = new Rig().open();
  const halt = (market: string, action: string): string => rig.itch('h', { market, action }).state();
  assert.equal([halt('Q', 'H'), halt('B', 'H'), halt('Q', 'T'), halt('B', 'T')], ['NOT_TRADING', 'NOT_TRADING', 'NOT_TRADING', 'LIVE']);
  assert.is(rig.itch('H', { state: 'P' }).state(), 'NOT_TRADING');
  assert.is(rig.itch('H', { state: 'T' }).state(), 'LIVE');
  assert.is(rig.itch('S', { event: 'M', locate: 0 }).state(), 'LIVE');
  assert.is(rig.itch('S', { event: 'E', locate: 0 }).state(), 'NOT_TRADING');
});

test('an input that begins within the day never becomes live, and its unknown orders are counted', () => {
  const rig = new Rig().connect();
  rig.itch('A', { ref: 5 }).itch('H', { state: 'T' }).itch('D', { ref: 4 });
  assert.equal(rig.take(), ['DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT SUBSCRIBED|']);
  assert.equal([rig.count('sessions_joined_late'), rig.count('orders_unknown'), rig.feed.book(0).orders], [1, 1, 1]);
});

test('stocks are told apart by locate, which the first message with a name teaches', () => {
  const rig = new Rig({ instruments: [stock(0, 'ABC'), stock(1, 'XYZ')] });
  rig.connect().itch('S', { event: 'O', locate: 0 });
  rig.itch('A', { ref: 1, locate: 3, stock: 'OTHER' }).itch('A', { ref: 1, locate: 9, stock: 'XYZ' }).itch('A', { ref: 1, locate: 7 });
  rig.itch('D', { ref: 1, locate: 3 }).itch('E', { ref: 1, locate: 9, shares: 10 });
  assert.equal([rig.feed.book(0).bidLots, rig.feed.book(1).bidLots, rig.count('unknown_symbol')], [100, 90, 2]);
  rig.itch('A', { ref: 2, locate: 7, stock: 'XYZ' });
  assert.equal([rig.count('itch_rejected_wrong_stock'), rig.state(0), rig.state(1)], [1, 'STALE', 'NOT_TRADING']);
});

test('what cannot be decoded is counted by reason, and makes a book stale only when it could have changed it', () => {
  const rig = new Rig().open();
  rig.send(Uint8Array.of(90, 0, 7, 0, 0)).send(itchMessage('H', { stock: 'ABC', locate: 7 }).subarray(0, 20));
  assert.equal([rig.take(), rig.count('itch_rejected_unknown_type'), rig.count('itch_rejected_bad_length')], [[], 1, 1]);
  rig.itch('A', { ref: 1, side: 'x', locate: 8 });
  assert.is(rig.state(), 'LIVE', 'another stock');
  rig.itch('A', { ref: 1, side: 'x' });
  assert.equal(rig.take(), ['LIVE>STALE DECODE_ERROR|']);
  assert.equal([rig.count('rejected_frames'), rig.feed.rejects.list().map((one) => one.status)], [4, [-101, -102, -104, -104]]);
});

test('a coarser tick is exact or refused', () => {
  const rig = new Rig({ instruments: [stock(0, 'ABC', '0.01')] }).open();
  rig.itch('A', { ref: 1, price: 10_200 }).itch('P', { price: 10_150 });
  assert.equal([rig.take(), rig.feed.book(0).bidTicks, rig.count('itch_rejected_off_tick'), rig.state()], [['END|'], 102, 1, 'LIVE']);
  rig.itch('A', { ref: 2, price: 10_201 });
  assert.equal([rig.state(), rig.count('itch_rejected_off_tick')], ['STALE', 2]);
  assert.throws(() => new Rig({ instruments: [stock(0, 'ABC', '0.00001')] }), /tick_size of at most 4 decimals/);
});

test('a book that is full goes to GAP', () => {
  const rig = new Rig({ bookLevelsMax: 2 }).open();
  for (const ref of [1, 2, 3]) rig.itch('A', { ref, price: 10_000 + ref });
  assert.equal(rig.take(), ['END|', 'END|', 'LIVE>GAP BOOK_FULL|']);
});

test('a ring without room costs the lane its book until it was told the whole of it again', () => {
  const rig = new Rig({ capacity: 16, gap: true }).open();
  rig.reads = false;
  for (let ref = 1; ref <= 20; ref++) rig.itch('A', { ref, price: 10_000 });
  rig.reads = true;
  rig.drain();
  rig.itch('A', { ref: 21, price: 10_000 });
  rig.itch('A', { ref: 22, price: 10_000 });
  const log = rig.take();
  assert.ok(log.includes('LIVE>GAP RING_FULL|') && log.includes('GAP>LIVE SYNCED'), log.join(', '));
  assert.equal([rig.replicas[0]!.bidLots, rig.feed.book(0).bidLots, rig.state()], [2_200, 2_200, 'LIVE']);
  assert.ok(rig.count('ring_full_drops') > 0);
});

const DAY_NS = 86_400e9;

test('a file of another day begins anew though it has no start of messages', () => {
  const nineAm = 32_400e9;
  const send = (rig: Rig, type: string, values: Values, dayNs: number, timeNs: number): Rig =>
    rig.send(itchMessage(type, { stock: 'ABC', locate: 7, side: 'B', shares: 100, timeNs, ...values }), dayNs + timeNs) as Rig;
  // The next file: of the next date; or undated, so that its times go back.
  for (const [dayNs, timeNs] of [
    [DAY_NS, nineAm + 2e9],
    [0, nineAm - 2e9],
  ] as const) {
    const rig = new Rig().connect() as Rig;
    send(rig, 'R', {}, 0, nineAm);
    send(rig, 'H', { state: 'T' }, 0, nineAm);
    send(rig, 'A', { ref: 1, price: 10_000 }, 0, nineAm + 1);
    assert.equal([rig.state(), rig.feed.book(0).orders], ['LIVE', 1]);
    rig.take();
    send(rig, 'R', { locate: 9 }, dayNs, timeNs);
    assert.equal([rig.take().at(0), rig.state(), rig.feed.book(0).orders], ['LIVE>SUBSCRIBED_NO_SNAPSHOT SUBSCRIBED', 'NOT_TRADING', 0]);
    send(rig, 'H', { locate: 9, state: 'T' }, dayNs, timeNs);
    send(rig, 'A', { locate: 9, ref: 1, price: 20_000 }, dayNs, timeNs);
    assert.equal([rig.state(), rig.replicas[0]!.bidTicks, rig.feed.book(0).orders, rig.count('sessions')], ['LIVE', 20_000, 1, 2]);
  }
});

test('a file that begins within another day leaves the books of the one before', () => {
  const rig = new Rig().open();
  rig.itch('A', { ref: 1 });
  rig.send(itchMessage('A', { stock: 'ABC', locate: 7, side: 'B', shares: 1, price: 5, ref: 2, timeNs: 50_000e9 }), DAY_NS + 50_000e9);
  assert.equal([rig.state(), rig.feed.book(0).orders, rig.count('sessions_joined_late')], ['SUBSCRIBED_NO_SNAPSHOT', 1, 1]);
});

test('a feed from which nothing comes is stale, a quiet stock is not', () => {
  const rig = new Rig().open();
  rig.send(itchMessage('D', { locate: 3, ref: 1 }), 5e9);
  rig.feed.checkAge(6e9, 2e9);
  assert.is(rig.state(), 'LIVE');
  rig.feed.checkAge(8e9, 2e9);
  assert.is(rig.state(), 'STALE');
  rig.send(itchMessage('D', { locate: 3, ref: 1 }), 8.1e9);
  assert.is(rig.state(), 'LIVE');
});

test('a listener hears of each change of a book, also of one that is not live, with exact times', () => {
  const heard: number[][] = [];
  const rig = new Rig({
    baseEpochNs: 1_548_825_600_999_999_999n,
    listener: {
      onApplied: (id, book, event, last) => heard.push([id, book.levels(SIDE.BUY), ...event, Number(last)]),
    },
  }).connect();
  rig.send(itchMessage('A', { stock: 'ABC', side: 'B', ref: 1, price: 5, shares: 5 }), 34_200_000_000_002);
  rig.send(itchMessage('D', { ref: 1 }), 34_200_000_000_003).send(itchMessage('D', { ref: 1 }), 34_200_000_000_004);
  assert.equal(heard, [
    [0, 1, 34_200_000_000_002, 1, 1_548_825_600 + 34_201, 1, 1, 1],
    [0, 0, 34_200_000_000_003, 2, 1_548_825_600 + 34_201, 2, 2, 1],
  ]);
  assert.is(APPLIED_EVENT.EXCHANGE_NS, 3);
});

test.run();
