import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION, type ConnectionEvent, FRAME_TIME, FRAME_TIMES, type FrameHandler, type Transport } from '../../../src/core/ports.ts';
import { FaultyTransport } from '../../../src/venue-sim/faults/faulty-transport.ts';
import { evenFaults, FAULT_KINDS, type FaultPlan, NO_FAULTS } from '../../../src/venue-sim/faults/plan.ts';

const ALWAYS = 1_000_000;
const NAMES = ['CONNECTING', 'CONNECTED', 'DISCONNECTED', 'END'];

/** Sends `{"n":1}`, `{"n":2}`, ... a nanosecond apart. */
class Counting implements Transport {
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  run(handler: FrameHandler): Promise<void> {
    handler.onConnection(CONNECTION.CONNECTED, 0);
    const times = new Float64Array(FRAME_TIMES);
    for (let n = 1; n <= this.count; n++) {
      const bytes = new TextEncoder().encode(`--{"n":${n}}`);
      handler.onFrame(bytes, 2, bytes.length, times.fill(n));
    }
    handler.onConnection(CONNECTION.END, this.count);
    return Promise.resolve();
  }

  stop(): void {}
}

interface Seen {
  readonly log: string[];
  readonly times: number[];
  readonly faulty: FaultyTransport;
}

async function through(plan: Partial<FaultPlan>, count: number): Promise<Seen> {
  const seen: string[] = [];
  const times: number[] = [];
  const onReconnect = (): void => void seen.push('reconnect');
  const faulty = new FaultyTransport(new Counting(count), { plan: { ...NO_FAULTS, seed: 1, ...plan }, onReconnect });
  await faulty.run({
    onFrame: (bytes, start, end, frameTimes) => {
      const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
      seen.push(/^\{"n":\d+\}$/.test(text) && faulty.deliveredIntact ? text.slice(5, -1) : `!${text}`);
      times.push(frameTimes[FRAME_TIME.RECV_NS]!);
    },
    onConnection: (event: ConnectionEvent) => void seen.push(NAMES[event - 1]!),
  });
  return { log: seen.slice(1, -1), times, faulty };
}

const upTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i + 1}`);
const byNumber = (log: readonly string[]): string[] => [...log].sort((a, b) => Number(a) - Number(b));

test('a plan without faults changes nothing', async () => {
  const { log, faulty } = await through({}, 50);
  assert.equal([log, faulty.faults, faulty.messages], [upTo(50), [], 50]);
});

test('drop leaves messages out', async () => {
  const { log, faulty } = await through({ dropPpm: 300_000 }, 100);
  const dropped = new Set(faulty.faults.map(({ message }) => `${message}`));
  assert.ok(dropped.size > 15 && dropped.size < 45);
  assert.equal(
    log,
    upTo(100).filter((n) => !dropped.has(n)),
  );
});

test('duplicate delivers each message again, later by so many as the log says', async () => {
  const { log, faulty } = await through({ duplicatePpm: ALWAYS, delayMessagesMax: 3 }, 40);
  assert.equal(byNumber(log), byNumber([...upTo(40), ...upTo(40)]));
  const [first] = faulty.faults;
  // The copy comes after the messages in between, each of which may have a copy of its own between them.
  assert.ok(log.lastIndexOf('1') > first!.reach);
  assert.equal([...new Set(log)], upTo(40));
});

test('delay holds a message back until so many others were delivered', async () => {
  const { log, faulty } = await through({ delayPpm: 100_000, delayMessagesMax: 5 }, 100);
  assert.equal(byNumber(log), upTo(100));
  assert.ok(faulty.faults.length > 3);
  const alone = faulty.faults.find(({ message }) =>
    faulty.faults.every((other) => other.message === message || Math.abs(other.message - message) > 12),
  )!;
  assert.is(log.indexOf(`${alone.message}`), log.indexOf(`${alone.message + alone.reach}`) + 1);
});

test('reorder turns windows of messages', async () => {
  const { log, faulty } = await through({ reorderPpm: ALWAYS, reorderMessagesMax: 4 }, 60);
  assert.equal(byNumber(log), upTo(60));
  for (const { message, reach } of faulty.faults.slice(0, -1)) {
    const window = log.slice(message - 1, message - 1 + reach);
    assert.equal(byNumber(window), upTo(60).slice(message - 1, message - 1 + reach));
    assert.not.equal(window, byNumber(window));
  }
});

test('truncate leaves a beginning, corrupt changes one to three bytes and no length', async () => {
  const cut = await through({ truncatePpm: ALWAYS }, 30);
  cut.log.forEach((text, i) => {
    assert.ok(`!{"n":${i + 1}}`.startsWith(text) && text.length < `!{"n":${i + 1}}`.length, text);
  });
  const damaged = await through({ corruptPpm: ALWAYS }, 200);
  let changes = 0;
  damaged.log.forEach((text, i) => {
    const before = `!{"n":${i + 1}}`;
    assert.is(text.length, before.length);
    const changed = [...text].filter((letter, at) => letter !== before[at]).length;
    assert.ok(changed <= 3, `${text} of ${before}`);
    changes += changed;
  });
  assert.ok(changes > 200 && changes < 600);
});

test('a cut loses the connection, the messages of it, and what was held back; then the venue begins anew', async () => {
  const { log, faulty } = await through({ cutPpm: 60_000, delayPpm: 200_000, cutMessagesMax: 4, delayMessagesMax: 8 }, 300);
  const cuts = faulty.faults.filter(({ kind }) => kind === 'cut');
  assert.ok(cuts.length > 5);
  for (const { message, reach } of cuts) for (let n = message; n < message + reach; n++) assert.not.ok(log.includes(`${n}`), `${n}`);
  const connections = log.filter((text) => !/^\d+$/.test(text));
  assert.equal(connections.slice(0, 4), ['DISCONNECTED', 'CONNECTING', 'CONNECTED', 'reconnect']);
  assert.is(connections.length, 4 * cuts.length);
  for (const { message, reach } of faulty.faults.filter(({ kind }) => kind === 'delay')) {
    const isLost = cuts.some((one) => one.message > message && one.message <= message + reach);
    assert.is(log.includes(`${message}`), !isLost, `${message}`);
  }
});

test('the same seed does the same, another one does not, and receive times never run backwards', async () => {
  const plan = evenFaults(5, 300_000);
  const [a, b, c] = [await through(plan, 500), await through(plan, 500), await through(evenFaults(6, 300_000), 500)];
  assert.equal([a.log, a.faulty.faults], [b.log, b.faulty.faults]);
  assert.not.equal(a.log, c.log);
  assert.equal(new Set(a.faulty.faults.map(({ kind }) => kind)), new Set(FAULT_KINDS));
  a.times.reduce((before, now) => {
    assert.ok(now >= before);
    return now;
  }, 0);
});

test.run();
