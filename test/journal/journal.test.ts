import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c } from '../../src/core/crc32c.ts';
import { TickpathError } from '../../src/core/errors.ts';
import { Prng } from '../../src/core/prng.ts';
import { RECORD_WORDS } from '../../src/core/records/layout.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { diffJournals } from '../../src/journal/diff.ts';
import { checkJournal, JournalReader } from '../../src/journal/reader.ts';
import { JournalWriter } from '../../src/journal/writer.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tickpath-journal-'));
let folders = 0;
const freshFolder = (): string => join(scratch, `j${folders++}`);

test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** Writes `count` seeded records (and a document) and returns the digest of their bytes. */
function writeJournal(folder: string, count: number, seed = 1, segmentBytesMax = 1 << 26): string {
  const writer = new JournalWriter(folder, { baseEpochNs: 1_700_000_000_123_456_789n, sync: 'none', segmentBytesMax });
  writer.document({ purpose: 'test', numbers: [1, 2.5] });
  const random = new Prng(seed);
  const record = new Int32Array(RECORD_WORDS);
  const hash = createHash('sha256');
  for (let i = 0; i < count; i++) {
    for (let w = 0; w < RECORD_WORDS; w++) record[w] = random.nextU32();
    hash.update(new Uint8Array(record.buffer));
    writer.append(record, 0);
    if (i % 700 === 699) writer.flush();
  }
  const totals = writer.close();
  const expected = hash.digest('hex');
  assert.is(totals.records, count);
  assert.is(totals.sha256, expected);
  return expected;
}

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof TickpathError) return error.code;
    throw error;
  }
  return 'none';
};

test('CRC-32C has the published check values of RFC 3720', () => {
  const text = (value: string): number => crc32c(new TextEncoder().encode(value));
  assert.is(text('123456789'), 0xe3069283);
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

test('CRC-32C of a whole equals that of its parts in a row', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) & 255);
  for (let cut = 0; cut <= 100; cut++) assert.is(crc32c(bytes, cut, 100, crc32c(bytes, 0, cut)), crc32c(bytes));
});

test('what was written is read back, with the base and the documents', () => {
  const folder = freshFolder();
  const sha256 = writeJournal(folder, 3_000);
  const reader = new JournalReader(folder);
  const blocks = [...reader.read()];
  assert.is(reader.baseEpochNs, 1_700_000_000_123_456_789n);
  assert.equal(blocks[0], { kind: 'document', value: { purpose: 'test', numbers: [1, 2.5] } });
  const check = checkJournal(folder);
  assert.is(check.records, 3_000);
  assert.is(check.sha256, sha256);
  assert.is(check.torn, undefined);
});

test('the digest does not depend on how records fell into blocks or segments', () => {
  const [one, two] = [freshFolder(), freshFolder()];
  const sha256 = writeJournal(one, 5_000);
  assert.is(writeJournal(two, 5_000, 1, 70_000), sha256);
  assert.ok(readdirSync(two).length > 3, 'the second journal has several segments');
  assert.is(checkJournal(two).sha256, sha256);
  const diff = diffJournals(one, two);
  assert.ok(diff.equal && diff.sha256 === sha256 && diff.records === 5_000);
});

test('a diff stops at the first record that differs, and at the end of the shorter journal', () => {
  const [one, two, short] = [freshFolder(), freshFolder(), freshFolder()];
  writeJournal(one, 1_000);
  writeJournal(short, 900);
  const writer = new JournalWriter(two, { baseEpochNs: 0n, sync: 'none' });
  const random = new Prng(1);
  const record = new Int32Array(RECORD_WORDS);
  for (let i = 0; i < 1_000; i++) {
    for (let w = 0; w < RECORD_WORDS; w++) record[w] = random.nextU32();
    if (i === 777) record[9] = record[9]! ^ 1;
    writer.append(record, 0);
  }
  writer.close();
  const diff = diffJournals(one, two);
  assert.ok(!diff.equal && diff.index === 777 && diff.a !== undefined && diff.b !== undefined);
  const ended = diffJournals(one, short);
  assert.ok(!ended.equal && ended.index === 900 && ended.a !== undefined && ended.b === undefined);
});

test('a ring is drained in order, across its wrap', () => {
  const capacity = 64;
  const views = ringViews(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
  const [producer, consumer] = [new RingProducer(views), new RingConsumer(views)];
  const folder = freshFolder();
  const writer = new JournalWriter(folder, { baseEpochNs: 0n, sync: 'close' });
  for (let i = 0; i < 1_000; ) {
    for (let burst = 0; burst < 50 && i < 1_000; burst++, i++) producer.i32[producer.claim() * RECORD_WORDS + 3] = i;
    producer.publish();
    writer.drain(consumer);
  }
  writer.close();
  let expected = 0;
  for (const block of new JournalReader(folder).read()) {
    if (block.kind !== 'records') continue;
    for (let i = 0; i < block.count; i++) assert.is(block.i32[i * RECORD_WORDS + 3], expected++);
  }
  assert.is(expected, 1_000);
});

test('every cut of the file is seen: a torn tail is reported with where it begins, whole blocks before it stay', () => {
  const folder = freshFolder();
  writeJournal(folder, 40);
  const path = join(folder, '000001.tpj');
  const whole = readFileSync(path);
  const full = checkJournal(folder);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    const check = checkJournal(folder);
    const cutsABlock = check.torn !== undefined;
    assert.ok(cutsABlock || check.records < full.records || check.blocks < full.blocks, `cut at ${length} of ${whole.length}`);
    if (check.torn !== undefined) assert.is(check.torn.offset + check.torn.bytes, length);
  }
});

test('every flipped bit of a journal is detected', () => {
  const folder = freshFolder();
  const sha256 = writeJournal(folder, 20);
  const path = join(folder, '000001.tpj');
  const whole = readFileSync(path);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const broken = Buffer.from(whole);
    broken[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, broken);
    let detected = false;
    try {
      detected = checkJournal(folder).torn !== undefined;
    } catch (error) {
      detected = error instanceof TickpathError && error.code === 'ERR_JOURNAL_CORRUPT';
    }
    assert.ok(detected, `bit ${bit}`);
  }
  writeFileSync(path, whole);
  assert.is(checkJournal(folder).sha256, sha256);
});

test('a missing segment, a swapped one and an empty folder each give their own error', () => {
  const folder = freshFolder();
  writeJournal(folder, 3_000, 1, 40_000);
  const names = readdirSync(folder).sort();
  const second = readFileSync(join(folder, names[1]!));
  writeFileSync(join(folder, names[1]!), readFileSync(join(folder, names[2]!)));
  assert.is(
    code(() => checkJournal(folder)),
    'ERR_JOURNAL_CORRUPT',
  );
  writeFileSync(join(folder, names[1]!), second);
  rmSync(join(folder, names[1]!));
  assert.is(
    code(() => checkJournal(folder)),
    'ERR_JOURNAL_CORRUPT',
  );
  assert.is(
    code(() => checkJournal(join(scratch, 'nothing'))),
    'ERR_JOURNAL_MISSING',
  );
});

test('a journal is never overwritten', () => {
  const folder = freshFolder();
  writeJournal(folder, 10);
  assert.is(
    code(() => new JournalWriter(folder, { baseEpochNs: 0n, sync: 'none' })),
    'ERR_JOURNAL_EXISTS',
  );
});

test.run();
