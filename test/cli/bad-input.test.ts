import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '../../src/report/summary.ts';
import { CliRig, sessionLines } from '../support/cli.ts';

const LINES = 2_500;
const BAD = 1_500;
/** Beyond the prefix in which instruments are looked for, so that it is the run that meets the end. */
const LONG_LINES = 5_500;
const RECORDS_MIN = 4_500;
const TIME_BYTES = 20;
const rig = new CliRig(LINES);
test.after(() => rig.remove());

/** A line with its receive time kept and everything after it replaced. */
const payload = (text: string) => (line: string) => line.slice(0, TIME_BYTES) + text;
const shorten = (line: string, characters: number): string => `${line.slice(TIME_BYTES, TIME_BYTES + characters)}...`;

let runs = 0;

/** Runs `input`, which must be refused, and returns the one line on stderr. */
async function refusal(input: string, exitCode: number): Promise<string> {
  const { code, stdout, stderr } = await rig.replay(`refused-${runs++}`, ['--no-html'], input);
  assert.equal([code, stdout], [exitCode, ''], stderr);
  assert.match(stderr, /^tickpath: [^\n]+\n$/);
  return stderr.slice('tickpath: '.length).trimEnd();
}

/** Runs `input`, which must run to its end, and returns what it says of the data and its summary. */
async function completed(input: string, exitCode: number): Promise<{ stderr: string; summary: RunSummary }> {
  const id = `run-${runs++}`;
  const { code, stdout, stderr } = await rig.replay(id, ['--no-html', '--quiet'], input);
  assert.equal([code, stdout], [exitCode, ''], stderr);
  const summary = JSON.parse(rig.runFile(id, 'summary.json')) as RunSummary;
  assert.is(summary.ticks, LINES, 'every frame is a tick, rejected ones included');
  return { stderr, summary };
}

test('a missing file, a folder and empty files are refused by name', async () => {
  assert.is(await refusal(rig.path('absent.gz'), 2), `${rig.path('absent.gz')}: no such file`);
  assert.is(await refusal(rig.folder, 2), `${rig.folder}: not a regular file`);
  for (const [name, content] of [
    ['empty', ''],
    ['blank', '\n \r\n\n'],
    ['empty.gz', gzipSync('')],
  ] as const) {
    const file = rig.write(name, content);
    assert.is(await refusal(file, 4), `${file}: empty; expected depthUpdate, bookTicker or trade messages`);
  }
});

test('a format that does not exist is refused with those that do', async () => {
  const { code, stdout, stderr } = await rig.run(['replay', '--input', rig.capture, '--format', 'binance-usd']);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /option '-f, --format <format>' argument 'binance-usd' is invalid\. Allowed choices are .*binance-usdm/);
});

test('a cut-off gzip file ends the run at the cut, with what was decided until then in a whole journal', async () => {
  const zipped = gzipSync(sessionLines(LONG_LINES).join('\n'));
  const file = rig.write('cut.gz', zipped.subarray(0, zipped.length - 1_000));
  const id = `refused-${runs}`;
  assert.is(
    await refusal(file, 4),
    `${file}: the gzip stream is cut off after ${zipped.length - 1_000} bytes; expected a complete gzip file`,
  );
  assert.equal(readdirSync(join(rig.path('runs'), id)).sort(), ['config.yaml', 'journal']);
  const check = await rig.run(['journal', 'check', `runs/${id}`, '--json']);
  assert.is(check.code, 0, check.stderr);
  const { records } = JSON.parse(check.stdout) as { records: number };
  assert.ok(records > RECORDS_MIN, `${records} records`);
});

test('a corrupted gzip file is refused by name, whether its blocks or its checksum are wrong', async () => {
  const zipped = gzipSync(rig.lines.slice(0, 500).join('\n'));
  const blocks = Uint8Array.from(zipped);
  // The first block gets a type that does not exist.
  blocks[10] = 0xff;
  const checksum = Uint8Array.from(zipped);
  checksum[checksum.length - 6]! ^= 1;
  for (const [name, bytes] of [
    ['blocks.gz', blocks],
    ['checksum.gz', checksum],
  ] as const) {
    const file = rig.write(name, bytes);
    assert.match(await refusal(file, 4), /^\S+\.gz: the gzip stream is corrupt \(.+\) after \d+ bytes; expected a complete gzip file$/);
  }
});

test('a line that is no receive time and JSON object ends the run and is named by file and line', async () => {
  const cases: readonly (readonly [name: string, change: (line: string) => string, message: (line: string) => string])[] = [
    [
      'no-time',
      (line) => line.slice(TIME_BYTES),
      (line) => `expected a 19-digit receive time in ns and a space, found "${line.slice(TIME_BYTES, TIME_BYTES + 60)}"...`,
    ],
    [
      'no-json',
      payload('hello world'),
      (line) => `expected a JSON object after the receive time, found "${line.slice(0, TIME_BYTES)}hello world"`,
    ],
    ['cut', (line) => line.slice(0, 50), (line) => `expected a JSON object after the receive time, found "${line.slice(0, 50)}"`],
    ['long', payload(`{"a":"${'x'.repeat(1_100_000)}"}`), () => 'the line is longer than 1048597 bytes; expected one frame a line'],
  ];
  for (const [name, change, message] of cases) {
    const file = rig.captureWith(name, BAD, change);
    assert.is(await refusal(file, 4), `${file}:${BAD}: ${message(rig.lines[BAD - 1]!)}`);
  }
});

test('a frame that is no JSON inside its braces is counted and shown, and the run goes on', async () => {
  const number = rig.lineWith('"bookTicker"', BAD);
  const { stderr, summary } = await completed(rig.captureWith('json', number, payload('{"stream":}')), 0);
  assert.is(stderr, `data: frame ${number} of the input rejected: bad_json (not JSON): {"stream":}\n`);
  assert.equal(summary.rejects, [{ frame: number, reason: 'bad_json', text: '{"stream":}' }]);
  assert.equal([summary.feed['rejected_frames'], summary.feed['rejected_bad_json'], summary.feed['book_gaps']], [1, 1, 0]);
});

test('a trade or ticker with a bad field is counted and shown by its frame, and costs the book nothing', async () => {
  const cases: readonly (readonly [event: string, from: RegExp, to: string, reason: string, text: string])[] = [
    ['"trade"', /"q":"([\d.]+)"/, '"q":"$15"', 'too_many_decimals', 'a price or quantity with more decimals than the instrument has'],
    ['"trade"', /"p":"(\d+)\.\d+"/, '"p":"$1.15"', 'off_tick', 'a price that is no multiple of the tick size'],
    ['"bookTicker"', /"u":(\d+)/, '"u":"$1"', 'bad_field', 'a field has another JSON type than the venue documents'],
    ['"bookTicker"', /"s":"TPXUSDT",/, '', 'missing_field', 'a field that its event type needs is missing'],
  ];
  for (const [event, from, to, reason, text] of cases) {
    const number = rig.lineWith(event, BAD);
    const changed = rig.lines[number - 1]!.replace(from, to);
    const { stderr, summary } = await completed(
      rig.captureWith('field', number, () => changed),
      0,
    );
    assert.is(stderr, `data: frame ${number} of the input rejected: ${reason} (${text}): ${shorten(changed, 120)}\n`);
    assert.equal([summary.feed[`rejected_${reason}`], summary.feed['book_gaps']], [1, 0]);
    assert.equal(
      summary.rejects.map((reject) => [reject.frame, reject.reason]),
      [[number, reason]],
    );
  }
});

test('a depth frame with a bad level is counted and shown, its book leaves LIVE there, and the lost book ends the run with 4', async () => {
  const number = rig.lineWith('"depthUpdate"', BAD);
  const cases: readonly (readonly [to: string, reason: string])[] = [
    ['"b":[["$1.055"', 'too_many_decimals'],
    ['"b":[["999999999999.90"', 'price_range'],
  ];
  for (const [to, reason] of cases) {
    const file = rig.captureWith('depth', number, (line) => line.replace(/"b":\[\["(\d+)\.\d+"/, to));
    const { stderr, summary } = await completed(file, 4);
    const lines = stderr.trimEnd().split('\n');
    assert.match(lines[0]!, new RegExp(`^data: frame ${number} of the input rejected: ${reason} \\(.+\\): \\{"stream"`));
    assert.is(lines[1], 'data: the book was discarded 1 times and synchronised 1 times');
    assert.match(lines[2]!, /^data: the book was not LIVE at the end of the input/);
    assert.is(lines.length, 3);
    assert.ok(summary.decisions < number, 'nothing is decided on a book that is not LIVE');
    const states = await rig.run(['journal', 'cat', summary.run, '--kind', 'book_state', '--json']);
    const last = JSON.parse(states.stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
    assert.equal([last['tick'], last['previous'], last['state'], last['reason']], [number, 'live', 'gap', 'decode_error']);
  }
});

test('the first five rejected frames are shown, the rest counted', async () => {
  const lines = rig.lines.map((line, i) => (i >= BAD && i < BAD + 9 ? payload('{"e":"trade"}')(line) : line));
  const { stderr, summary } = await completed(rig.write('many', lines.join('\n')), summaryExit(lines));
  const shown = stderr.split('\n').filter((line) => line.includes('rejected:'));
  assert.is(shown.length, 5);
  assert.match(stderr, 'data: 4 more frames rejected\n');
  assert.is(summary.rejects.length, 9);
});

/** Whether one of the replaced frames was a depth message: its loss shows at the next one. */
function summaryExit(lines: readonly string[]): number {
  return rig.lines.slice(BAD, BAD + 9).some((line) => line.includes('"depthUpdate"')) && lines.length === LINES ? 4 : 0;
}

test('book and features say the same of the same frame, and leave no file behind when the input cannot be read', async () => {
  const number = rig.lineWith('"depthUpdate"', BAD);
  const file = rig.captureWith('book', number, (line) => line.replace(/"b":\[\["([\d.]+)"/, '"b":[[$1'));
  for (const args of [
    ['book', '--out', 'hash'],
    ['features', '--out', rig.path('features.csv')],
  ]) {
    const { code, stderr } = await rig.run([args[0]!, '--input', file, '--format', 'binance-usdm', ...args.slice(1)]);
    assert.is(code, 4);
    assert.match(stderr, `data: frame ${number} of the input rejected: bad_field`);
    assert.match(stderr, 'data: the book was not LIVE at the end of the input');
  }
  const cut = rig.captureWith('cut-features', BAD, (line) => line.slice(0, 50));
  const { code, stdout, stderr } = await rig.run(['features', '--input', cut, '--format', 'binance-usdm', '--out', rig.path('never.csv')]);
  assert.equal([code, stdout], [4, '']);
  assert.match(stderr, `${cut}:${BAD}: expected a JSON object`);
  assert.equal(
    readdirSync(rig.folder).filter((name) => name.startsWith('never')),
    [],
  );
});

test('an input without a snapshot never has a book, and says so', async () => {
  const lines = rig.lines.filter((line) => !line.includes('"lastUpdateId"'));
  assert.is(lines.length, LINES - 1);
  const { code, stderr } = await rig.replay('no-snapshot', ['--no-html', '--quiet'], rig.write('no-snapshot', lines.join('\n')));
  assert.equal([code, stderr], [4, 'data: the book never became LIVE: the input holds no snapshot that its depth messages can follow\n']);
});

test.run();
