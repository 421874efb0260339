import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import {
  CONNECTED,
  DISCONNECTED,
  MemoryDisk,
  openRecording,
  randomSteps,
  readSegments,
  stepText,
  writeStep,
} from '../../support/recording-rig.ts';

const FRAME = new Uint8Array(1_000).fill(65);

test('a recording that rotates by size reads as if it were one segment', async () => {
  const disk = new MemoryDisk();
  const writer = openRecording(disk, { segmentBytesMax: 4_000 });
  const steps = randomSteps(new Prng(1), 200, 300);
  for (const step of steps) writeStep(writer, step);
  const totals = await writer.close(steps.at(-1)!.timeNs);
  assert.ok(disk.names.length > 5);
  assert.is(totals.segments, disk.names.length);
  for (let i = 0; i < disk.names.length; i++) assert.ok(disk.bytes(i).length < 5_500);
  const read = readSegments(disk.names.map((_, i) => disk.bytes(i)));
  assert.equal(read.steps, steps.map(stepText));
  assert.equal(read.warnings, []);
  assert.equal([...disk.names].sort(), disk.names);
});

test('a recording that rotates by time begins a segment at the first frame after it, or when time passes without one', async () => {
  const disk = new MemoryDisk();
  const writer = openRecording(disk, { segmentNsMax: 60e9 });
  writer.frame(FRAME, 0, FRAME.length, 59e9);
  writer.frame(FRAME, 0, FRAME.length, 61e9);
  writer.tick(120e9);
  assert.is(writer.totals().segments, 2);
  writer.tick(121e9);
  assert.is(writer.totals().segments, 3);
  writer.tick(500e9);
  assert.is(writer.totals().segments, 3, 'an empty segment is not ended');
  await writer.close(501e9);
  assert.equal(disk.names, ['000001-20260101T000000Z.tpr', '000002-20260101T000101Z.tpr', '000003-20260101T000201Z.tpr']);
});

test('a segment that does not continue the one before begins with what the connection was', async () => {
  const disk = new MemoryDisk();
  const writer = openRecording(disk, { segmentBytesMax: 1_700 });
  writer.connectionChanged(CONNECTED, 1, '');
  for (let i = 2; i <= 4; i++) writer.frame(FRAME, 0, FRAME.length, i);
  await writer.close(5);
  const [a, , c] = disk.names.map((_, i) => disk.bytes(i));
  const texts = (segments: readonly Uint8Array[]): string[] => readSegments(segments).steps.map((text) => text.slice(0, 14).trim());
  assert.is(disk.names.length, 3);
  assert.equal(texts([a!, c!]), ['1 connection 2', '2 frame 414141', '4 begins 2', '4 frame 414141']);
  assert.equal(texts([c!]), ['4 begins 2', '4 frame 414141']);
});

test('a recorder that was started anew knows of no connection, though its segments follow the ones before', async () => {
  const disk = new MemoryDisk();
  const first = openRecording(disk);
  first.connectionChanged(CONNECTED, 1, '');
  first.frame(FRAME, 0, 3, 2);
  await first.close(3);
  const chain = new DataView(disk.bytes().buffer, disk.bytes().byteOffset).getUint32(lastRecord(disk.bytes()) + 20, true);
  const second = openRecording(disk, { segment: 2, continues: chain }, 10e9);
  second.connectionChanged(CONNECTED, 11e9, '');
  second.frame(FRAME, 0, 3, 12e9);
  await second.close(13e9);
  const read = readSegments([disk.bytes(0), disk.bytes(1)]);
  assert.equal(read.steps, [
    '1 connection 2',
    '2 frame 414141',
    '10000000000 begins 3',
    '11000000000 connection 2',
    '12000000000 frame 414141',
  ]);
});

function lastRecord(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 32 + view.getUint32(16, true);
  for (let next = at; next < bytes.length; next += 24 + view.getUint32(next, true)) at = next;
  return at;
}

test('segments of other instruments are not read as one input', async () => {
  const disk = new MemoryDisk();
  await openRecording(disk).close(1);
  await openRecording(disk, { venue: 'okx', segment: 2 }).close(1);
  assert.throws(
    () => readSegments([disk.bytes(0), disk.bytes(1)]),
    /segment 2: corrupt at byte 32 .* expected what the segment before has, .*binance-usdm.*found .*okx/,
  );
});

test('a disk that is slower than the feed costs frames, and the recording says how many and where', async () => {
  const disk = new MemoryDisk();
  let open = (): void => {};
  disk.gate = new Promise((resolve) => {
    open = resolve;
  });
  const writer = openRecording(disk, { queueBytesMax: 10_000 });
  writer.connectionChanged(CONNECTED, 1, '');
  for (let i = 2; i <= 21; i++) {
    writer.frame(FRAME, 0, FRAME.length, i);
    writer.tick(i);
    assert.ok(writer.waitingBytes <= 10_000);
  }
  const lost = writer.lostFrames;
  assert.ok(lost > 5 && lost < 20);
  open();
  disk.gate = undefined;
  while (writer.waitingBytes > 0) await new Promise((resolve) => setImmediate(resolve));
  writer.frame(FRAME, 0, FRAME.length, 30);
  await writer.close(31);
  const read = readSegments([disk.bytes()]);
  const kinds = read.steps.map((text) => text.split(' ').slice(0, 2).join(' '));
  assert.equal(kinds.slice(-3), ['30 loss', '30 connection', '30 frame']);
  assert.is(read.steps.length, 1 + (20 - lost) + 3);
  assert.is(read.steps.at(-3), `30 loss ${DISCONNECTED}`);
  assert.is(read.steps.at(-2), `30 connection ${CONNECTED}`);
  const manifest = JSON.parse(new TextDecoder().decode(disk.files.get('manifest.json'))) as { segments: { lost_frames: number }[] };
  assert.is(manifest.segments[0]!.lost_frames, lost);
});

test('a disk that is full ends the recording with one error, and leaves whole records only', async () => {
  for (const room of [5_000, 5_001, 5_500, 6_023, 6_024, 6_025]) {
    const disk = new MemoryDisk();
    disk.room = room;
    const failures: string[] = [];
    const writer = openRecording(disk, { onFailure: (error) => failures.push(`${error.code} ${error.exitCode}: ${error.message}`) });
    for (let i = 1; i <= 3; i++) {
      for (let k = 0; k < 3; k++) writer.frame(FRAME, 0, FRAME.length, i);
      writer.tick(i);
    }
    let thrown: unknown;
    await writer.close(10).catch((error: unknown) => {
      thrown = error;
    });
    assert.equal(failures, [
      'ERR_RECORDING 1: /recording/000001-20260101T000000Z.tpr: cannot be written (ENOSPC: no space left on device, write); the recording ends with the last whole record before',
    ]);
    assert.match(String(thrown), /ENOSPC/);
    const bytes = disk.bytes();
    assert.is((bytes.length - lastRecord(bytes)) % 1_024, 0, 'no part of a record is left');
    assert.is(readSegments([bytes]).steps.length, Math.floor((room - 32 - documentBytes(bytes)) / 1_024));
  }
});

function documentBytes(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(16, true);
}

test('what was written is forced to the disk once an interval, and only when something was', async () => {
  const disk = new MemoryDisk();
  const writer = openRecording(disk, { syncNs: 1e9 });
  const settle = async (): Promise<number> => {
    for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
    return disk.syncs;
  };
  writer.tick(0.5e9);
  assert.is(await settle(), 0);
  writer.tick(1.1e9);
  assert.is(await settle(), 1, 'the header');
  writer.tick(2.5e9);
  assert.is(await settle(), 1, 'nothing new');
  writer.frame(FRAME, 0, 10, 2.6e9);
  writer.tick(2.7e9);
  assert.is(await settle(), 2);
  writer.frame(FRAME, 0, 10, 2.8e9);
  writer.tick(2.9e9);
  assert.is(await settle(), 2, 'within the interval');
  await writer.close(3e9);
  assert.is(disk.syncs, 3);
});

test.run();
