import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { VenueConnection } from '../../../src/feed/transport/connection.ts';
import { fetchBody, RestRefusal } from '../../../src/feed/transport/rest.ts';
import { SnapshotFetches } from '../../../src/feed/transport/snapshot-fetches.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Rig {
  readonly timers = new ManualTimers();
  readonly asked: string[] = [];
  readonly delivered: string[] = [];
  readonly sent: string[] = [];
  readonly troubles: string[] = [];
  /** What the next requests are answered with; a snapshot when there is nothing. */
  readonly errors: Error[] = [];
  readonly fetches: SnapshotFetches;

  constructor(venue: Partial<VenueConnection> = {}) {
    const fetchSnapshot = (instrument: number): Promise<Uint8Array> => {
      this.asked.push(`${instrument} at ${this.ms}`);
      const error = this.errors.shift();
      return error === undefined ? Promise.resolve(Uint8Array.of(instrument)) : Promise.reject(error);
    };
    this.fetches = new SnapshotFetches({
      venue: { url: '', fetchSnapshot, ...venue },
      clock: this.timers.clock,
      timers: this.timers,
      random: () => 0.5,
      deliver: (frame) => this.delivered.push(`${frame[0]} at ${this.ms}`),
      send: (texts) => this.sent.push(...texts.map(String)),
      onTrouble: (text) => this.troubles.push(text),
    });
  }

  get ms(): number {
    return Math.floor(this.timers.clock.nowNs() / 1e6);
  }

  /** Lets time pass millisecond by millisecond, so that answers arrive when they are given. */
  async pass(ms: number, step = ms): Promise<void> {
    for (let i = 0; i < ms; i += step) {
      this.timers.pass(step);
      await turn();
    }
  }
}

test('a snapshot is fetched at once, the next ones with growing delays, and after a calm at once again', async () => {
  const rig = new Rig();
  for (let i = 0; i < 4; i++) {
    rig.fetches.request(0);
    rig.fetches.request(0);
    await rig.pass(500, 1);
  }
  assert.equal(rig.asked, ['0 at 0', '0 at 550', '0 at 1100', '0 at 1700']);
  await rig.pass(11_000);
  rig.fetches.request(0);
  await rig.pass(1);
  assert.match(rig.asked.at(-1)!, /^0 at 130\d\d$/);
});

test('a venue that asks to wait is left alone by every instrument until then', async () => {
  const rig = new Rig();
  rig.errors.push(new RestRefusal('status 429', 7_000));
  rig.fetches.request(0);
  await rig.pass(10, 1);
  rig.fetches.request(1);
  await rig.pass(6_980, 20);
  assert.is(rig.asked.length, 1);
  assert.equal([rig.delivered, rig.troubles.length], [[], 1]);
  await rig.pass(200, 1);
  const times = rig.asked.map((text) => Number(text.split(' at ')[1]));
  assert.is(rig.asked.length, 3);
  assert.ok(times[1]! >= times[0]! + 7_000 && times[2]! >= times[0]! + 7_000, `${times}`);
  assert.is(rig.delivered.length, 2);
});

test('a failure is tried again with a delay and told', async () => {
  const rig = new Rig();
  rig.errors.push(new Error('no such host'), new Error('no such host'));
  rig.fetches.request(3);
  await rig.pass(400, 1);
  assert.is(rig.asked.length, 3);
  assert.equal(rig.troubles, ['snapshot of instrument 3: no such host', 'snapshot of instrument 3: no such host']);
  assert.is(rig.delivered.length, 1);
});

test('requests keep within the budget of the venue', async () => {
  const rig = new Rig({ requests: { count: 2, perMs: 1_000 } });
  for (let instrument = 0; instrument < 5; instrument++) rig.fetches.request(instrument);
  await rig.pass(2_100, 1);
  const times = rig.asked.map((text) => Math.floor(Number(text.split(' at ')[1]) / 1_000));
  assert.equal(times, [0, 0, 1, 1, 2]);
});

test('what is under way is forgotten with its connection', async () => {
  const rig = new Rig();
  rig.fetches.request(0);
  rig.timers.pass(0);
  rig.fetches.forget();
  await turn();
  assert.is(rig.asked.length, 1);
  assert.equal(rig.delivered, []);
});

test('a snapshot of the stream is asked for by messages, again and again with growing delays', async () => {
  const rig = new Rig({ fetchSnapshot: undefined as never, resubscribe: (instrument) => [`leave ${instrument}`, `join ${instrument}`] });
  rig.fetches.request(2);
  await rig.pass(1);
  assert.equal(rig.sent, ['leave 2', 'join 2']);
  rig.fetches.request(2);
  await rig.pass(49, 1);
  assert.is(rig.sent.length, 2);
  await rig.pass(2, 1);
  assert.is(rig.sent.length, 4);
});

test('what a venue says of when to ask again is read from its answer', async () => {
  const answers: [status: number, headers: Record<string, string>][] = [
    [429, { 'retry-after': '3' }],
    [503, { 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT', date: 'Tue, 24 Nov 2026 12:00:00 GMT' }],
    [418, {}],
    [429, { 'retry-after': 'soon' }],
    [403, {}],
    [429, { 'retry-after': '999999999' }],
    [500, {}],
  ];
  const server = createServer((_, response) => {
    const [status, headers] = answers.shift() ?? [200, {}];
    response.writeHead(status, headers).end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/depth`;
  const { signal } = new AbortController();
  const waits: unknown[] = [];
  for (let i = 0; i < 7; i++) {
    await fetchBody(url, signal).catch((error: unknown) => waits.push(error instanceof RestRefusal ? error.waitMs : String(error)));
  }
  assert.equal(waits, [3_000, 30_000, 120_000, 60_000, 600_000, 259_200_000, `Error: ${url}: status 500`]);
  assert.is(new TextDecoder().decode(await fetchBody(url, signal)), 'body');
  let long = '';
  await fetchBody(url, signal, 3).catch((error: unknown) => (long = String(error)));
  assert.is(long, `Error: ${url}: 4 bytes; expected at most 3`);
  server.close();
});

test.run();
