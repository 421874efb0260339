import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../../src/feed/segment/layout.ts';
import { MemoryDisk, openRecording, randomSteps, readSegments, type Step, stepText, writeStep } from '../../support/recording-rig.ts';

/** Bytes of a closed segment that holds `steps`. */
async function segmentOf(steps: readonly Step[]): Promise<Uint8Array> {
  const disk = new MemoryDisk();
  const writer = openRecording(disk);
  for (const step of steps) writeStep(writer, step);
  await writer.close(steps.at(-1)?.timeNs ?? 0);
  return disk.bytes();
}

function refused(bytes: Uint8Array): TickpathError | undefined {
  try {
    readSegments([bytes]);
    return undefined;
  } catch (error) {
    assert.instance(error, TickpathError);
    return error as TickpathError;
  }
}

test('what is written is read back, in whatever pieces the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), fc.nat(120), fc.integer({ min: 1, max: 9_000 }), async (seed, count, piece) => {
      const steps = randomSteps(new Prng(seed), count, 400);
      const read = readSegments([await segmentOf(steps)], piece);
      assert.equal(read.steps, steps.map(stepText));
      assert.is(read.closed, true);
      assert.equal(read.warnings, []);
    }),
    { numRuns: 60 },
  );
});

test('a recorder that is killed at any byte leaves a prefix of whole records, and a warning', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1e9 }),
      fc.nat(60),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (seed, count, where) => {
        const steps = randomSteps(new Prng(seed), count, 300);
        const whole = await segmentOf(steps);
        const cut = whole.subarray(0, Math.floor(where * whole.length));
        const read = readSegments([cut]);
        assert.equal(read.steps, steps.map(stepText).slice(0, read.steps.length));
        assert.is(read.warnings.length, cut.length === whole.length ? 0 : 1);
      },
    ),
    { numRuns: 150 },
  );
});

test('every cut of the last 4 KiB of a segment gives the records before it and says where they end', async () => {
  const steps = randomSteps(new Prng(7), 60, 200);
  const whole = await segmentOf(steps);
  const texts = steps.map(stepText);
  let longest = 0;
  for (let bytes = whole.length - 4_096; bytes < whole.length; bytes++) {
    const read = readSegments([whole.subarray(0, bytes)]);
    assert.equal(read.steps, texts.slice(0, read.steps.length));
    assert.ok(read.steps.length >= longest);
    longest = read.steps.length;
    assert.match(read.warnings.join(), /the recorder was stopped/);
    assert.is(read.closed, false);
  }
  assert.is(longest, steps.length);
});

test('zero bytes that a lost machine leaves at the end are a torn tail, other bytes behind them are not', async () => {
  const steps = randomSteps(new Prng(8), 20, 100);
  const whole = await segmentOf(steps);
  const end = whole.length - endBytes(whole);
  for (const zeros of [1, RECORD_HEADER_BYTES, 5_000]) {
    const read = readSegments([Buffer.concat([whole.subarray(0, end), new Uint8Array(zeros)])], 700);
    assert.is(read.steps.length, steps.length);
    assert.match(read.warnings.join(), new RegExp(`the last ${zeros} bytes, from byte ${end} on`));
  }
  const stray = Buffer.concat([whole.subarray(0, end), new Uint8Array(5_000), Uint8Array.of(1)]);
  assert.is(refused(stray)?.code, 'ERR_SEGMENT');
});

test('each of 10,000 flipped bits is found, and the message names file and byte', async () => {
  const prng = new Prng(9);
  const whole = Uint8Array.from(await segmentOf(randomSteps(prng, 40, 200)));
  for (let i = 0; i < 10_000; i++) {
    const bit = prng.nextInt(8 * whole.length);
    whole[bit >> 3] = whole[bit >> 3]! ^ (1 << (bit & 7));
    const error = refused(whole);
    if (error === undefined) throw new Error(`bit ${bit} of ${8 * whole.length} went unseen`);
    assert.is(error.code, 'ERR_SEGMENT');
    assert.match(error.message, /^segment 1: corrupt at byte \d+ \(after \d+ whole records\): expected /);
    whole[bit >> 3] = whole[bit >> 3]! ^ (1 << (bit & 7));
  }
  assert.is(refused(whole), undefined);
});

test('a record that is taken out, put in twice or moved breaks the chain', async () => {
  const steps = randomSteps(new Prng(10), 12, 50);
  const whole = await segmentOf(steps);
  const at = recordOffsets(whole);
  const part = (i: number): Uint8Array => whole.subarray(at[i]!, at[i + 1]);
  const joined = (order: readonly number[]): Uint8Array => Buffer.concat([whole.subarray(0, at[0]), ...order.map(part)]);
  const all = at.slice(0, -1).map((_, i) => i);
  assert.is(refused(joined(all)), undefined);
  assert.ok(refused(joined(all.filter((i) => i !== 4))));
  assert.ok(refused(joined(all.flatMap((i) => (i === 4 ? [4, 4] : [i])))));
  assert.ok(refused(joined(all.map((i) => (i === 4 ? 5 : i === 5 ? 4 : i)))));
});

test('nothing may follow the closing record', async () => {
  const whole = await segmentOf(randomSteps(new Prng(11), 3, 50));
  assert.match(refused(Buffer.concat([whole, whole.subarray(100, 200)]))!.message, /nothing after the closing record/);
});

test('a file that is no segment, or one of another version, is refused in words', async () => {
  const whole = Uint8Array.from(await segmentOf(randomSteps(new Prng(12), 3, 50)));
  const text = new TextEncoder().encode('1700000000000000000 {"stream":"btcusdt@depth","data":{}}');
  assert.match(refused(text)!.message, /corrupt at byte 0 .*"TPSEGMT1": this is no segment of a recording/);
  assert.match(refused(whole.subarray(1))!.message, /"TPSEGMT1"/);
});

test('the closing record counts what stands before it and indexes it', async () => {
  const prng = new Prng(13);
  const steps = randomSteps(prng, 400, 60_000);
  const whole = await segmentOf(steps);
  const at = recordOffsets(whole);
  const end = JSON.parse(new TextDecoder().decode(whole.subarray(at.at(-2)! + RECORD_HEADER_BYTES))) as {
    records: number;
    frames: number;
    snapshots: number;
    connections: number;
    first_ns: number;
    last_ns: number;
    bytes: number;
    index: [number, number, number, number][];
  };
  const frames = steps.filter((step) => step.what !== 'connection');
  assert.is(end.records, steps.length);
  assert.is(end.frames, frames.length);
  assert.is(end.snapshots, steps.filter((step) => step.what === 'snapshot').length);
  assert.is(end.connections, steps.length - frames.length);
  assert.is(end.first_ns, frames[0]!.timeNs);
  assert.is(end.last_ns, frames.at(-1)!.timeNs);
  assert.is(end.bytes, at.at(-2)!);
  assert.ok(end.index.length >= 2);
  for (const [offset, records, timeNs] of end.index) {
    assert.is(at[records], offset);
    assert.is(steps[records]!.timeNs, timeNs);
  }
});

/** Where records begin, and where the last ends. */
function recordOffsets(whole: Uint8Array): number[] {
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
  const offsets = [SEGMENT_HEADER_BYTES + view.getUint32(16, true)];
  while (offsets.at(-1)! < whole.length) offsets.push(offsets.at(-1)! + RECORD_HEADER_BYTES + view.getUint32(offsets.at(-1)!, true));
  return offsets;
}

function endBytes(whole: Uint8Array): number {
  const [begin, end] = recordOffsets(whole).slice(-2);
  return end! - begin!;
}

test.run();
