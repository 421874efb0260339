import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FrameHandler } from '../../../src/core/ports.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { putMoldHeader } from '../../../src/feed/transport/mold.hot.ts';
import { ownMoldCounters } from '../../../src/feed/transport/mold-counters.ts';
import { MoldReceiver } from '../../../src/feed/transport/mold-receiver.hot.ts';
import { MoldGapFiller, type MoldGapOptions } from '../../../src/feed/transport/mold-requests.ts';
import { MoldItchFeed } from '../../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { naiveMold } from '../../reference/naive-mold.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { itchMessage } from '../../support/itch-messages.ts';
import { OrderRig, stock } from '../../support/itch-rig.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { moldPacketOf } from '../../support/packets.ts';

const named = { stock: 'ABC', locate: 7 };
/** Message `number` of a session: the opening, then one order each. */
const messageOf = (number: number): Uint8Array =>
  [itchMessage('S', { event: 'O', locate: 0 }), itchMessage('R', named), itchMessage('H', { ...named, state: 'T' })][number - 1] ??
  itchMessage('A', { ...named, side: 'B', ref: number, shares: 10, price: number });
const packet = (first: number, count: number, session?: string): Uint8Array =>
  moldPacketOf(
    first,
    Array.from({ length: count }, (_, i) => messageOf(first + i)),
    session,
  );
const END = 0xffff;

interface RigOptions extends Partial<MoldGapOptions> {
  readonly server?: boolean;
  readonly session?: string;
}

/** A receiver with a feed behind it, and what it asked for. */
class Rig {
  readonly timers = new ManualTimers();
  readonly books = new OrderRig((one) => new MoldItchFeed(one), { instruments: [stock(0, 'ABC')] }).connect();
  readonly asked: string[] = [];
  readonly trouble: string[] = [];
  readonly sequences: number[] = [];
  readonly receiver: MoldReceiver;

  constructor(options: RigOptions = {}) {
    const { server = true, session, ...gaps } = options;
    const fromStart = gaps.fromStart ?? server;
    this.receiver = new MoldReceiver({
      clock: this.timers.clock,
      counters: ownMoldCounters(),
      fromStart,
      sessionSilenceMs: 10_000,
      ...(session === undefined ? {} : { session }),
    });
    const filler = new MoldGapFiller(this.receiver, {
      timers: this.timers,
      random: () => 0.5,
      fromStart,
      gapWaitMs: 2,
      requestTimeoutMs: 50,
      requestAttemptsMax: 3,
      requestMessagesMax: 4,
      onTrouble: (text) => this.trouble.push(text),
      ...(server ? { send: (request: Uint8Array) => this.onRequest(request) } : {}),
      ...gaps,
    });
    const { feed } = this.books;
    const handler: FrameHandler = {
      onFrame: (bytes, start, end, times) => {
        this.sequences.push(Number(naiveMold(bytes.slice(start, end))!.sequence));
        feed.onFrame(bytes, start, end, times);
        this.books.drain();
      },
      onConnection: (event, nowNs) => {
        feed.onConnection(event, nowNs);
        this.books.drain();
      },
    };
    this.receiver.begin(handler, filler);
    this.books.take();
  }

  send(bytes: Uint8Array): this {
    this.receiver.onPacket(bytes, 0, bytes.length, false);
    return this;
  }

  /** An answer of the request server. */
  answer(bytes: Uint8Array): this {
    this.receiver.onPacket(bytes, 0, bytes.length, true);
    return this;
  }

  /** The requests since the last call, `first+count`. */
  requests(): string[] {
    return this.asked.splice(0);
  }

  count(name: string): number {
    return this.receiver.counters.snapshot()[`mold_${name}`]!;
  }

  get state(): string {
    return this.books.state();
  }

  private onRequest(request: Uint8Array): void {
    const view = new DataView(request.buffer);
    this.asked.push(`${view.getBigUint64(10)}+${view.getUint16(18)}`);
  }
}

test('a packet that another line brings within the wait costs no request and no state', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(6, 1)).send(packet(6, 1));
  rig.books.take();
  rig.timers.pass(1);
  rig.send(packet(5, 1));
  rig.timers.pass(1_000);
  assert.equal([rig.requests(), rig.state, rig.books.take(), rig.timers.pending], [[], 'LIVE', ['END|', 'END|'], 0]);
  assert.equal(
    ['packets', 'gaps', 'held_packets', 'duplicate_packets', 'requests', 'unrecoverable'].map((name) => rig.count(name)),
    [4, 1, 1, 1, 0, 0],
  );
});

test('what is still missing after the wait is asked for, and books are GAP until it came', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(7, 1)).send(packet(9, 1));
  rig.books.take();
  rig.timers.pass(2);
  assert.equal([rig.requests(), rig.books.take()], [['5+2', '8+1'], ['LIVE>GAP SEQUENCE_GAP|']]);
  rig.answer(packet(8, 1)).answer(packet(5, 2));
  assert.equal([rig.state, rig.books.take()], ['LIVE', ['END', 'GAP>LIVE SYNCED|']]);
  assert.equal([rig.books.feed.book(0).orders, rig.sequences, rig.timers.pending], [6, [1, 5, 7, 8, 9], 0]);
  assert.equal(
    ['requests', 'requested', 'recovered', 'unrecoverable', 'requests_unanswered'].map((name) => rig.count(name)),
    [2, 3, 3, 0, 0],
  );
});

test('a heartbeat shows a gap too; a longer range takes several requests, and fewer messages than asked for are no end', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(80, 0));
  rig.timers.pass(2);
  const first = rig.requests();
  assert.equal([first.length, first[0], first.at(-1)], [16, '5+4', '65+4']);
  // One message for each request: the next round asks for the rest.
  for (let at = 5; at <= 65; at += 4) rig.answer(packet(at, 1));
  assert.equal(rig.requests()[0], '6+3');
  rig.answer(packet(6, 74));
  assert.equal([rig.state, rig.sequences.at(-1), rig.books.feed.book(0).orders], ['LIVE', 6, 76]);
});

test('requests are repeated after the timeout; without progress a server that has only what is recent is given up', () => {
  const rig = new Rig({ fromStart: false }).send(packet(1, 4)).send(packet(7, 1));
  rig.books.take();
  rig.timers.pass(2);
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal(rig.requests(), ['5+2']);
    rig.timers.pass(50);
  }
  assert.equal(rig.requests(), []);
  assert.equal([rig.state, rig.books.take()], ['GAP', ['LIVE>GAP SEQUENCE_GAP|']], 'one event');
  assert.equal(rig.trouble, ['messages from 5 to before 7 are missing: no answer to 3 requests; books of the session are discarded']);
  assert.equal([rig.count('unrecoverable'), rig.count('requests_unanswered'), rig.timers.pending], [2, 3, 0]);
  rig.send(packet(8, 1)).answer(packet(5, 2));
  assert.equal(
    [rig.state, rig.books.count('mold_missed'), rig.count('duplicate_packets')],
    ['GAP', 2, 1],
    'what comes after all is not patched in',
  );
  rig
    .send(packet(1, 4, 'NEXT'))
    .send(moldPacketOf(9, [], 'SESSION001', END))
    .send(packet(1, 4, 'NEXT'));
  assert.is(rig.state, 'LIVE', 'the next session begins anew');
});

test('without a request server the gap is passed on after the wait', () => {
  const rig = new Rig({ server: false }).send(packet(1, 4)).send(packet(7, 0));
  rig.books.take();
  rig.timers.pass(2);
  assert.equal([rig.books.take(), rig.count('unrecoverable'), rig.sequences], [['LIVE>GAP SEQUENCE_GAP|'], 2, [1, 7]]);
  assert.match(rig.trouble[0]!, /from 5 to before 7 are missing: there is no request server/);
});

test('a server that has the whole session is asked until it answers, and the books go on where they stopped', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(7, 1));
  rig.books.take();
  rig.timers.pass(2 + 3 * 50 - 1);
  assert.equal([rig.requests().length, rig.trouble.length], [3, 0]);
  rig.timers.pass(1);
  assert.equal(rig.trouble, ['messages from 5 to before 7 are missing: no answer to 3 requests; books stay GAP until there is one']);
  rig.timers.pass(300_000);
  // Waits of 50, 100, 200, ... 15,000 ms with random 0.5.
  assert.equal([rig.requests().length < 40, rig.trouble.length, rig.count('unrecoverable')], [true, 1, 0]);
  assert.equal(rig.books.take(), ['LIVE>GAP SEQUENCE_GAP|']);
  rig.answer(packet(5, 2));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.timers.pending], ['LIVE', 4, 0]);
});

test('joining late asks from number 1; books are SYNCING and nothing of the past is shown as the present', () => {
  const rig = new Rig().send(packet(50, 1));
  assert.equal(rig.requests()[0], '1+4');
  rig.answer(packet(1, 4));
  assert.equal([rig.state, rig.books.take()], ['SYNCING', ['SUBSCRIBED_NO_SNAPSHOT>SYNCING SUBSCRIBED|']]);
  rig.send(packet(51, 1)).answer(packet(5, 45));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.books.replicas[0]!.bidTicks], ['LIVE', 48, 51]);
  assert.equal([rig.count('recovered'), rig.books.count('sessions_joined_late')], [49, 0]);
});

test('joining late without a server that has the start stays without a snapshot', () => {
  const rig = new Rig({ fromStart: false }).send(packet(50, 1)).send(packet(51, 1));
  assert.equal([rig.state, rig.requests(), rig.books.count('sessions_joined_late')], ['SUBSCRIBED_NO_SNAPSHOT', [], 1]);
});

test('the end of the session waits for what is missing, and then the next session is followed', () => {
  const rig = new Rig().send(packet(1, 4)).send(moldPacketOf(7, [], 'SESSION001', END));
  rig.timers.pass(2);
  assert.is(rig.state, 'GAP');
  assert.is(rig.send(packet(1, 4, 'NEXT')).count('other_session'), 1);
  rig.answer(packet(5, 2));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.books.count('sessions_ended')], ['NOT_TRADING', 3, 1]);
  rig
    .send(moldPacketOf(7, [], 'SESSION001', END))
    .send(packet(1, 5, 'NEXT'))
    .send(moldPacketOf(7, [], 'SESSION001', END));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.count('sessions')], ['LIVE', 2, 2]);
});

test('packets of another session are passed over until the one followed is silent; its books are then emptied', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(6, 1));
  rig.timers.pass(9_999);
  rig.send(packet(1, 4, 'NEXT'));
  assert.equal([rig.count('other_session'), rig.state], [1, 'GAP']);
  rig.timers.pass(1);
  rig.books.take();
  rig.send(packet(1, 5, 'NEXT'));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.count('unrecoverable')], ['LIVE', 2, 2]);
  assert.is(rig.books.take()[0], 'GAP>DISCONNECTED DISCONNECT|');
  rig.timers.pass(0);
  assert.is(rig.timers.pending, 0);
});

test('a session that was named is the only one followed', () => {
  const rig = new Rig({ session: 'NEXT' }).send(packet(1, 4));
  assert.equal([rig.count('other_session'), rig.sequences], [1, []]);
  assert.is(rig.send(packet(1, 4, 'NEXT')).state, 'LIVE');
});

test('a packet that its messages do not fill is a gap like one that never came', () => {
  const good = packet(5, 2);
  const rig = new Rig()
    .send(packet(1, 4))
    .send(Uint8Array.from([...good, 0]))
    .send(good.subarray(0, good.length - 1))
    .send(packet(7, 1));
  assert.is(rig.count('bad_packets'), 2);
  rig.timers.pass(2);
  assert.equal([rig.requests(), rig.state], [['5+2'], 'GAP']);
  rig.answer(good);
  assert.equal([rig.state, rig.books.feed.book(0).orders], ['LIVE', 4]);
});

test('a rewind empties the books and rebuilds them from number 1', () => {
  const rig = new Rig().send(packet(1, 6));
  // An order that the book has already: from here on it is not the venue's.
  rig.send(moldPacketOf(7, [messageOf(6)]));
  assert.is(rig.state, 'STALE');
  rig.books.take();
  rig.receiver.rewind();
  assert.equal(rig.requests(), ['1+4', '5+3']);
  assert.equal(rig.books.take(), ['STALE>DISCONNECTED DISCONNECT|', 'DISCONNECTED>SUBSCRIBED_NO_SNAPSHOT SUBSCRIBED|']);
  rig.answer(packet(1, 4)).send(packet(8, 1));
  assert.is(rig.state, 'SYNCING');
  rig.answer(packet(5, 3));
  assert.equal([rig.state, rig.books.feed.book(0).orders, rig.count('unrecoverable')], ['LIVE', 5, 0]);
});

test('after stop nothing is handed over and no timer is left', () => {
  const rig = new Rig().send(packet(1, 4)).send(packet(7, 1));
  rig.receiver.stop();
  rig.send(packet(5, 2));
  rig.timers.pass(1_000);
  assert.equal([rig.sequences, rig.requests(), rig.timers.pending], [[1], [], 0]);
});

test('a handler learns of the same numbers whichever line loses which packet', () => {
  for (const lost of [0, 1, 2, 3]) {
    const rig = new Rig();
    for (let first = 1, i = 0; first <= 40; first += 4, i++) {
      if (i % 4 !== lost) rig.send(packet(first, 4));
      if (i % 4 !== (lost + 2) % 4) rig.send(packet(first, 4));
    }
    assert.equal([rig.state, rig.books.feed.book(0).orders, rig.requests()], ['LIVE', 37, []]);
  }
});

test('half a million packets of two lines leave nothing on the heap', async () => {
  const clock = new ManualClock();
  const receiver = new MoldReceiver({ clock, counters: ownMoldCounters(), fromStart: false, sessionSilenceMs: 10_000, heldPackets: 64 });
  let frames = 0;
  const onFrame = (): void => {
    frames++;
  };
  receiver.begin({ onFrame, onConnection: () => {} }, { opened: () => {}, advanced: () => {}, closed: () => {} });
  const block = packet(1, 3);
  const name = block.slice(0, 10);
  const number = Float64Array.of(1);
  const drive = (packets: number): void => {
    for (let sent = 0; sent < packets; sent++) {
      putMoldHeader(name, number, 0, 3, block, 0);
      receiver.onPacket(block, 0, block.length, false);
      receiver.onPacket(block, 0, block.length, false);
      number[0] = number[0]! + 3;
    }
  };
  for (let part = 0; part < 10; part++) drive(10_000);
  frames = 0;
  const { collections, heapBytes } = await measureAllocation(
    () => drive(10_000),
    () => {
      for (let part = 0; part < 25; part++) drive(10_000);
    },
  );
  assert.equal([frames, receiver.counters.snapshot()['mold_duplicate_packets']], [260_000, 360_000]);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 1_000_000, `${heapBytes} bytes of heap`);
});

test.run();
