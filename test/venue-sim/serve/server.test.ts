import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { SERVE_CLIENTS_MAX } from '../../../src/core/limits.ts';
import { RecordingServer, type ServeOptions } from '../../../src/venue-sim/serve/server.ts';
import { MADE_KRAKEN_V2, MADE_OKX, MADE_USDM, MadeFolder } from '../../support/made-recordings.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const test = suite('server of a recording');
const folder = new MadeFolder();
test.after(() => folder.remove());

const STEP_MS = 7;
const okx = folder.write('okx.txt', MADE_OKX, 200);
const kraken = folder.write('kraken.txt', MADE_KRAKEN_V2, 50);
const SUBSCRIBE = '{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"},{"channel":"books","instId":"ETH-USDT"}]}';

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turns(1);
};

/** A server on the clock of the test, and what it says. */
async function serving(
  options: Partial<ServeOptions>,
  body: (server: RecordingServer, timers: ManualTimers, notes: string[]) => Promise<void>,
): Promise<void> {
  const timers = new ManualTimers();
  const notes: string[] = [];
  const server = await RecordingServer.listen({
    files: [okx],
    format: 'okx',
    host: '127.0.0.1',
    port: 0,
    speed: 1,
    loop: false,
    clock: timers.clock,
    timers,
    onNote: (text) => notes.push(text),
    ...options,
  });
  try {
    await body(server, timers, notes);
  } finally {
    await server.close();
  }
}

interface Client {
  readonly socket: WebSocket;
  readonly texts: string[];
  readonly closed: number[];
}

async function connect(server: RecordingServer, options: WebSocket.ClientOptions = {}): Promise<Client> {
  const client: Client = { socket: new WebSocket(`ws://${server.address}/ws/v5/public`, options), texts: [], closed: [] };
  client.socket.on('message', (data: Buffer) => client.texts.push(data.toString()));
  client.socket.on('close', (code) => client.closed.push(code));
  client.socket.on('error', () => client.closed.push(-1));
  await new Promise((resolve) => {
    client.socket.once('open', resolve);
    client.socket.once('close', resolve);
  });
  return client;
}

for (const speed of [1, 10]) {
  test(`at speed ${speed} frames come at their recorded times, counted from the first subscription`, () =>
    serving({ speed }, async (server, timers) => {
      timers.pass(1_000);
      await turns(3);
      assert.is(server.playback.frames, 0, 'nobody has subscribed');
      const client = await connect(server);
      client.socket.send(SUBSCRIBE);
      await until(() => server.playback.frames === 1);
      for (let i = 1; i <= 15; i++) {
        timers.pass(STEP_MS);
        await turns(4);
        // Timers have whole milliseconds: what is due within one comes with it.
        const played = 1 + Math.floor((i * STEP_MS * speed) / STEP_MS);
        assert.ok(Math.abs(server.playback.frames - played) <= speed, `${server.playback.frames} frames after ${i * STEP_MS} ms`);
      }
      client.socket.terminate();
    }));
}

test('a client that neither gets nor sends anything is disconnected, and a ping keeps it', () =>
  serving({}, async (server, timers, notes) => {
    const [quiet, talking] = [await connect(server), await connect(server)];
    for (let i = 0; i < 4; i++) {
      timers.pass(7_500);
      talking.socket.send('ping');
      await until(() => talking.texts.length === i + 1);
    }
    await until(() => quiet.closed.length === 1);
    assert.equal([quiet.closed, talking.closed, talking.texts], [[1000], [], ['pong', 'pong', 'pong', 'pong']]);
    assert.ok(notes.includes('client idle for 30000 ms: disconnected'));
    talking.socket.terminate();
  }));

test('a venue that pings disconnects a client that does not answer', () =>
  serving({ files: [folder.write('usdm.txt', MADE_USDM, 20)], format: 'binance-usdm' }, async (server, timers, notes) => {
    const [deaf, polite] = [await connect(server, { autoPong: false }), await connect(server)];
    let pings = 0;
    polite.socket.on('ping', () => pings++);
    for (let i = 1; i <= 4; i++) {
      timers.pass(20_000);
      await until(() => pings === i);
      await turns(3);
    }
    await until(() => deaf.closed.length === 1);
    assert.equal([deaf.closed, polite.closed], [[1006], []]);
    assert.ok(notes.includes('client does not answer pings: disconnected'));
    polite.socket.terminate();
  }));

test('subscribers of Kraken hear a heartbeat each second', () =>
  serving({ files: [kraken], format: 'kraken', speed: 'max' }, async (server, timers) => {
    const client = await connect(server);
    client.socket.send('{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10}}');
    await until(() => server.playback.frames > 10);
    timers.pass(3_000);
    await until(() => client.texts.filter((text) => text === '{"channel":"heartbeat"}').length === 3);
    client.socket.terminate();
  }));

test('there is room for so many clients and no more', () =>
  serving({}, async (server) => {
    const clients = await Promise.all(Array.from({ length: SERVE_CLIENTS_MAX }, () => connect(server)));
    const late = await connect(server);
    assert.equal([late.closed[0], clients.filter((one) => one.closed.length > 0).length], [-1, 0]);
    for (const { socket } of clients) socket.terminate();
  }));

test('only a loopback address is listened on', async () => {
  for (const host of ['0.0.0.0', '::', 'localhost', '10.0.0.1', '127.0.0.1.example.org', '']) {
    let message = '';
    await serving({ host }, async () => {}).catch((error: Error) => (message = error.message));
    assert.match(message, `host ${host}: expected a loopback address, 127.0.0.1 or ::1`);
  }
});

test('a port in use, and a format that no venue speaks, are refused with a reason', async () => {
  await serving({}, async (server) => {
    const port = Number(server.address.split(':')[1]);
    let message = '';
    await serving({ port }, async () => {}).catch((error: Error) => (message = error.message));
    assert.match(message, new RegExp(`^cannot listen on 127.0.0.1 port ${port}: .*EADDRINUSE`));
  });
  let message = '';
  await serving({ format: 'lobster' }, async () => {}).catch((error: Error) => (message = error.message));
  assert.match(message, /^format lobster cannot be served; expected one of: binance-usdm, .*okx,/);
});

test.run();
