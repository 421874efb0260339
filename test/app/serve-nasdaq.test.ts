import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveMold, serveSoup } from '../../src/app/serve-nasdaq.ts';
import { monotonicBaseNs, systemClock } from '../../src/core/time.ts';
import { ItchFeed } from '../../src/feed/venue/nasdaq-itch/feed.hot.ts';
import { type ItchLivePorts, itchMoldTransport, itchSoupTransport } from '../../src/feed/venue/nasdaq-itch/live.ts';
import { MessageStore } from '../../src/venue-sim/nasdaq/message-store.ts';
import { Playback } from '../../src/venue-sim/nasdaq/playback.ts';
import { itchMessage } from '../support/itch-messages.ts';
import { OrderRig, stock } from '../support/itch-rig.ts';
import { itchSession } from '../support/itch-session.ts';
import { moldPacketOf, pcapFile, udpFrame } from '../support/packets.ts';
import { freeUdpPort, LiveRig } from '../support/udp-rig.ts';

const HOST = '127.0.0.1';
const INSTRUMENTS = [stock(0, 'ABC'), stock(1, 'XYZ')];
const MADE = itchSession(9, 1_000);

const test = suite('serving a recorded session');
let folder = '';
let binaryFile = '';
let capture = '';

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-serve-'));
  binaryFile = join(folder, 'S010203-v50.bin');
  capture = join(folder, 'capture.pcap');
  writeFileSync(binaryFile, Buffer.concat(MADE.flatMap((one) => [Uint8Array.of(0, one.length), one])));
  const packets: Uint8Array[] = [];
  for (let i = 0; i < MADE.length; i += 10) packets.push(moldPacketOf(i + 1, MADE.slice(i, i + 10), 'CAPTURED'));
  // A copy of each packet, another session and bytes that are no packet: none of it is served.
  const all = packets.flatMap((one) => [one, one, moldPacketOf(1, [MADE[0]!], 'OTHER'), one.subarray(0, one.length - 1)]);
  writeFileSync(
    capture,
    pcapFile(
      all.map((bytes, i) => ({ seconds: 1_700_000_000, fraction: i, bytes: udpFrame(bytes) })),
      true,
      true,
    ),
  );
});
test.after(() => rmSync(folder, { recursive: true }));

const ports = (): ItchLivePorts => ({
  clock: systemClock(monotonicBaseNs()),
  baseEpochNs: 1_700_000_000_000_000_000n,
  random: () => 0.5,
});

test('a BinaryFILE and a capture reach the books over MoldUDP64 with loss, and over SoupBinTCP, alike', async () => {
  const hashes: unknown[] = [];
  for (const [format, file] of [
    ['itch', binaryFile],
    ['mold-pcap', capture],
  ] as const) {
    const line = { address: HOST, port: await freeUdpPort() };
    const login = { username: 'reader', password: 'secret' };
    const faults = { seed: 1, drop: 0.05 };
    // The receiver is there first: it must know where requests go.
    const requestPort = await freeUdpPort();
    const mold = itchMoldTransport({ lines: [line], requests: { address: HOST, port: requestPort, interface: HOST } }, ports(), 10_000);
    const overUdp = new LiveRig(mold, { instruments: INSTRUMENTS });
    await overUdp.connected();
    const served = await serveMold({ files: [file], format, lines: [line], requestPort, faults });
    await overUdp.until(() => overUdp.books.count('sessions_ended') === 1);
    await served.done;
    await overUdp.stop();
    await served.close();
    const soup = await serveSoup({ files: [file], format, ...login });
    const overTcp = new LiveRig(itchSoupTransport({ host: HOST, port: soup.port, ...login }, ports()), { instruments: INSTRUMENTS });
    await overTcp.done;
    await soup.close();
    assert.equal([served.messages, served.port, soup.messages], [MADE.length, requestPort, MADE.length]);
    assert.ok(mold.counters.snapshot()['mold_recovered']! > 0);
    for (const live of [overUdp, overTcp]) {
      assert.equal([live.books.count('mold_missed'), live.books.count('rejected_frames')], [0, 0]);
      hashes.push(live.hashesAtEnd.map(([orders, levels]) => [orders, levels]));
    }
  }
  const direct = new OrderRig((options) => new ItchFeed(options), { instruments: INSTRUMENTS }).connect();
  for (const message of MADE) direct.send(message);
  const expected = INSTRUMENTS.map(({ id }) => [direct.feed.book(id).ordersHash(), direct.feed.book(id).hash()]);
  assert.ok(direct.feed.book(0).orders > 0 && direct.feed.book(1).orders > 0);
  assert.equal(hashes, [expected, expected, expected, expected]);
});

test('a file without a message is one clear error', async () => {
  const empty = join(folder, 'empty.pcap');
  writeFileSync(empty, pcapFile([], true, true));
  await serveMold({ files: [empty], format: 'mold-pcap', lines: [] }).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, `${empty}: no message; expected Nasdaq TotalView-ITCH 5.0`),
  );
});

test('a session that is too large to serve is one clear error', () => {
  const store = new MessageStore(100_000);
  for (let i = 0; i < 100; i++) store.append(new Uint8Array(1_000).fill(i));
  assert.equal([store.count, store.message(100)[0], store.message(1).length], [100, 99, 1_000]);
  assert.throws(() => store.append(Uint8Array.of(1)), /a session of more than 100000 bytes; serve a part of it/);
});

test('messages are due by their own times', () => {
  const store = new MessageStore();
  for (const timeNs of [5e9, 6e9, 6e9, 5.5e9, 9e9]) store.append(itchMessage('S', { event: 'O', timeNs }));
  const playback = new Playback(store, 2);
  assert.equal(
    [playback.due(0), playback.due(0.4e9), playback.due(0.5e9), playback.finished, playback.due(2e9), playback.finished],
    [1, 1, 4, false, 5, true],
  );
  assert.is(new Playback(store, 0).due(0), 5);
});

test.run();
