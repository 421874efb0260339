import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../../src/core/prng.ts';
import { SIDE } from '../../../../src/core/records/market.ts';
import { LobsterFeed } from '../../../../src/feed/venue/lobster/feed.hot.ts';
import { OrderRig, type OrderRigOptions, stock } from '../../../support/itch-rig.ts';

const EMPTY = '9999999999,0,-9999999999,0';

class Rig extends OrderRig<LobsterFeed> {
  constructor(options: Partial<OrderRigOptions> = {}) {
    super((one) => new LobsterFeed(one), { instruments: [stock(0, 'ABC')], ...options });
    this.connect();
  }

  /** A message row without its time, and the order-book row; `first`: it begins a file. */
  row(message: string, book: string, first = false): this {
    return this.send(new TextEncoder().encode(`34200.5,${message}${first ? '\v' : '\t'}${book}`));
  }

  /** Two levels a side: asks 1020 x 5 and 1030 x 6, bids 1010 x 7 and 1000 x 8. */
  open(): this {
    this.row('1,1,5,1020,-1', '1020,5,1010,7,1030,6,1000,8', true).take();
    return this;
  }

  side(which: number): string {
    const book = this.feed.book(0);
    return [...Array(book.levels(which)).keys()].map((i) => `${book.priceAt(which, i)}x${book.qtyAt(which, i)}`).join(' ');
  }
}

test('the first row starts the book, which is live from there on', () => {
  const rig = new Rig();
  rig.take();
  rig.row('1,1,5,1020,-1', '1020,5,1010,7,1030,6,1000,8', true);
  assert.equal(rig.take(), ['END', 'SUBSCRIBED_NO_SNAPSHOT>LIVE SYNCED|']);
  assert.equal([rig.side(SIDE.BUY), rig.side(SIDE.SELL)], ['1010x7 1000x8', '1020x5 1030x6']);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a level beyond the view is dropped, one that scrolls into view is taken from the order-book row', () => {
  const rig = new Rig().open();
  rig.row('1,2,9,1005,1', 'not looked at');
  assert.is(rig.side(SIDE.BUY), '1010x7 1005x9');
  rig.row('3,900,7,1010,1', '1020,5,1005,9,1030,6,1000,4');
  assert.is(rig.side(SIDE.BUY), '1005x9 1000x4');
  rig.row('1,3,1,900,1', '');
  assert.is(rig.side(SIDE.BUY), '1005x9 1000x4', 'an order out of view changes nothing');
  rig.row('2,4,1,900,1', '').row('3,2,9,1005,1', `1020,5,1000,4,${EMPTY}`);
  assert.equal([rig.side(SIDE.BUY), rig.state(), rig.count('orders_from_before')], ['1000x4', 'LIVE', 1]);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('orders from before the first row change their level alone; known ones keep their queue', () => {
  const rig = new Rig().open();
  const ahead = new Float64Array(1);
  rig.row('1,10,3,1010,1', '').row('1,11,2,1010,1', '').row('4,900,7,1010,1', '');
  assert.equal(rig.take(), ['END|', 'END|', 'TRADE sell 7 at 1010', 'END|']);
  assert.equal([rig.side(SIDE.BUY), rig.feed.orders(0).queueAhead(11, 0, ahead, 0), ahead[0]], ['1010x5 1000x8', 1, 3]);
  rig.row('4,10,3,1010,1', '').row('2,11,1,1010,1', '');
  assert.equal([rig.side(SIDE.BUY), rig.feed.orders(0).qtyOf(SIDE.BUY, 1010), rig.state()], ['1010x1 1000x8', 1, 'LIVE']);
});

test('hidden executions are trades and leave the book; a halt is a state', () => {
  const rig = new Rig().open();
  rig.row('5,0,4,1015,-1', '');
  assert.equal(rig.take(), ['TRADE buy 4 at 1015|']);
  rig.row('7,0,0,-1,-1', '');
  assert.equal(rig.take(), ['LIVE>NOT_TRADING TRADING_STATUS|']);
  rig.row('1,5,1,1025,1', '').row('7,0,0,0,-1', '');
  assert.equal([rig.take(), rig.feed.book(0).crossed()], [[], true]);
  rig.row('3,5,1,1025,1', '1020,5,1010,7,1030,6,1000,8').row('7,0,0,1,-1', '');
  assert.equal(rig.take(), ['END', 'NOT_TRADING>LIVE TRADING_STATUS|']);
});

test('rows that contradict the book make it stale until the next file', () => {
  for (const [message, counter] of [
    ['2,900,8,1010,1', 'orders_below_zero'],
    ['3,900,1,1015,1', 'orders_below_zero'],
    ['1,1,1,1010,1', 'orders_duplicate'],
    ['3,1,4,1020,-1', 'orders_unknown'],
    ['4,1,1,1030,-1', 'orders_unknown'],
  ] as const) {
    const rig = new Rig().open().row(message, '');
    assert.equal(rig.take().at(-1), 'LIVE>STALE ORDER_MISMATCH|', message);
    assert.is(rig.count(counter), 1, message);
    rig.open();
    assert.is(rig.state(), 'LIVE');
  }
  const rig = new Rig().open().row('1,5,1,1020,1', '');
  assert.equal(rig.take(), ['LIVE>STALE CROSSED|']);
});

test('what is no row is rejected by reason, and its book is stale', () => {
  const reasons: [string, string, number][] = [
    ['1,1,5,1020', '', -301],
    ['8,1,5,1020,1', '', -302],
    ['1,1,5,1020,2', '', -303],
    ['1,1,5,2147483648,1', '', -304],
    ['1,1,0,1020,1', '', -305],
    ['1,1,1e3,1020,1', '', -301],
    ['3,900,7,1010,1', '1020,5,1000,8', -307],
    ['3,900,7,1010,1', '1020,5,1000,8,1030,6,1005,8', -307],
  ];
  for (const [message, book, status] of reasons) {
    const rig = new Rig().open().row(message, book);
    assert.equal([rig.feed.rejects.list()[0]?.status, rig.take()], [status, ['LIVE>STALE DECODE_ERROR|']], message);
  }
  const rig = new Rig().row('1,1,5,1020,-1', '1020,5,1010', true);
  assert.equal([rig.state(), rig.count('rejected_frames')], ['SUBSCRIBED_NO_SNAPSHOT', 1]);
});

test('another file begins its book anew', () => {
  const rig = new Rig().open();
  rig.row('1,1,2,2000,1', `2010,1,2000,2,${EMPTY}`, true);
  assert.equal(rig.take(), ['LIVE>SYNCING SNAPSHOT', 'END', 'SYNCING>LIVE SYNCED|']);
  assert.equal([rig.side(SIDE.BUY), rig.feed.orders(0).orders, rig.replicas[0]!.hash()], ['2000x2', 1, rig.feed.book(0).hash()]);
});

test('a ring without room costs the lane its book until it was told the whole of it again', () => {
  const rig = new Rig({ capacity: 16, gap: true }).open();
  rig.reads = false;
  for (let id = 20; id < 40; id++) rig.row(`1,${id},1,1010,1`, '');
  rig.reads = true;
  rig.drain();
  rig.row('1,50,1,1010,1', '').row('1,51,1,1010,1', '');
  assert.equal([rig.state(), rig.replicas[0]!.hash()], ['LIVE', rig.feed.book(0).hash()]);
  assert.ok(rig.count('ring_full_drops') > 0);
});

test('mutated rows never throw, and a book that stays live has at most its levels and is not crossed', () => {
  const prng = new Prng(7);
  const source = '34200.5,3,900,7,1010,1\t1020,5,1005,9,1030,6,1000,4';
  const rig = new Rig();
  for (let i = 0; i < 50_000; i++) {
    if (i % 20 === 0) rig.open();
    const bytes = new TextEncoder().encode(source);
    for (let change = 1 + prng.nextInt(3); change > 0; change--) bytes[prng.nextInt(bytes.length)] = 40 + prng.nextInt(18);
    rig.send(bytes.subarray(0, prng.nextInt(8) === 0 ? prng.nextInt(bytes.length) : bytes.length));
    const book = rig.feed.book(0);
    if (rig.state() === 'LIVE') assert.ok(book.levels(0) <= 2 && book.levels(1) <= 2 && !book.crossed());
  }
});

test.run();
