import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MoldItchFeed } from '../../../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { itchMessage } from '../../../support/itch-messages.ts';
import { OrderRig, stock } from '../../../support/itch-rig.ts';
import { moldPacketOf } from '../../../support/packets.ts';

const add = (ref: number, price: number, name = 'ABC', locate = 7): Uint8Array =>
  itchMessage('A', { stock: name, locate, side: 'B', ref, shares: 10, price });
const OPENING = [
  itchMessage('S', { event: 'O', locate: 0 }),
  itchMessage('R', { stock: 'ABC', locate: 7 }),
  itchMessage('H', { stock: 'ABC', locate: 7, state: 'T' }),
];

function rigOf(...names: string[]): OrderRig<MoldItchFeed> {
  return new OrderRig((one) => new MoldItchFeed(one), { instruments: names.map((name, id) => stock(id, name)) }).connect();
}
const opened = (): OrderRig<MoldItchFeed> => {
  const rig = rigOf('ABC').send(moldPacketOf(1, OPENING));
  rig.take();
  return rig;
};

test('a packet is one tick, however many messages it holds', () => {
  const rig = opened().send(moldPacketOf(4, [add(1, 100), add(2, 101), add(3, 102)]));
  assert.equal(rig.take(), ['END', 'END', 'END|']);
  assert.equal([rig.state(), rig.replicas[0]!.bidTicks, rig.count('frames')], ['LIVE', 102, 2]);
});

test('real packets: one message, heartbeat, end of session', () => {
  const rig = rigOf('ABC');
  const real = '303030303130303539420000000000e149d000010013440ab100001f1acf4c4eb70000000001665d6a';
  const send = (hex: string): void => void rig.send(Uint8Array.from(Buffer.from(hex, 'hex')));
  send(real);
  send('303030303130303539420000000000e149d10000');
  send('303030303130303539420000000000e149d1ffff');
  assert.equal(
    ['itch_order_delete', 'mold_heartbeats', 'sessions_ended', 'sessions', 'sessions_joined_late', 'mold_missed', 'rejected_frames'].map(
      (name) => rig.count(name),
    ),
    [1, 1, 1, 1, 1, 0, 0],
  );
});

test('two copies of a stream make one: what came before is passed over, also in part', () => {
  const rig = opened();
  const first = moldPacketOf(4, [add(1, 100), add(2, 101)]);
  rig
    .send(first)
    .send(first)
    .send(moldPacketOf(5, [add(2, 101), add(3, 102)]))
    .send(moldPacketOf(6, [add(3, 102)]));
  assert.equal([rig.feed.book(0).orders, rig.count('mold_seen_before'), rig.count('mold_missed'), rig.state()], [3, 4, 0, 'LIVE']);
});

test('a missing message discards the books of its session, by a packet or by a heartbeat', () => {
  for (const later of [moldPacketOf(7, [add(9, 50)]), moldPacketOf(7, [])]) {
    const rig = opened().send(moldPacketOf(4, [add(1, 100)]));
    rig.take();
    rig.send(later);
    assert.is(rig.take()[0], 'LIVE>GAP SEQUENCE_GAP|');
    assert.equal([rig.count('mold_missed'), rig.count('book_gaps'), rig.replicas[0]!.levels(0)], [2, 1, 0]);
    rig.send(moldPacketOf(8, [add(10, 60)]));
    assert.equal([rig.state(), rig.take()], ['GAP', []]);
  }
});

test('a gap before a stock was named keeps its book from becoming live', () => {
  const rig = rigOf('ABC').send(moldPacketOf(1, [OPENING[0]!]));
  rig.send(moldPacketOf(3, [OPENING[1]!, OPENING[2]!, add(1, 100)]));
  assert.is(rig.state(), 'SUBSCRIBED_NO_SNAPSHOT');
});

test('a packet that its blocks do not fill is dropped whole, and shows as a gap unless another copy comes', () => {
  const rig = opened();
  const good = moldPacketOf(4, [add(1, 100), add(2, 101)]);
  const trailing = Uint8Array.from([...good, 0]);
  for (const bad of [good.subarray(0, good.length - 1), trailing, good.subarray(0, 19), moldPacketOf(4, [add(1, 100)], 'SESSION001', 2)])
    rig.send(bad);
  assert.equal([rig.count('itch_rejected_bad_packet'), rig.feed.book(0).orders, rig.state()], [4, 0, 'LIVE']);
  rig.send(good);
  assert.equal([rig.feed.book(0).orders, rig.state()], [2, 'LIVE']);
});

test('markets in one capture keep apart: the first session to name a stock owns its book', () => {
  const rig = rigOf('ABC', 'XYZ').send(moldPacketOf(1, OPENING, 'NASDAQ'));
  const other = [OPENING[0]!, itchMessage('R', { stock: 'ABC', locate: 9 }), itchMessage('R', { stock: 'XYZ', locate: 7 })];
  rig.send(moldPacketOf(1, [...other, itchMessage('H', { stock: 'XYZ', locate: 7, state: 'T' })], 'BX'));
  rig.send(moldPacketOf(5, [add(1, 100, 'ABC', 9), add(2, 200, 'XYZ', 7)], 'BX')).send(moldPacketOf(4, [add(1, 300)], 'NASDAQ'));
  assert.equal(
    [0, 1].map((id) => [rig.state(id), rig.replicas[id]!.bidTicks, rig.feed.book(id).orders]),
    [
      ['LIVE', 300, 1],
      ['LIVE', 200, 1],
    ],
  );
  rig.send(moldPacketOf(9, [], 'BX'));
  assert.equal([rig.state(0), rig.state(1)], ['LIVE', 'GAP'], 'a gap concerns its own session');
});

test('after the end of a session the next one may name its stocks; sessions are bounded', () => {
  const rig = opened().send(moldPacketOf(4, [add(1, 100)]));
  rig.send(moldPacketOf(5, [], 'SESSION001', 0xffff));
  assert.equal([rig.state(), rig.feed.book(0).orders], ['NOT_TRADING', 1], 'the book stays as it was');
  rig.send(moldPacketOf(1, OPENING, 'SESSION002'));
  assert.equal([rig.state(), rig.feed.book(0).orders], ['LIVE', 0]);
  for (let i = 0; i < 20; i++) rig.send(moldPacketOf(1, [], `OTHER${i}`));
  assert.equal([rig.count('itch_rejected_too_many_sessions'), rig.state()], [5, 'LIVE']);
});

test('venue times count from the New York midnight of the day of receipt', () => {
  const heard: number[][] = [];
  // 2023-08-22 14:30:38 UTC is 10:30:38 in New York.
  const baseEpochNs = 1_692_714_638_000_000_000n;
  const rig = new OrderRig((one) => new MoldItchFeed(one), {
    instruments: [stock(0, 'ABC')],
    baseEpochNs,
    listener: { onApplied: (_id, _book, event) => heard.push([event[2]!, event[3]!]) },
  }).connect();
  rig.send(moldPacketOf(4, [itchMessage('A', { stock: 'ABC', side: 'B', ref: 1, price: 5, shares: 5, timeNs: 37_837_999_999_999n })]), 1e6);
  assert.equal(heard, [[1_692_714_637, 999_999_999]]);
});

test.run();
