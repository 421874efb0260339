import { createSocket } from 'node:dgram';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { ManualClock, monotonicBaseNs, systemClock } from '../../../src/core/time.ts';
import { type MoldUdpOptions, MoldUdpTransport } from '../../../src/feed/transport/mold-udp.ts';
import { isMulticast, openUdp } from '../../../src/feed/transport/udp-socket.ts';
import { MessageStore } from '../../../src/venue-sim/nasdaq/message-store.ts';
import { MoldServer } from '../../../src/venue-sim/nasdaq/mold-server.ts';
import { type PacketFaults, seededFaults } from '../../../src/venue-sim/nasdaq/packet-faults.ts';
import { stock } from '../../support/itch-rig.ts';
import { itchSession } from '../../support/itch-session.ts';
import { freeUdpPort, LiveRig } from '../../support/udp-rig.ts';

const INSTRUMENTS = [stock(0, 'ABC'), stock(1, 'XYZ')];
const HOST = '127.0.0.1';
const MESSAGES = 6_000;

function storeOf(messages: readonly Uint8Array[]): MessageStore {
  const store = new MessageStore();
  for (const message of messages) store.append(message);
  return store;
}

interface Options extends Partial<MoldUdpOptions> {
  readonly faults?: PacketFaults;
  readonly lineCount?: number;
  readonly server?: boolean;
  /** Messages sent before the transport listens. */
  readonly before?: number;
}

const transportOptions = (random: () => number): Omit<MoldUdpOptions, 'lines'> => ({
  clock: systemClock(monotonicBaseNs()),
  random,
  silenceMs: 10_000,
  requestTimeoutMs: 5,
  gapWaitMs: 1,
  recvBufferBytes: 1 << 20,
});

/** Closes what a test that failed left open. */
const opened: (() => Promise<void>)[] = [];
test.after.each(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A server and a transport on loopback that have met. */
async function meet(messages: readonly Uint8Array[], options: Options = {}) {
  const { faults, lineCount = 1, server: hasServer = true, before = 0, ...rest } = options;
  const lines = [];
  for (let i = 0; i < lineCount; i++) lines.push({ address: HOST, port: await freeUdpPort() });
  const store = storeOf(messages);
  const server = new MoldServer({ session: 'LOOP', store, lines, ...(faults === undefined ? {} : { faults }) });
  await server.open();
  await server.publish(before);
  const prng = new Prng(7);
  const transport = new MoldUdpTransport({
    ...transportOptions(() => prng.nextFloat()),
    lines,
    ...(hasServer ? { requests: { address: HOST, port: server.requestPort, interface: HOST } } : {}),
    ...rest,
  });
  const live = new LiveRig(transport, { instruments: INSTRUMENTS });
  await live.connected();
  const close = async (): Promise<void> => {
    await live.stop();
    server.close();
  };
  opened.push(close);
  return { server, transport, live, close };
}

/** Hashes of the books after the messages came without loss. */
async function truth(messages: readonly Uint8Array[]) {
  const { server, live, close } = await meet(messages);
  await server.publish();
  await server.heartbeat();
  await live.until(() => live.books.count('mold_heartbeats') > 0 && live.books.state(0) === 'LIVE' && live.books.state(1) === 'LIVE');
  const hashes = live.hashes();
  assert.ok(hashes.every(([, , , orders]) => orders! > 0));
  await close();
  return hashes;
}

const MADE = itchSession(5, MESSAGES);
const all = MADE.length;
const applied = (live: LiveRig): number => {
  const counters = live.books.feed.counters.snapshot();
  return Object.entries(counters).reduce((sum, [name, value]) => (/^itch_(?!rejected)/.test(name) ? sum + value : sum), 0);
};
const complete = (live: LiveRig) => () => applied(live) === all && [0, 1].every((id) => live.books.state(id) === 'LIVE');

test('a line with loss, copies and late packets gives the books of the line without', async () => {
  const expected = await truth(MADE);
  for (const percent of [1, 5, 20]) {
    const share = percent / 100;
    const faults = seededFaults({ seed: percent, drop: share, duplicate: share, delay: share });
    const { server, transport, live, close } = await meet(MADE, { faults });
    await server.publish();
    for (let told = 0; told < 20; told++) await server.heartbeat();
    await live.until(complete(live));
    assert.equal(live.hashes(), expected, `${percent} %`);
    const counters = transport.counters.snapshot();
    assert.equal([counters['mold_unrecoverable'], live.books.count('mold_missed'), live.books.count('rejected_frames')], [0, 0, 0]);
    assert.ok(counters['mold_recovered']! > 0 && counters['mold_held_packets']! > 0 && counters['mold_duplicate_packets']! > 0);
    await close();
  }
});

test('two lines that lose different packets need a request only where both lost the same', async () => {
  const expected = await truth(MADE);
  const faults = seededFaults({ seed: 3, drop: 0.1 });
  const { server, transport, live, close } = await meet(MADE, { faults, lineCount: 2, gapWaitMs: 2 });
  await server.publish();
  for (let told = 0; told < 20; told++) await server.heartbeat();
  await live.until(complete(live));
  const counters = transport.counters.snapshot();
  assert.equal([live.hashes(), counters['mold_unrecoverable']], [expected, 0]);
  assert.ok(counters['mold_duplicate_packets']! > 60, 'second copies are passed over');
  await close();
});

test('joining within the day rebuilds the books from the first message', async () => {
  const expected = await truth(MADE);
  const { server, transport, live, close } = await meet(MADE, { before: 4_000 });
  await server.publish();
  await server.heartbeat();
  await live.until(complete(live));
  assert.equal([live.hashes(), live.books.count('sessions_joined_late')], [expected, 0]);
  assert.ok(transport.counters.snapshot()['mold_recovered']! >= 3_900);
  assert.ok(live.books.take().includes('SUBSCRIBED_NO_SNAPSHOT>SYNCING SUBSCRIBED'));
  await close();
});

test('a dead request server leaves books GAP with one event; when it answers again they are right', async () => {
  const expected = await truth(MADE);
  let sent = 0;
  const trouble: string[] = [];
  let troubled = (): void => {};
  const told = new Promise<void>((resolve) => {
    troubled = resolve;
  });
  const { server, transport, live, close } = await meet(MADE, {
    faults: (line) => ({ copies: line === 0 && ++sent === 50 ? 0 : 1, delayPackets: 0 }),
    onTrouble: (text) => {
      trouble.push(text);
      troubled();
    },
  });
  server.answering = false;
  await server.publish();
  await told;
  assert.match(trouble[0]!, /^messages from \d+ to before \d+ are missing: no answer to 5 requests; books stay GAP until there is one$/);
  assert.equal(
    live.books.take().filter((text) => text.includes('LIVE>')),
    [0, 1].map(() => 'LIVE>GAP SEQUENCE_GAP').map((text, i) => (i === 1 ? `${text}|` : text)),
  );
  const before = live.hashes();
  assert.equal([live.books.state(0), live.books.state(1), transport.counters.snapshot()['mold_unrecoverable']], ['GAP', 'GAP', 0]);
  await server.heartbeat();
  assert.equal(live.hashes(), before, 'nothing after the gap was handed over');
  server.answering = true;
  await live.until(complete(live));
  assert.equal([live.hashes(), trouble.length], [expected, 1]);
  await close();
});

test('without a request server a lost packet discards the books, and nothing wrong is shown', async () => {
  let sent = 0;
  const { server, live, close } = await meet(MADE, {
    server: false,
    faults: () => ({ copies: ++sent === 50 ? 0 : 1, delayPackets: 0 }),
  });
  await server.publish();
  await server.heartbeat();
  await live.until(() => live.books.state(0) === 'GAP' && live.books.state(1) === 'GAP');
  const log = live.books.take();
  assert.ok(log.findIndex((text) => text.startsWith('LIVE>GAP')) > 0 && !log.some((text) => text.startsWith('GAP>')));
  await close();
});

test('the end of the session reaches the books, also when messages before it were lost', async () => {
  let sent = 0;
  const { server, live, close } = await meet(MADE, {
    faults: (line) => ({ copies: line === 0 && ++sent === 100 ? 0 : 1, delayPackets: 0 }),
  });
  await server.publish();
  await server.end();
  await live.until(() => live.books.count('sessions_ended') === 1);
  assert.equal([live.books.state(0), applied(live)], ['NOT_TRADING', all]);
  await close();
});

test('a multicast group is joined on the interface that is named', async () => {
  const group = { address: '239.192.77.5', port: await freeUdpPort(), interface: HOST };
  try {
    (await openUdp(group, 1 << 16)).close();
  } catch {
    process.stdout.write('skipped: this machine joins no multicast group on its loopback\n');
    return;
  }
  const store = storeOf(MADE.slice(0, 100));
  const server = new MoldServer({ session: 'GROUP', store, lines: [group] });
  await server.open();
  const transport = new MoldUdpTransport({ ...transportOptions(() => 0.5), lines: [group] });
  const live = new LiveRig(transport, { instruments: INSTRUMENTS });
  await live.connected();
  await server.publish();
  await live.until(() => applied(live) === 100);
  await live.stop();
  server.close();
});

test('the receive buffer is set, and less than was asked for is said', async () => {
  const trouble: string[] = [];
  const line = { address: HOST, port: await freeUdpPort() };
  const recvBufferBytes = 1 << 30;
  const transport = new MoldUdpTransport({
    ...transportOptions(() => 0),
    lines: [line],
    recvBufferBytes,
    onTrouble: (text) => trouble.push(text),
  });
  const live = new LiveRig(transport, { instruments: INSTRUMENTS });
  await live.connected();
  const granted = transport.recvBufferGrantedBytes;
  assert.ok(granted > 0);
  const expected = `udp ${HOST}:${line.port}: the kernel gives a receive buffer of ${granted} bytes, ${recvBufferBytes} were asked for`;
  assert.equal(trouble, granted < recvBufferBytes ? [expected] : []);
  await live.stop();
  assert.equal(live.events, [CONNECTION.CONNECTING, CONNECTION.CONNECTED, CONNECTION.DISCONNECTED, CONNECTION.END]);
});

test('an address that cannot be received from is one clear error', async () => {
  const taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind({ address: HOST, port: 0 }, resolve));
  const { port } = taken.address();
  const transport = new MoldUdpTransport({ ...transportOptions(() => 0), lines: [{ address: HOST, port }] });
  const live = new LiveRig(transport, { instruments: INSTRUMENTS });
  await live.done.then(
    () => assert.unreachable(),
    (error: Error) =>
      assert.match(error.message, new RegExp(`^udp ${HOST}:${port}: .*EADDRINUSE.*; expected an address that can be received`)),
  );
  taken.close();
});

test('options that cannot be meant are refused by name', () => {
  const make = (options: Partial<MoldUdpOptions>) => () =>
    new MoldUdpTransport({ clock: new ManualClock(), random: () => 0, silenceMs: 1, lines: [{ address: HOST, port: 1 }], ...options });
  assert.throws(make({ lines: [] }), /at least one line/);
  assert.throws(make({ lines: [{ address: 'example.org', port: 1 }] }), /address example.org: expected an IP address/);
  assert.throws(make({ requests: { address: HOST, port: 70_000 } }), /port 70000/);
  assert.throws(make({ session: 'ELEVEN CHARS' }), /at most 10 characters/);
  assert.equal(['224.0.0.1', '239.255.1.1', '223.1.1.1', '240.0.0.1', 'ff15::1', 'fe80::1', '22.4.0.1'].map(isMulticast), [
    true,
    true,
    false,
    false,
    true,
    false,
    false,
  ]);
});

test.run();
