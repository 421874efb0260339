import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CliRig } from '../support/cli.ts';
import { readNpz } from '../support/event-files.ts';

const test = suite('tickpath convert');
let rig: CliRig;
test.before(() => {
  rig = new CliRig(4_000);
});
test.after(() => rig.remove());

test('a capture becomes events, the document says what was done, and replay and book read them', async () => {
  const [out, eod] = [rig.path('tpxusdt_1.npz'), rig.path('tpxusdt_1_eod.npz')];
  const { code, stdout, stderr } = await rig.run([
    'convert',
    '-i',
    rig.capture,
    '-f',
    'binance-usdm',
    '-o',
    out,
    '--snapshot',
    eod,
    '--json',
  ]);
  assert.is(code, 0, stderr);
  const document = JSON.parse(stdout) as Record<string, number> & { kinds: Record<string, number>; snapshot: Record<string, unknown> };
  const { events } = readNpz(out);
  assert.equal([document['rows'], document['symbol'] as unknown, document['frames']], [events.length, 'TPXUSDT', 4_000]);
  assert.is(document['both']! + document['exchange_only']! + document['local_only']!, events.length);
  assert.is(
    Object.values(document.kinds).reduce((sum, one) => sum + one, 0),
    events.length,
  );
  const levels = readNpz(eod).events.length;
  assert.equal(document.snapshot, { out: eod, bids: document.snapshot['bids'], asks: levels - (document.snapshot['bids'] as number) });
  const book = await rig.run(['book', '-i', out, '-f', 'hftbacktest', '--depth', '1', '--every', 'message']);
  assert.is(book.code, 0, book.stderr);
  const original = await rig.run(['book', '-i', rig.capture, '-f', 'binance-usdm', '--depth', '1', '--every', 'message']);
  const topOf = (text: string): number[] => text.trimEnd().split('\n').at(-1)!.split(',').slice(3).map(Number);
  assert.equal(topOf(book.stdout), topOf(original.stdout));
  const replay = await rig.run([
    'replay',
    '-i',
    out,
    '-f',
    'hftbacktest',
    '--config',
    rig.config,
    '--run-dir',
    rig.path('runs'),
    '--run-id',
    'events',
    '--json',
  ]);
  assert.is(replay.code, 0, replay.stderr);
  const { feed } = JSON.parse(readFileSync(rig.path('runs/events/summary.json'), 'utf8')) as { feed: Record<string, number> };
  assert.ok(feed['trade_messages']! > 0 && feed['rejected_frames'] === 0);
});

test('what cannot be converted is one clear error, and no file is left', async () => {
  const broken = rig.write('broken.npz', 'PK\x03\x04');
  const out = rig.path('none.npz');
  const { code, stderr } = await rig.run(['convert', '-i', broken, '-f', 'hftbacktest', '-o', out]);
  assert.equal([code, stderr.split('\n').length, existsSync(out), existsSync(`${out}.part`)], [4, 2, false, false]);
  assert.match(stderr, /broken\.npz: the zip archive is not sound: it has no directory at its end/);
  const name = await rig.run(['convert', '-i', rig.capture, '-o', rig.path('x.csv')]);
  assert.equal([name.code, /expected a name ending in \.npz/.test(name.stderr)], [2, true]);
  const into = await rig.run(['convert', '-i', rig.capture, '-o', rig.path('no/such/folder.npz')]);
  assert.equal([into.code, /no\/such/.test(into.stderr)], [2, true], into.stderr);
});

test('a rejected frame shows, with the exit code for data', async () => {
  const bad = rig.captureWith('bad.txt', rig.lineWith('depthUpdate', 20), (line) => line.replace('"b":[', '"b":[oops'));
  const { code, stderr } = await rig.run(['convert', '-i', bad, '-o', rig.path('bad.npz')]);
  assert.is(code, 4);
  assert.match(stderr, /rows in .*bad\.npz[\s\S]*rejected: bad_json|rejected/);
});

test.run();
