import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { CONNECTION, FRAME_TIME, type FrameHandler } from '../../../src/core/ports.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { allocateByteRing, ByteRingReader, ByteRingWriter } from '../../../src/feed/transport/byte-ring.ts';
import { FileTransport, type FileTransportOptions } from '../../../src/feed/transport/file.ts';
import { inputGroups, openGroup } from '../../../src/feed/transport/inputs.ts';
import { ScheduledPacer } from '../../../src/feed/transport/pacing.ts';
import { SniffingFramer } from '../../../src/feed/transport/sniffing-framer.ts';

const test = suite('file transport');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-file-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const FIRST = 1723161255030314667n;
const line = (offsetNs: number, json = `{"n":${offsetNs}}`): string => `${FIRST + BigInt(offsetNs)} ${json}\n`;

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

interface Got {
  readonly frames: [text: string, recvNs: number, t0Ns: number][];
  readonly events: number[];
  readonly transport: FileTransport;
}

async function play(options: Partial<FileTransportOptions> & { files: string[] }, onFrame?: () => void): Promise<Got> {
  const frames: Got['frames'] = [];
  const events: number[] = [];
  const handler: FrameHandler = {
    onFrame: (bytes, start, end, times) => {
      frames.push([new TextDecoder().decode(bytes.slice(start, end)), times[FRAME_TIME.RECV_NS]!, times[FRAME_TIME.T0_NS]!]);
      onFrame?.();
    },
    onConnection: (event) => events.push(event),
  };
  const transport = new FileTransport({ clock: new ManualClock(), ...options });
  await transport.run(handler);
  return { frames, events, transport };
}

async function failure(options: Partial<FileTransportOptions> & { files: string[] }): Promise<TickpathError> {
  try {
    await play(options);
  } catch (error) {
    assert.instance(error, TickpathError);
    return error as TickpathError;
  }
  assert.unreachable('the transport must fail');
  throw new Error();
}

test('plain and gzip files give the same frames, told apart by their first bytes', async () => {
  const text = line(0) + line(5) + line(1_000_000_007);
  const plain = await play({ files: [write('a.bin', text)] });
  const zipped = await play({ files: [write('b.txt', gzipSync(text))] });
  assert.equal(plain.frames, [
    ['{"n":0}', 0, 0],
    ['{"n":5}', 5, 0],
    ['{"n":1000000007}', 1_000_000_007, 0],
  ]);
  assert.equal(zipped.frames, plain.frames);
  assert.is(plain.transport.baseEpochNs, FIRST);
  assert.equal(plain.events, [CONNECTION.CONNECTED, CONNECTION.END]);
});

test('CRLF, blank lines and a last line without line feed are taken', async () => {
  const { frames } = await play({ files: [write('crlf', `\r\n${line(0).trim()}\r\n\n  \n${line(3).trim()}`)] });
  assert.equal(
    frames.map(([, recvNs]) => recvNs),
    [0, 3],
  );
});

test('several files continue one another on one time base, each with the digest of its own bytes', async () => {
  const first = gzipSync(line(0) + line(1));
  const second = line(2);
  const { frames, events, transport } = await play({ files: [write('one', first), write('two', second)] });
  assert.equal(
    frames.map(([, recvNs]) => recvNs),
    [0, 1, 2],
  );
  assert.equal(events, [CONNECTION.CONNECTED, CONNECTION.END]);
  const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  assert.equal(
    transport.digests.map((one) => [one.bytes, one.sha256]),
    [
      [first.length, sha256(first)],
      [second.length, sha256(second)],
    ],
  );
});

test('lines larger than any chunk and a file of many chunks arrive whole', async () => {
  const long = `{"pad":"${'x'.repeat(700_000)}"}`;
  let text = line(0, long);
  for (let i = 1; i < 40_000; i++) text += line(i);
  text += line(40_000, long);
  const { frames } = await play({ files: [write('large', gzipSync(text))] });
  assert.is(frames.length, 40_001);
  assert.is(frames[0]![0], long);
  assert.is(frames[40_000]![0], long);
  assert.is(frames[39_999]![0], '{"n":39999}');
});

test('a receive time that goes back is counted and handed over', async () => {
  const { frames, transport } = await play({ files: [write('back', line(10) + line(4) + line(12))] });
  assert.equal(
    frames.map(([, recvNs]) => recvNs),
    [0, -6, 2],
  );
  assert.is(transport.nonMonotonic, 1);
});

test('a given base is used instead of the first line', async () => {
  const { frames } = await play({ files: [write('base', line(10))], baseEpochNs: FIRST - 2_000_000_000n });
  assert.is(frames[0]![1], 2_000_000_010);
});

test('progress counts file bytes of all files', async () => {
  const files = [write('p1', line(0)), write('p2', gzipSync(line(1)))];
  const seen: [number, number][] = [];
  await play({ files, onProgress: (read, total) => seen.push([read, total]) });
  const [read, total] = seen[seen.length - 1]!;
  assert.is(read, total);
  assert.is(total, line(0).length + gzipSync(line(1)).length);
});

test('stop ends the run after the frame at hand', async () => {
  const file = write('stop', line(0) + line(1) + line(2));
  const got: number[] = [];
  const transport: FileTransport = new FileTransport({ files: [file], clock: new ManualClock() });
  await transport.run({
    onConnection: () => {},
    onFrame: (_bytes, _start, _end, times) => {
      got.push(times[FRAME_TIME.RECV_NS]!);
      if (got.length === 2) transport.stop();
    },
  });
  assert.equal(got, [0, 1]);
});

test('on a schedule T0 is the planned time: long waits rest, the last stretch spins, and a late frame keeps its plan', async () => {
  const clock = new ManualClock();
  clock.set(1_000);
  const rested: number[] = [];
  let spins = 0;
  const waiter = {
    restAboveNs: 1_000_000,
    rest: async (leftNs: number) => {
      rested.push(leftNs);
      clock.set(clock.nowNs() + leftNs - 1_000_000);
    },
    spin: () => {
      spins++;
      clock.set(clock.nowNs() + 250_000);
    },
  };
  const file = write('paced', line(0) + line(10_000_000) + line(10_000_100) + line(10_000_200));
  let frame = 0;
  const { frames } = await play({ files: [file], clock, waiter, pacer: new ScheduledPacer(clock, 2) }, () => {
    if (++frame === 2) clock.set(clock.nowNs() + 9_000_000);
  });
  assert.equal(
    frames.map(([, , t0Ns]) => t0Ns),
    [1_000, 5_001_000, 5_001_050, 5_001_100],
  );
  assert.equal(rested, [5_000_000]);
  assert.is(spins, 4);
});

test('a speed that is no positive number is refused', () => {
  for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => new ScheduledPacer(new ManualClock(), speed), /speed/);
});

test('a missing file is a usage error that names it', async () => {
  const error = await failure({ files: [join(folder, 'absent.gz')] });
  assert.match(error.message, 'absent.gz: no such file');
  assert.is(error.exitCode, EXIT.USAGE);
  assert.is((await failure({ files: [folder] })).exitCode, EXIT.USAGE);
  assert.is((await failure({ files: [] })).exitCode, EXIT.USAGE);
});

test('a cut-off or corrupt gzip file is a data error that names it', async () => {
  let text = '';
  for (let i = 0; i < 5_000; i++) text += line(i * 7919);
  const zipped = gzipSync(text);
  const cut = await failure({ files: [write('cut.gz', zipped.subarray(0, zipped.length - 20))] });
  assert.match(cut.message, /cut\.gz: the gzip stream is cut off/);
  assert.is(cut.exitCode, EXIT.DATA);
  const bad = Uint8Array.from(zipped);
  bad.fill(0xff, 2_000, 2_400);
  const corrupt = await failure({ files: [write('bad.gz', bad)] });
  assert.match(corrupt.message, /bad\.gz: the gzip stream is corrupt/);
  assert.is(corrupt.exitCode, EXIT.DATA);
});

test('a line without time, without JSON, or too long is a data error that names file and line', async () => {
  const bad: [string, string, RegExp][] = [
    ['notime', `${line(0)}\n{"a":1}\n`, /notime:3: expected a 19-digit receive time in ns and a space, found "\{"a":1\}"/],
    ['short', `${line(0)}172316125503031466 {"a":1}\n`, /short:2: expected a 19-digit receive time/],
    ['letters', `17231612550303146x7 {"a":1}\n`, /letters:1: expected a 19-digit receive time/],
    ['nojson', `${line(0)}${line(1)}${FIRST} hello world\n`, /nojson:3: expected a JSON object after the receive time, found/],
    ['half', `${line(0)}${FIRST} {"a":[1,`, /half:2: expected a JSON object/],
    ['endless', `${line(0)}${FIRST} {"a":"${'x'.repeat(1_200_000)}"}\n`, /endless:2: the line is longer than/],
  ];
  for (const [name, content, message] of bad) {
    const error = await failure({ files: [write(name, content)] });
    assert.match(error.message, message);
    assert.is(error.exitCode, EXIT.DATA);
  }
});

const SOCKET = 'wss://host/stream <-> 100.0\n100.5: {"n":1}\n\n102.25: {"n":4}\n102.5: {"n":5}';
const ANSWERS = 'https://host/depth?symbol=A -> 101.0: {"n":2}\nhttps://host/depth?symbol=B -> 102.25: {"n":3}\n\n';

test('cryptofeed recordings given together are one session, merged by receive time; of equal times the file named first comes first', async () => {
  const files = [write('session.http', ANSWERS), write('session.ws', gzipSync(SOCKET))];
  const { frames, events, transport } = await play({ files, framer: new SniffingFramer() });
  assert.equal(
    frames.map(([text, recvNs]) => [text.slice(-7), recvNs]),
    [
      ['{"n":1}', 0],
      ['{"n":2}', 500_000_000],
      ['{"n":3}', 1_750_000_000],
      ['{"n":4}', 1_750_000_000],
      ['{"n":5}', 2_000_000_000],
    ],
  );
  assert.is(frames[1]![0], 'https://host/depth?symbol=A -> 101.0: {"n":2}');
  assert.equal([events, transport.nonMonotonic], [[CONNECTION.CONNECTED, CONNECTION.END], 0]);
  assert.equal(
    transport.digests.map((one) => one.file),
    files,
  );
  const swapped = await play({ files: [files[1]!, files[0]!], framer: new SniffingFramer() });
  assert.equal(
    swapped.frames.map(([text]) => text.slice(-3, -1)),
    [':1', ':2', ':4', ':3', ':5'],
  );
});

test('a capture beside a cryptofeed recording is read after the one before it, and each file is framed by its own first line', async () => {
  const files = [write('a.ws', SOCKET), write('a.txt', `\n${line(0)}${line(1)}`), write('b.http', ANSWERS)];
  assert.equal(
    inputGroups(files),
    files.map((file) => [file]),
  );
  const { frames } = await play({ files, framer: new SniffingFramer() });
  assert.equal(
    frames.map(([text]) => text.slice(-3, -1)),
    [':1', ':4', ':5', ':0', ':1', ':2', ':3'],
  );
});

test('merged lines longer than any chunk come whole and in order', async () => {
  const long = (time: number): string => `${time}: {"pad":"${'x'.repeat(200_000)}","n":${time}}\n`;
  const odd = write('odd.ws', [1, 3, 5, 7].map(long).join(''));
  const even = write('even.ws', [2, 4, 6].map((time) => `${time}: {"n":${time}}\n`).join(''));
  const { frames } = await play({ files: [odd, even], framer: new SniffingFramer() });
  assert.equal(
    frames.map(([text]) => text.slice(-2, -1)),
    ['1', '2', '3', '4', '5', '6', '7'],
  );
});

test('a bad line of a merged file is named by its own file and number', async () => {
  const error = await failure({ files: [write('good.ws', SOCKET), write('bad.ws', '1: {}\n\nhello\n')], framer: new SniffingFramer() });
  assert.match(error.message, /bad\.ws:3: expected "seconds: payload"/);
});

test('what a reader thread merges arrives through its ring with the digests of all files', async () => {
  const files = [write('r.http', ANSWERS), write('r.ws', SOCKET)];
  const ring = allocateByteRing();
  const writer = new ByteRingWriter(ring);
  const source = openGroup(files, 1 << 20, () => {});
  for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) writer.write(chunk, chunk.length);
  writer.endFiles(source.digests(), 0);
  writer.close();
  const reader = new ByteRingReader(ring);
  const { frames, transport } = await play({
    files,
    framer: new SniffingFramer(),
    openInput: (group, onRead) => reader.source(group, onRead),
  });
  assert.equal(
    frames.map(([text]) => text.slice(-3, -1)),
    [':1', ':2', ':3', ':4', ':5'],
  );
  assert.equal(
    transport.digests.map((one) => [one.file, one.bytes]),
    [
      [files[0], ANSWERS.length],
      [files[1], SOCKET.length],
    ],
  );
});

test.run();
