import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { MOLD_COUNTER_SPECS } from '../../../src/feed/transport/mold-counters.ts';
import { type SoupOptions, SoupTransport } from '../../../src/feed/transport/soup.ts';
import { SOUP_COUNTER_SPECS } from '../../../src/feed/transport/soup-counters.ts';
import { itchSoupTransport } from '../../../src/feed/venue/nasdaq-itch/live.ts';
import { MessageStore } from '../../../src/venue-sim/nasdaq/message-store.ts';
import { SoupServer, type SoupServerOptions } from '../../../src/venue-sim/nasdaq/soup-server.ts';
import { itchMessage } from '../../support/itch-messages.ts';
import { stock } from '../../support/itch-rig.ts';
import { itchSession } from '../../support/itch-session.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { projectFile } from '../../support/project.ts';
import { LiveRig } from '../../support/udp-rig.ts';

const INSTRUMENTS = [stock(0, 'ABC'), stock(1, 'XYZ')];
const LOGIN = { username: 'reader', password: 'hunter2' };
const MADE = itchSession(5, 6_000);

/** Lets the event loop turn until `holds`; the runner's time limit ends what never does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const opened: (() => Promise<void>)[] = [];
test.after.each(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Options {
  readonly server?: Partial<SoupServerOptions>;
  readonly client?: Partial<SoupOptions>;
  readonly messages?: readonly Uint8Array[];
}

/** A server whose heartbeats the test sends by `beat`, and a client whose time the test lets pass. */
async function meet(options: Options = {}) {
  const store = new MessageStore();
  for (const message of options.messages ?? MADE) store.append(message);
  const beats = new Set<() => void>();
  const every = (_: number, callback: () => void): (() => void) => {
    beats.add(callback);
    return () => beats.delete(callback);
  };
  const server = new SoupServer({ session: 'DAY1', store, ...LOGIN, every, ...options.server });
  await server.open();
  const timers = new ManualTimers();
  const trouble: string[] = [];
  const transport = new SoupTransport({
    host: '127.0.0.1',
    port: server.port,
    ...LOGIN,
    clock: timers.clock,
    timers,
    random: () => 0.5,
    onTrouble: (text) => trouble.push(text.replace(/^127.0.0.1:\d+: /, '')),
    ...options.client,
  });
  const live = new LiveRig(transport, { instruments: INSTRUMENTS });
  opened.push(async () => {
    transport.stop();
    await live.done.catch(() => {});
    await server.close();
  });
  /** Two: the server was silent since the one before. */
  const beat = (): void => {
    for (let i = 0; i < 2; i++) for (const callback of [...beats]) callback();
  };
  const count = (name: string): number => transport.counters.snapshot()[`soup_${name}`]!;
  return { server, store, transport, live, timers, trouble, beat, count };
}

const isLive = (live: LiveRig): boolean => live.books.state(0) === 'LIVE' && live.books.state(1) === 'LIVE';

/** Hashes of the books after the messages came in one piece. */
async function truth() {
  const { server, live, beat, count } = await meet();
  server.publish();
  await until(() => count('messages') === MADE.length);
  beat();
  await live.until(() => isLive(live));
  assert.ok(live.books.feed.book(0).orders > 0 && live.books.feed.book(1).orders > 0);
  return live.hashes();
}

test('messages come once and in order, however TCP cuts them; books are behind until the server has no more', async () => {
  const expected = await truth();
  const prng = new Prng(4);
  const { server, live, beat, count } = await meet({ server: { pieceBytes: () => 1 + prng.nextInt(300) } });
  server.publish();
  await until(() => count('messages') === MADE.length);
  assert.equal([live.books.state(0), live.books.take()[0]], ['SYNCING', 'DISCONNECTED>CONNECTING NONE']);
  beat();
  await live.until(() => isLive(live));
  assert.equal([live.hashes(), server.logins, count('heartbeats') > 0], [expected, [' 1'], true]);
  assert.equal(
    [live.books.count('mold_seen_before'), live.books.count('mold_missed'), live.books.count('sessions_joined_late')],
    [0, 0, 0],
  );
});

test('a server that cuts the connection twenty times anywhere loses nothing and repeats nothing', async () => {
  const expected = await truth();
  const prng = new Prng(20);
  const cuts = 20;
  // The login accepted has 33 bytes: every connection brings something, and most end within a packet.
  const cutAfterBytes = (number: number): number => (number <= cuts ? 34 + prng.nextInt(12_000) : Number.POSITIVE_INFINITY);
  const { server, live, timers, beat, count } = await meet({ server: { cutAfterBytes, pieceBytes: () => 1 + prng.nextInt(700) } });
  server.publish();
  const reconnect = (): void => {
    if (timers.pending > 1) timers.pass(15_000);
  };
  await until(() => {
    reconnect();
    return count('messages') === MADE.length;
  });
  await until(() => {
    reconnect();
    beat();
    return isLive(live);
  });
  assert.equal([server.connections, count('logins')], [cuts + 1, cuts + 1]);
  assert.equal(live.hashes(), expected);
  assert.equal(
    ['mold_seen_before', 'mold_missed', 'rejected_frames', 'sessions', 'book_gaps'].map((name) => live.books.count(name)),
    [0, 0, 0, 1, 0],
  );
  const asked = server.logins.map((text) => Number(text.split(' ')[1]));
  assert.equal(
    server.logins.slice(1).every((text) => text.startsWith('DAY1 ')),
    true,
  );
  assert.ok(asked.every((number, i) => i === 0 || number >= asked[i - 1]!));
});

test('live books that lose their connection are GAP until what was missed has come', async () => {
  const { server, live, timers, trouble, beat, count } = await meet();
  server.publish(3_000);
  await until(() => count('messages') === 3_000);
  beat();
  await live.until(() => isLive(live));
  live.books.take();
  server.cut();
  await live.until(() => !isLive(live));
  assert.equal(live.books.take(), ['LIVE>GAP SEQUENCE_GAP', 'LIVE>GAP SEQUENCE_GAP|']);
  assert.equal(trouble, ['the connection is closed']);
  server.publish();
  timers.pass(100);
  await until(() => count('messages') === MADE.length);
  assert.equal([live.books.state(0), server.logins.at(-1)], ['GAP', 'DAY1 3001']);
  beat();
  await live.until(() => isLive(live));
  assert.equal(live.hashes(), await truth());
});

test('a message of the present ends being behind, one of the past does not', async () => {
  const timers = new ManualTimers();
  // 2023-08-22 14:30:00 UTC is 10:30 in New York.
  const baseEpochNs = 1_692_714_600_000_000_000n;
  const opening = MADE.slice(0, 5);
  const add = (ref: number, timeNs: number): Uint8Array =>
    itchMessage('A', { stock: 'ABC', locate: 1, side: 'B', ref, shares: 1, price: 1_000 + ref, timeNs });
  const nowNs = 37_800e9;
  const messages = [...opening, add(1, nowNs - 5e9), add(2, nowNs - 1e9), add(3, nowNs + 1e9), add(4, nowNs - 0.999e9)];
  const { server } = await meet({ messages });
  const transport = itchSoupTransport(
    { host: '127.0.0.1', port: server.port, ...LOGIN },
    { clock: timers.clock, timers, baseEpochNs, random: () => 0.5 },
  );
  const live = new LiveRig(transport, { instruments: INSTRUMENTS, baseEpochNs });
  opened.push(() => live.stop());
  server.publish(messages.length - 1);
  await live.until(() => live.books.feed.frames === messages.length - 1);
  assert.is(live.books.state(0), 'SYNCING');
  server.publish();
  await live.until(() => isLive(live));
  assert.is(live.books.feed.book(0).orders, 4);
});

test('a login that is not authorised ends the run with a clear error, and is not tried again', async () => {
  const { server, live, timers, trouble } = await meet({ client: { password: 'wrong-pass' } });
  await live.done.then(
    () => assert.unreachable(),
    (error: Error & { code: string }) => {
      assert.is(error.code, 'ERR_SOUP_LOGIN');
      assert.match(error.message, /^127.0.0.1:\d+: the login is rejected, not authorised \(A\); check user name and password$/);
    },
  );
  assert.equal([timers.pending, server.connections, trouble], [0, 1, []]);
  assert.is(live.events.at(-1), CONNECTION.END);
});

test('a session that is not available is told and asked for again', async () => {
  const { server, live, timers, trouble, beat } = await meet({ client: { session: 'DAY2' } });
  await until(() => timers.pending > 1);
  assert.equal(trouble, ['the login is rejected, the session DAY2 is not available (S)', 'the connection is closed']);
  timers.pass(100);
  await until(() => server.logins.length === 2);
  assert.equal([server.logins, live.books.state(0)], [['DAY2 1', 'DAY2 1'], 'CONNECTING']);
  beat();
});

test('the next session is followed from its start when the one before is gone', async () => {
  const { server, live, timers, trouble, beat, count } = await meet();
  server.publish();
  await until(() => count('messages') === MADE.length);
  const { port } = server;
  await server.close();
  const store = new MessageStore();
  for (const message of MADE.slice(0, 100)) store.append(message);
  const next = new SoupServer({ session: 'DAY2', store, ...LOGIN, port, every: () => () => {} });
  await next.open();
  opened.push(() => next.close());
  next.publish();
  await until(() => timers.pending > 1);
  timers.pass(15_000);
  await until(() => timers.pending > 1);
  assert.ok(trouble.includes('the login is rejected, the session DAY1 is not available (S)'));
  timers.pass(15_000);
  await until(() => count('messages') === MADE.length + 100);
  assert.equal([next.logins, live.books.count('sessions_joined_late')], [[`DAY1 ${MADE.length + 1}`, ' 1'], 0]);
  assert.ok(live.books.feed.book(0).orders < 100);
  beat();
});

test('a client that has nothing to send is heard each second, and a server that is silent for fifteen is left', async () => {
  const { server, live, timers, trouble, count } = await meet();
  server.publish(10);
  await until(() => count('messages') === 10);
  for (let second = 1; second <= 14; second++) {
    timers.pass(1_000);
    await until(() => server.clientHeartbeats === second);
  }
  assert.equal(trouble, []);
  timers.pass(1_000);
  await until(() => timers.pending > 1);
  assert.equal([trouble, count('silences')], [['nothing came for 15000 ms', 'the connection is closed'], 1]);
  timers.pass(100);
  await until(() => count('logins') === 2);
  assert.is(server.logins.at(-1), 'DAY1 11');
  assert.ok(!live.events.includes(CONNECTION.DISCONNECTED));
});

test('the end of the session ends the run', async () => {
  const { server, live, count } = await meet();
  server.publish();
  server.end();
  await live.done;
  assert.equal([live.books.count('sessions_ended'), live.books.count('mold_missed'), count('messages')], [1, 0, MADE.length]);
  assert.ok(live.books.take().some((text) => text.startsWith('SYNCING>LIVE')));
});

test('debug packets are told without what is secret', async () => {
  const { server, count, trouble } = await meet();
  server.publish(1);
  await until(() => count('messages') === 1);
  server.debug(`hello ${LOGIN.password}\n`);
  await until(() => count('debug_packets') === 1);
  assert.equal(trouble, ['the server says: hello ***?']);
});

test('bytes that are no SoupBinTCP are one clear error, and the connection is made again', async () => {
  const { server, trouble, timers, count } = await meet();
  await until(() => count('logins') === 1);
  for (const [bytes, what] of [
    [[0, 1, 0x58], 'a packet of a type that servers do not send; expected +, A, J, S, H or Z'],
    [[0, 0], 'a packet of length 0; expected at least a type'],
    [[0, 5, 0x48], 'a packet of another length than its type has'],
    [[0, 2, 0x4a, 0x41], 'a packet of type J after the login was accepted'],
  ] as const) {
    const logins = count('logins');
    trouble.length = 0;
    server.raw(Uint8Array.from(bytes));
    await until(() => timers.pending > 1);
    assert.equal(trouble, [`protocol error: ${what}`, 'the connection is closed']);
    timers.pass(15_000);
    await until(() => count('logins') === logins + 1);
  }
  assert.is(count('errors'), 4);
});

test('the page of the venue lists every counter of its transports', () => {
  const page = readFileSync(projectFile('docs/venues/nasdaq-itch.md'), 'utf8');
  for (const { name } of [...MOLD_COUNTER_SPECS, ...SOUP_COUNTER_SPECS]) assert.ok(page.includes(`| \`${name}\` |`), name);
});

test('no text of the transport holds the password', () => {
  const transport = new SoupTransport({ host: 'h', port: 1, ...LOGIN, clock: new ManualTimers().clock, random: () => 0 });
  assert.not.match(inspect(transport, { depth: 9, showHidden: true }), /hunter2/);
});

test.run();
