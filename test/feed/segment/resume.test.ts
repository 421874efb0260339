import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, type TickpathError } from '../../../src/core/errors.ts';
import { Prng } from '../../../src/core/prng.ts';
import { nodeDisk } from '../../../src/feed/segment/disk.ts';
import { resumeRecording } from '../../../src/feed/segment/resume.ts';
import { readSegmentHeader, scanSegment } from '../../../src/feed/segment/scan.ts';
import type { RecordingOptions, RecordingWriter } from '../../../src/feed/segment/writer.ts';
import { ZSTD_NATIVE } from '../../../src/feed/transport/zstd.ts';
import { openRecording, randomSteps, readSegments, SOURCE, type Step, stepText, writeStep } from '../../support/recording-rig.ts';

interface Context {
  folder: string;
}
const test = suite<Context>('resume');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'tickpath-recording-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const segmentsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('.tpr'))
    .sort();

interface Entry {
  readonly file: string;
  readonly segment: number;
  readonly closed: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly frames: number;
}
const manifestOf = (folder: string): Entry[] =>
  (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { segments: Entry[] }).segments;

async function begin(folder: string, nowNs: number, options: Partial<RecordingOptions> = {}): Promise<RecordingWriter> {
  const point = await resumeRecording(folder, SOURCE);
  const { segment, continues, before, recording = 'first' } = point;
  return openRecording(nodeDisk, { folder, segment, continues, before, recording, ...options }, nowNs);
}

async function write(writer: RecordingWriter, steps: readonly Step[]): Promise<void> {
  for (const step of steps) writeStep(writer, step);
  await writer.close(steps.at(-1)!.timeNs);
}

test('an empty or absent folder begins a recording', async ({ folder }) => {
  const nothing = { recording: undefined, segment: 1, continues: 0, before: [], notes: [] };
  assert.equal(await resumeRecording(folder, SOURCE), nothing);
  assert.equal(await resumeRecording(join(folder, 'absent'), SOURCE), nothing);
});

test('a recording stopped at any byte is cut after its last whole record, closed, and goes on', async ({ folder }) => {
  const prng = new Prng(21);
  for (let round = 0; round < 25; round++) {
    const inner = join(folder, `${round}`);
    mkdirSync(inner);
    const steps = randomSteps(prng, 30, 300);
    await write(await begin(inner, 0), steps);
    const [first] = segmentsIn(inner);
    const path = join(inner, first!);
    const whole = readFileSync(path);
    const header = await readSegmentHeader(path);
    const least = 32 + header.head.documentBytes;
    truncateSync(path, least + prng.nextInt(whole.length - least));
    const survived = readSegments([readFileSync(path)]).steps;
    const more = randomSteps(prng, 10, 100).map((step) => ({ ...step, timeNs: step.timeNs + 1e12 }));
    await write(await begin(inner, 1e12), more);
    const read = readSegments(segmentsIn(inner).map((name) => readFileSync(join(inner, name))));
    assert.equal(read.steps, [...survived, '1000000000000 begins 3', ...more.map(stepText)]);
    assert.equal(read.warnings, []);
    assert.equal(
      manifestOf(inner).map((entry) => `${entry.segment} ${entry.closed}`),
      ['1 recovered', '2 clean'],
    );
  }
});

test('a segment that ended within its header is removed and its number used again', async ({ folder }) => {
  await write(await begin(folder, 0), randomSteps(new Prng(1), 5, 50));
  await write(await begin(folder, 5e9), randomSteps(new Prng(2), 5, 50));
  const [, second] = segmentsIn(folder);
  truncateSync(join(folder, second!), 20);
  const point = await resumeRecording(folder, SOURCE);
  assert.is(point.segment, 2);
  assert.match(point.notes.join(), /ended within its header and was removed/);
  assert.is(segmentsIn(folder).length, 1);
  await write(await begin(folder, 6e9), randomSteps(new Prng(3), 5, 50));
  assert.equal(readSegments(segmentsIn(folder).map((name) => readFileSync(join(folder, name)))).warnings, []);
});

test('a corrupt last segment is refused and left as it is', async ({ folder }) => {
  await write(await begin(folder, 0), randomSteps(new Prng(4), 20, 50));
  const path = join(folder, segmentsIn(folder)[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 700] = bytes[bytes.length - 700]! ^ 16;
  writeFileSync(path, bytes);
  let thrown: TickpathError | undefined;
  await resumeRecording(folder, SOURCE).catch((error: TickpathError) => {
    thrown = error;
  });
  assert.is(thrown?.code, 'ERR_SEGMENT');
  assert.is(thrown?.exitCode, EXIT.DATA);
  assert.match(thrown!.message, /corrupt at byte \d+/);
  assert.equal(readFileSync(path), bytes);
});

test('another venue or other instruments are refused before anything is written', async ({ folder }) => {
  await write(await begin(folder, 0), randomSteps(new Prng(5), 3, 50));
  let thrown: TickpathError | undefined;
  await resumeRecording(folder, { ...SOURCE, venue: 'okx' }).catch((error: TickpathError) => {
    thrown = error;
  });
  assert.is(thrown?.code, 'ERR_RECORDING');
  assert.match(thrown!.message, /records \{"venue":"binance-usdm".* the configuration says \{"venue":"okx".* or another folder/);
});

test('the manifest lists every segment with the digest of its file, and is made again when it is lost', async ({ folder }) => {
  await write(await begin(folder, 0, { segmentBytesMax: 2_000 }), randomSteps(new Prng(6), 40, 300));
  const names = segmentsIn(folder);
  const listed = manifestOf(folder);
  assert.ok(names.length > 3);
  assert.equal(
    listed.map((entry) => [entry.file, entry.segment, entry.bytes, entry.sha256]),
    names.map((name, i) => {
      const bytes = readFileSync(join(folder, name));
      return [name, i + 1, bytes.length, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
  writeFileSync(join(folder, 'manifest.json'), '{"version": 1, "segm');
  assert.equal((await resumeRecording(folder, SOURCE)).before, listed);
});

test('closed segments are packed when that is wanted, and read and resumed all the same', async ({ folder }) => {
  const steps = randomSteps(new Prng(7), 60, 300);
  await write(await begin(folder, 0, { segmentBytesMax: 4_000, compress: 'gzip' }), steps);
  const names = segmentsIn(folder);
  assert.ok(names.length > 2 && names.every((name) => name.endsWith('.tpr.gz')));
  assert.equal(readSegments(names.map((name) => gunzipSync(readFileSync(join(folder, name))))).steps, steps.map(stepText));
  for (const entry of manifestOf(folder))
    assert.is(
      entry.sha256,
      createHash('sha256')
        .update(readFileSync(join(folder, entry.file)))
        .digest('hex'),
    );
  const scan = await scanSegment(join(folder, names[0]!));
  assert.is(scan.closed, true);
  writeFileSync(join(folder, '000009-20260101T000000Z.tpr.gz.part'), 'half');
  const point = await resumeRecording(folder, SOURCE);
  assert.is(point.segment, names.length + 1);
  assert.equal(point.before, manifestOf(folder));
  assert.not.ok(readdirSync(folder).some((name) => name.endsWith('.part')));
});

test('segments packed with zstd are read as they were written, where Node can pack them', async ({ folder }) => {
  if (!ZSTD_NATIVE) {
    process.stdout.write('skipped: this Node has no zstd of its own to pack segments with\n');
    return;
  }
  const steps = randomSteps(new Prng(9), 60, 300);
  await write(await begin(folder, 0, { segmentBytesMax: 4_000, compress: 'zstd' }), steps);
  const entries = manifestOf(folder);
  assert.ok(entries.length > 2 && entries.every((entry) => entry.file.endsWith('.tpr.zst')));
  for (const entry of entries) assert.is((await scanSegment(join(folder, entry.file))).end.frames, entry.frames);
});

test('segments and manifest are readable by their owner alone', async ({ folder }) => {
  await write(await begin(folder, 0), randomSteps(new Prng(8), 3, 50));
  for (const name of readdirSync(folder)) assert.is(statSync(join(folder, name)).mode & 0o777, 0o600, name);
});

test.run();
