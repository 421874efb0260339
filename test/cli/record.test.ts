import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instrumentFromText } from '../../src/core/instrument.ts';
import { CONNECTION } from '../../src/core/ports.ts';
import { nodeDisk } from '../../src/feed/segment/disk.ts';
import type { RunSummary } from '../../src/report/summary.ts';
import { type CliResult, CliRig } from '../support/cli.ts';
import { openRecording } from '../support/recording-rig.ts';
import { SessionVenue } from '../support/session-venue.ts';

const LOOK_EVERY_MS = 5;
const rig = new CliRig(3_000);
const venue = await SessionVenue.listen(rig.lines);
test.after(async () => {
  for (const end of ends) await end();
  rig.remove();
  await venue.close();
});

/** What is left running. */
const ends: (() => Promise<void>)[] = [];

function configText(host: string, more = ''): string {
  return `venue: binance-usdm
instruments:
  TPXUSDT: { tick_size: 0.10, lot_size: 0.001 }
connection: { stream: "ws://${host}", rest: "http://${host}" }
${more}`;
}

const segmentsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('.tpr'));

/** Records into a folder of the rig until its segments hold `bytes` in all, then sends `signal`. */
function record(config: string, out: string, bytes: number, signal: NodeJS.Signals): Promise<CliResult> {
  const folder = rig.path(out);
  mkdirSync(folder, { recursive: true });
  const size = (): number => segmentsIn(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const before = size();
  return rig.run(['record', '--config', config, '--out', out, '--json'], {
    onStart: (child) => {
      const timer = setInterval(() => {
        if (size() - before < bytes) return;
        clearInterval(timer);
        // The launcher becomes the process that records, so its id is the one to end.
        child.kill(signal);
      }, LOOK_EVERY_MS);
      child.on('close', () => clearInterval(timer));
    },
  });
}

/** Lines of `tickpath book`, without frame number and local time. */
async function bookLines(format: string, files: readonly string[]): Promise<{ lines: string[]; stderr: string; code: number | null }> {
  const { code, stdout, stderr } = await rig.run(['book', '--format', format, '--symbol', 'TPXUSDT', '--input', ...files]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, exchangeNs, , ...levels] = line.split(',');
      return [exchangeNs, ...levels].join(',');
    });
  return { lines, stderr, code };
}

test('a recorder killed in the middle is started again, and its recording gives the books of the frames served', async () => {
  const config = rig.write('record.yaml', configText(venue.host));
  const killed = await record(config, 'killed', venue.bytes / 2, 'SIGKILL');
  assert.is(killed.code, null);
  assert.is(killed.stdout, '');
  const folder = rig.path('killed');
  const [first] = segmentsIn(folder);
  const open = await bookLines('tickpath', [join(folder, first!)]);
  assert.match(
    open.stderr,
    /data: .*: (has no closing record|the last \d+ bytes, from byte \d+ on, are no whole record): the recorder was stopped/,
  );
  assert.is(open.code, 0);

  const again = await record(config, 'killed', venue.bytes + 30 * venue.frameCount - 20_000, 'SIGINT');
  assert.is(again.code, 130, again.stderr);
  assert.match(again.stderr, /record: .*000001-.*: the recorder was stopped in this segment;.* \d+ records are whole/);
  const document = JSON.parse(again.stdout) as {
    frames: number;
    segments: number;
    lost_frames: number;
    interrupted: boolean;
    books: object;
  };
  assert.ok(document.frames > venue.frameCount / 2 && document.frames <= venue.frameCount + 3, `${document.frames} frames`);
  assert.equal([document.segments, document.lost_frames, document.interrupted], [1, 0, true]);
  assert.equal(document.books, { TPXUSDT: 'LIVE' });

  const files = segmentsIn(folder).sort();
  assert.equal(
    files.map((name) => name.slice(0, 7)),
    ['000001-', '000002-'],
  );
  const served = await bookLines('binance-usdm', [rig.capture]);
  const recorded = await bookLines(
    'tickpath',
    files.map((name) => join(folder, name)),
  );
  assert.is(recorded.code, 0, recorded.stderr);
  assert.not.match(recorded.stderr, /the recorder was stopped/);
  // The session was served twice: its lines come twice, each time from where the book became LIVE on.
  const starts = recorded.lines.flatMap((line, i) => (i > 0 && timeOf(line) < timeOf(recorded.lines[i - 1]!) ? [i] : []));
  assert.is(starts.length, 1);
  for (const part of [recorded.lines.slice(0, starts[0]), recorded.lines.slice(starts[0])]) {
    const shared = part.filter((line) => timeOf(line) >= timeOf(served.lines[0]!));
    assert.ok(shared.length > 50, `${shared.length} lines`);
    assert.equal(shared, served.lines.slice(0, shared.length));
  }
});

function timeOf(line: string): bigint {
  return BigInt(line.slice(0, line.indexOf(',')));
}

test("a recording served in Tickpath's protocol and recorded from there gives the same books", async () => {
  let address = '';
  const heard = new Promise<void>((resolve) => {
    const serving = rig.run(['serve', '--input', rig.capture, '--protocol', 'tickpath', '--speed', 'max', '--json', '--quiet'], {
      onStart: (child) => {
        child.stdout!.on('data', (text: string) => {
          address += text;
          if (address.trimEnd().endsWith('}')) resolve();
        });
        ends.push(async () => {
          child.kill('SIGINT');
          assert.is((await serving).code, 130);
        });
      },
    });
  });
  await heard;
  const { stream_base: base } = JSON.parse(address) as { stream_base: string };
  const config = rig.write(
    'own.yaml',
    `venue: tickpath\ninstruments:\n  TPXUSDT: { tick_size: 0.10, lot_size: 0.001 }\nconnection: { stream: "${base}" }\n`,
  );
  const { code, stderr } = await record(config, 'own', 60_000, 'SIGTERM');
  assert.is(code, 130, stderr);
  const recorded = await bookLines(
    'tickpath',
    segmentsIn(rig.path('own')).map((name) => join(rig.path('own'), name)),
  );
  assert.is(recorded.code, 0, recorded.stderr);
  const served = (await bookLines('binance-usdm', [rig.capture])).lines;
  assert.ok(recorded.lines.length > 50, `${recorded.lines.length} lines`);
  let at = 0;
  // The first is the snapshot, which has a time of its own.
  for (const line of recorded.lines.slice(1)) {
    at = served.indexOf(line, at) + 1;
    assert.ok(at > 0, `${line.slice(0, 60)} is a book of the recording`);
  }
});

test('replay decides on a recording what it decides on a capture of the same frames', async () => {
  const epochNs = (line: string): bigint => BigInt(line.slice(0, 19));
  const baseEpochNs = epochNs(rig.lines[0]!);
  const folder = rig.path('decided');
  mkdirSync(folder);
  const instruments = [instrumentFromText(0, { symbol: 'TPXUSDT', tickSize: '0.10', lotSize: '0.001' })];
  const writer = openRecording(nodeDisk, { folder, instruments, baseEpochNs, segmentBytesMax: 300_000 });
  writer.connectionChanged(CONNECTION.CONNECTED, 0, '');
  for (const line of rig.lines) {
    const bytes = new TextEncoder().encode(line.slice(20));
    writer.frame(bytes, 0, bytes.length, Number(epochNs(line) - baseEpochNs));
  }
  await writer.close(1e12);
  const segments = segmentsIn(folder)
    .sort()
    .map((name) => join(folder, name));
  const runs = [
    await rig.replay('capture', ['--json']),
    await rig.replay('recording', ['--json', '--format', 'tickpath', '--input', ...segments.slice(1)], segments[0]!),
    await rig.replay(
      'pipeline',
      ['--json', '--topology', 'pipeline', '--format', 'tickpath', '--input', ...segments.slice(1)],
      segments[0]!,
    ),
  ];
  assert.ok(segments.length > 2);
  const [capture, ...recordings] = runs.map(({ code, stdout, stderr }) => {
    assert.is(code, 0, stderr);
    return (JSON.parse(stdout) as RunSummary).journal;
  });
  assert.ok(capture!.records > 100);
  for (const journal of recordings) assert.equal(journal, capture);
});

test('a recording ends by itself after --for, with 0, a closed segment and a manifest', async () => {
  const config = rig.write('for.yaml', configText(venue.host, 'record: { compress: gzip, sync_ms: 0 }\n'));
  const { code, stderr, stdout } = await rig.run(['record', '--config', config, '--out', 'timed', '--for', '0.4s']);
  assert.is(code, 0, stderr);
  assert.is(stdout, '');
  assert.match(stderr, /timed: [\d,]+ frames in 1 segment\(s\), [\d,]+ bytes, [\d.]+ s, 0 reconnects; TPXUSDT /);
  const manifest = JSON.parse(readFileSync(rig.path('timed/manifest.json'), 'utf8')) as { segments: { file: string; closed: string }[] };
  assert.equal(
    manifest.segments.map((one) => one.closed),
    ['clean'],
  );
  assert.match(manifest.segments[0]!.file, /\.tpr\.gz$/);
});

test('a venue that cannot be reached is said once an attempt, and the recording holds the attempts', async () => {
  const closed = await SessionVenue.listen(rig.lines);
  const { host } = closed;
  await closed.close();
  const config = rig.write('nobody.yaml', configText(host));
  const { code, stderr } = await rig.run(['record', '--config', config, '--out', 'nobody', '--for', '0.3s']);
  assert.is(code, 0, stderr);
  assert.match(stderr, /record: ws:\/\/127\.0\.0\.1:\d+\/stream\?streams=\S+: connect ECONNREFUSED/);
  assert.match(stderr, /0 frames in 1 segment\(s\).*TPXUSDT (DISCONNECTED|CONNECTING)/);
});

test('a folder that cannot be written to is a usage error with one message', async () => {
  rig.write('occupied', 'a file');
  const config = rig.write('occupied.yaml', configText(venue.host));
  const { code, stderr } = await rig.run(['record', '--config', config, '--out', 'occupied/below', '--for', '5s']);
  assert.is(code, 2, stderr);
  assert.match(stderr, /occupied\/below: no folder to record into \(ENOTDIR/);
});

test.run();
