import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MOLD_HELD_BYTES_MAX, MOLD_HELD_PACKETS_MAX, MOLD_REQUESTS_MAX } from '../../../src/core/limits.ts';
import { Prng } from '../../../src/core/prng.ts';
import { MOLD_BAD, moldPacket, putMoldHeader } from '../../../src/feed/transport/mold.hot.ts';
import { M_EXPECTED, M_KNOWN, M_SEEN, M_SKIPPED, MoldSequencer, OFFER } from '../../../src/feed/transport/mold-sequencer.hot.ts';
import { NaiveSequencer, naiveMold } from '../../reference/naive-mold.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { MoldDrive } from '../../support/mold-drive.ts';
import { mutate } from '../../support/mutate.ts';
import { moldPacketOf } from '../../support/packets.ts';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const REAL = fromHex('303030303130303539420000000000e149d000010013440ab100001f1acf4c4eb70000000001665d6a');
const message = (number: number): Uint8Array => Uint8Array.of(number >>> 8, number & 0xff);
/** A packet of messages that say their number. */
const packet = (first: number, count: number): Uint8Array =>
  moldPacketOf(
    first,
    Array.from({ length: count }, (_, i) => message(first + i)),
  );
const driveFrom = (first: number, capacity = 8): MoldDrive => new MoldDrive(capacity).begin(packet(1, 0), first);
const missing = (drive: MoldDrive): number[] => {
  const out = new Float64Array(2 * MOLD_REQUESTS_MAX);
  const found = drive.sequencer.missing(out, MOLD_REQUESTS_MAX);
  return [...out.subarray(0, 2 * found)];
};

test('real packet, the heartbeat after it, the end of its session and a request of five messages', () => {
  const sequence = new Float64Array(1);
  assert.equal([moldPacket(REAL, 0, REAL.length, sequence, 0), sequence[0]], [1, 14_764_496]);
  const drive = new MoldDrive(4).begin(REAL, 14_764_496);
  assert.ok(drive.sequencer.isNamed(REAL, 0));
  assert.equal(String.fromCharCode(...drive.sequencer.session), '000010059B');
  assert.equal(drive.send(REAL), OFFER.IN_ORDER);
  assert.equal(drive.send(fromHex('303030303130303539420000000000e149d10000')), OFFER.IN_ORDER);
  assert.equal([drive.sequencer.isBehind(), drive.sequencer.isEnded()], [false, false]);
  assert.equal(drive.send(fromHex('303030303130303539420000000000e149d1ffff')), OFFER.IN_ORDER);
  assert.equal([drive.delivered, drive.sequencer.isEnded()], [[14_764_496], true]);
  const request = new Uint8Array(20);
  putMoldHeader(drive.sequencer.session, Float64Array.of(14_764_497), 0, 5, request, 0);
  assert.is(Buffer.from(request).toString('hex'), '303030303130303539420000000000e149d10005');
});

test('numbers beyond 32 bits are read and written exactly', () => {
  const sequence = new Float64Array(1);
  for (const number of [2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1]) {
    const bytes = new Uint8Array(20);
    putMoldHeader(new Uint8Array(10), Float64Array.of(number), 0, 0, bytes, 0);
    assert.equal(naiveMold(bytes)!.sequence, BigInt(number));
    moldPacket(bytes, 0, 20, sequence, 0);
    assert.is(sequence[0], number);
  }
});

test('what comes next is handed over, copies are passed over whole or in part', () => {
  const drive = driveFrom(1);
  assert.equal(
    [drive.send(packet(1, 3)), drive.send(packet(1, 3)), drive.send(packet(2, 4))],
    [OFFER.IN_ORDER, OFFER.SEEN, OFFER.IN_ORDER],
  );
  assert.is(drive.sequencer.numbers[M_SEEN], 2);
  assert.equal(drive.delivered, [1, 2, 3, 4, 5]);
});

test('a packet that comes too early waits for those before it, and the ranges that are missing are known', () => {
  const drive = driveFrom(1);
  for (const [first, count] of [
    [10, 2],
    [4, 2],
    [15, 1],
    [4, 2],
    [5, 1],
  ] as const)
    drive.send(packet(first, count));
  assert.equal(missing(drive), [1, 4, 6, 10, 12, 15]);
  assert.equal([drive.sequencer.heldCount, drive.delivered], [3, []]);
  assert.is(drive.send(packet(20, 0)), OFFER.AHEAD, 'a heartbeat tells of messages up to it');
  assert.equal(missing(drive), [1, 4, 6, 10, 12, 15, 16, 20]);
  drive.send(packet(6, 9));
  drive.send(packet(1, 3));
  assert.equal(drive.delivered, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  assert.equal([missing(drive), drive.sequencer.heldCount], [[16, 20], 0]);
});

test('an end of session with messages missing before it ends when they came', () => {
  const drive = driveFrom(1);
  const end = moldPacketOf(4, [], 'SESSION001', 0xffff);
  assert.is(drive.send(end), OFFER.AHEAD);
  assert.equal([drive.sequencer.isEnded(), missing(drive)], [false, [1, 4]]);
  drive.send(packet(1, 3));
  assert.ok(drive.sequencer.isEnded());
  assert.equal(drive.sequencer.endPacket, end);
});

test('when every place is taken the packet furthest ahead goes; longer ones are not kept', () => {
  const drive = driveFrom(1, 3);
  for (const first of [30, 10, 20]) drive.send(packet(first, 1));
  assert.is(drive.send(packet(40, 1)), OFFER.AHEAD);
  assert.is(drive.send(packet(5, 1)), OFFER.HELD);
  assert.equal([drive.sequencer.heldCount, missing(drive)], [3, [1, 5, 6, 10, 11, 20, 21, 41]]);
  const long = (bytes: number): Uint8Array => moldPacketOf(2, [new Uint8Array(bytes - 22)]);
  assert.is(drive.send(long(MOLD_HELD_BYTES_MAX + 1)), OFFER.AHEAD);
  assert.is(drive.send(long(MOLD_HELD_BYTES_MAX)), OFFER.HELD);
});

test('as many packets are held as the limit says', () => {
  const drive = driveFrom(1, MOLD_HELD_PACKETS_MAX);
  for (let i = 0; i < MOLD_HELD_PACKETS_MAX; i++) assert.is(drive.send(packet(2 + i, 1)), OFFER.HELD);
  assert.is(drive.send(packet(2 + MOLD_HELD_PACKETS_MAX, 1)), OFFER.AHEAD);
  drive.send(packet(1, 1));
  assert.equal([drive.delivered.length, drive.sequencer.heldCount], [MOLD_HELD_PACKETS_MAX + 1, 0]);
});

test('giving up goes on with the first packet that is there, or after the last known number', () => {
  const drive = driveFrom(1);
  drive.send(packet(5, 2));
  drive.send(packet(9, 0));
  drive.giveUpGap();
  assert.equal([drive.delivered, drive.sequencer.numbers[M_SKIPPED], missing(drive)], [[5, 6], 4, [7, 9]]);
  drive.giveUpGap();
  assert.equal([drive.sequencer.numbers[M_SKIPPED], drive.sequencer.isBehind(), drive.sequencer.numbers[M_EXPECTED]], [2, false, 9]);
});

test('whatever is lost, doubled or late, each number comes once and in order, or is declared given up', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 60 }), (seed, capacity, lossPercent) => {
      const prng = new Prng(seed);
      const drive = driveFrom(1, capacity);
      const naive = new NaiveSequencer(1n, capacity, MOLD_HELD_BYTES_MAX);
      const total = 1 + prng.nextInt(300);
      const expected: number[] = [];
      const send = (bytes: Uint8Array): void => {
        drive.send(bytes);
        naive.offer(naiveMold(bytes)!, bytes.length);
        expected.push(...naive.delivered.map(Number));
      };
      const packets: { readonly at: number; readonly bytes: Uint8Array }[] = [];
      for (let number = 1; number <= total; ) {
        const count = Math.min(1 + prng.nextInt(6), total + 1 - number);
        const copies = 100 * prng.nextFloat() < lossPercent ? 0 : 1 + prng.nextInt(2);
        for (let copy = 0; copy < copies; copy++) packets.push({ at: number + prng.nextInt(30), bytes: packet(number, count) });
        number += count;
      }
      for (const { bytes } of packets.sort((a, b) => a.at - b.at)) send(bytes);
      send(packet(total + 1, 0));
      // Requests, some of whose answers are lost too; then the rest is given up.
      for (let round = 0; round < 300 && drive.sequencer.isBehind(); round++)
        for (let ranges = missing(drive); ranges.length > 0; ranges = ranges.slice(2))
          if (100 * prng.nextFloat() >= lossPercent) send(packet(ranges[0]!, Math.min(7, ranges[1]! - ranges[0]!)));
      let skipped = 0;
      while (drive.sequencer.isBehind()) {
        drive.giveUpGap();
        skipped += drive.sequencer.numbers[M_SKIPPED]!;
        naive.giveUpGap();
        expected.push(...naive.delivered.map(Number));
      }
      assert.equal(drive.delivered, expected);
      assert.is(drive.delivered.length + skipped, total);
      assert.ok(drive.delivered.every((number, i) => i === 0 || number > drive.delivered[i - 1]!));
      if (lossPercent === 0) assert.equal([skipped, drive.delivered.length], [0, total]);
    }),
    { numRuns: 300 },
  );
});

test('a million mutated packets: reader and sequencer agree with the naive ones on each', () => {
  const prng = new Prng(20_260_801);
  const capacity = 16;
  const drive = driveFrom(1, capacity);
  let naive = new NaiveSequencer(1n, capacity, MOLD_HELD_BYTES_MAX);
  const target = new Uint8Array(256);
  const session = packet(1, 0).subarray(0, 10);
  const sources = [0, 1, 2, 3].map((count) => packet(1, count));
  const first = new Float64Array(1);
  let refused = 0;
  let offered = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const near = Math.max(1, drive.sequencer.numbers[M_EXPECTED]! + prng.nextInt(12) - 5);
    const source = sources[prng.nextInt(4)]!;
    first[0] = near;
    putMoldHeader(session, first, 0, source[19]!, source, 0);
    target.set(source);
    const size = prng.nextInt(2) === 0 ? mutate(prng, source, target) : source.length;
    const bytes = target.subarray(0, size);
    drive.delivered = [];
    const found = naiveMold(bytes);
    if (found === undefined) {
      if (drive.send(target, 0, size) !== MOLD_BAD) assert.unreachable(`packet ${i} was accepted`);
      refused++;
      continue;
    }
    if (found.session !== 'SESSION001') continue;
    if (drive.send(target, 0, size) === MOLD_BAD) assert.unreachable(`packet ${i} was refused`);
    offered++;
    naive.offer(found, size);
    compare(i, drive, naive);
    if (prng.nextInt(20) === 0 && drive.sequencer.isBehind()) {
      drive.delivered = [];
      drive.giveUpGap();
      naive.giveUpGap();
      compare(i, drive, naive);
    }
    // A number that was mutated upwards leaves nothing to follow it.
    if (drive.sequencer.numbers[M_KNOWN]! > 1e6) {
      drive.begin(packet(1, 0), 1);
      naive = new NaiveSequencer(1n, capacity, MOLD_HELD_BYTES_MAX);
    }
  }
  assert.ok(refused > 50_000 && offered > 500_000, `${refused} refused, ${offered} offered`);
});

function compare(i: number, { delivered, sequencer }: MoldDrive, naive: NaiveSequencer): void {
  const { numbers, heldCount } = sequencer;
  const same =
    delivered.length === naive.delivered.length &&
    delivered.every((number, at) => number === Number(naive.delivered[at])) &&
    numbers[M_EXPECTED] === Number(naive.expected) &&
    numbers[M_KNOWN] === Number(naive.known) &&
    heldCount === naive.kept.length;
  if (!same)
    assert.equal([i, ...delivered, ...numbers, heldCount], [i, ...naive.delivered, naive.expected, naive.known, naive.kept.length]);
}

test('a million packets, every fourth too early, leave nothing on the heap', async () => {
  const sequencer = new MoldSequencer(64);
  const block = packet(1, 3);
  const sequence = new Float64Array(1);
  const numbers = new Float64Array([1]);
  sequencer.begin(block, 0, numbers, 0);
  let taken = 0;
  const offer = (first: number): void => {
    numbers[0] = first;
    putMoldHeader(sequencer.session, numbers, 0, 3, block, 0);
    const count = moldPacket(block, 0, block.length, sequence, 0);
    sequencer.offer(block, 0, block.length, count, sequence, 0);
    while (sequencer.take() >= 0) taken++;
  };
  let next = 1;
  const drive = (count: number): void => {
    for (let i = 0; i < count; i += 4) {
      offer(next);
      offer(next + 6);
      offer(next + 3);
      offer(next + 3);
      next += 9;
    }
  };
  for (let part = 0; part < 20; part++) drive(20_000);
  taken = 0;
  const { collections, heapBytes } = await measureAllocation(
    () => drive(100_000),
    () => {
      for (let part = 0; part < 50; part++) drive(20_000);
    },
  );
  assert.is(taken, 25_000 + 250_000);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 1_000_000, `${heapBytes} bytes of heap`);
});

test.run();
