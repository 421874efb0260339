import type { AddressInfo } from 'node:net';
import { createServer, type Server as TcpServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type WebSocket, WebSocketServer } from 'ws';
import { CONNECTION, type ConnectionEvent } from '../../../src/core/ports.ts';
import { WsTransport, type WsTransportOptions } from '../../../src/feed/transport/ws.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const test = suite('life of a websocket connection');

const NAMES = new Map<number, string>(Object.entries(CONNECTION).map(([name, value]) => [value, name.toLowerCase()]));

/** A websocket server that only does what a test tells it to, and a transport on it; time stands until the test moves it. */
class Rig {
  readonly timers = new ManualTimers();
  readonly server: WebSocketServer;
  readonly clients: WebSocket[] = [];
  readonly transport: WsTransport;
  /** Connection events and frames, in order. */
  readonly log: string[] = [];
  readonly troubles: string[] = [];
  /** What clients said, by connection. */
  readonly heard: string[][] = [];
  private readonly done: Promise<void>;

  static async use(options: Partial<WsTransportOptions>, body: (rig: Rig) => Promise<void>, port?: number): Promise<void> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    const rig = new Rig(server, options, port);
    try {
      await body(rig);
    } finally {
      rig.transport.stop();
      await rig.done;
      for (const client of server.clients) client.terminate();
      server.close();
    }
  }

  private constructor(server: WebSocketServer, options: Partial<WsTransportOptions>, port?: number) {
    this.server = server;
    server.on('connection', (client) => {
      const heard: string[] = [];
      this.heard.push(heard);
      this.clients.push(client);
      client.on('message', (data: Buffer) => heard.push(data.toString()));
      client.on('ping', () => heard.push('a ping'));
    });
    this.transport = new WsTransport({
      url: `ws://127.0.0.1:${port ?? (server.address() as AddressInfo).port}`,
      clock: this.timers.clock,
      timers: this.timers,
      random: () => 0.5,
      silenceMs: 1e9,
      onTrouble: (text) => this.troubles.push(text),
      ...options,
    });
    this.done = this.transport.run({
      onFrame: (bytes, start, end) => this.log.push(new TextDecoder().decode(bytes.subarray(start, end))),
      onConnection: (event: ConnectionEvent) => this.log.push(NAMES.get(event)!),
    });
  }

  /** Lets the event loop turn until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits until connection `number`, from 1, is up on both ends. */
  async connected(number: number): Promise<WebSocket> {
    await this.until(() => this.transport.connections === number && this.clients.length === number);
    return this.clients[number - 1]!;
  }
}

test('a venue that announces its end is left for a connection that was opened before', () =>
  Rig.use({ reactions: [{ holds: '"e":"serverShutdown"', replaces: true }] }, async (rig) => {
    const first = await rig.connected(1);
    first.send('one');
    first.send('{"e":"serverShutdown","E":1}');
    first.send('two');
    await rig.connected(2);
    first.send('of the old one');
    rig.clients[1]!.send('three');
    await rig.until(() => rig.log.at(-1) === 'three');
    const [before, after] = [rig.log.indexOf('disconnected'), rig.log.indexOf('{"e":"serverShutdown","E":1}')];
    assert.ok(after < before);
    assert.equal(rig.log.slice(before), ['disconnected', 'connecting', 'connected', 'three']);
    assert.equal(rig.transport.reconnects.byCause, { closed: 0, failed: 0, silent: 0, aged: 0, announced: 1, asked: 0 });
    assert.is(rig.transport.reconnects.downNs, 0);
    assert.match(rig.troubles.join(), 'serverShutdown');
  }));

test('a connection is replaced before the venue ends it for its age, and so is the next one', () =>
  Rig.use({ lifeMs: 1_000_000 }, async (rig) => {
    await rig.connected(1);
    rig.timers.pass(969_999);
    assert.is(rig.transport.reconnects.total, 0);
    rig.timers.pass(1);
    await rig.connected(2);
    rig.timers.pass(970_000);
    await rig.connected(3);
    assert.is(rig.transport.reconnects.byCause.aged, 2);
  }));

test('an old connection serves on while the next one cannot be made', () => {
  let refused = 0;
  return Rig.use({ lifeMs: 1_000_000 }, async (rig) => {
    const first = await rig.connected(1);
    rig.server.shouldHandle = () => refused++ >= 2;
    rig.timers.pass(970_000);
    await rig.until(() => rig.transport.reconnects.byCause.failed === 1);
    first.send('still here');
    await rig.until(() => rig.log.at(-1) === 'still here');
    rig.timers.pass(50);
    await rig.until(() => rig.transport.reconnects.byCause.failed === 2);
    rig.timers.pass(99);
    assert.is(rig.transport.connections, 1);
    rig.timers.pass(1);
    await rig.connected(2);
    assert.equal(rig.log, ['connecting', 'connected', 'still here', 'disconnected', 'connecting', 'connected']);
  });
});

test('delays grow with each failure and begin anew only after 60 s with every book live', () => {
  let live = false;
  const watchMs = 10_000;
  return Rig.use({ isLive: () => live, silenceMs: 4 * watchMs, keepalive: { everyMs: watchMs } }, async (rig) => {
    const lose = async (number: number): Promise<number> => {
      const lost = rig.log.length;
      rig.clients.at(-1)!.terminate();
      await rig.until(() => rig.log.length > lost);
      const waitMs = rig.timers.nextMs;
      rig.timers.pass(waitMs);
      await rig.connected(number);
      return waitMs;
    };
    // Time passes while pings are answered.
    const pass = async (ms: number): Promise<void> => {
      for (let i = 0; i < ms; i += watchMs) {
        const pings = rig.heard.at(-1)!.length;
        rig.timers.pass(watchMs);
        await rig.until(() => rig.heard.at(-1)!.length > pings);
      }
    };
    await rig.connected(1);
    assert.equal([await lose(2), await lose(3), await lose(4)], [50, 100, 200]);
    await pass(120_000);
    assert.is(await lose(5), 400);
    live = true;
    await pass(50_000);
    assert.is(await lose(6), 800);
    await pass(80_000);
    assert.is(await lose(7), 50);
    assert.is(rig.transport.reconnects.byCause.closed, 6);
    assert.is(rig.transport.reconnects.downNs, (50 + 100 + 200 + 400 + 800 + 50) * 1e6);
    assert.is(rig.transport.reconnects.downNsMax, 800e6);
  });
});

test('attempts keep within the budget of the venue', () =>
  Rig.use({ connections: { count: 2, perMs: 60_000 } }, async (rig) => {
    await rig.connected(1);
    rig.clients[0]!.terminate();
    await rig.until(() => rig.log.at(-1) === 'disconnected');
    rig.timers.pass(50);
    await rig.connected(2);
    rig.clients[1]!.terminate();
    await rig.until(() => rig.log.at(-1) === 'disconnected');
    rig.timers.pass(59_900);
    assert.is(rig.transport.connections, 2);
    rig.timers.pass(100);
    await rig.connected(3);
  }));

test('keepalives are sent while connected, as a message or as a ping, and a request for a sign of life is answered', async () => {
  const reactions = [
    { holds: '"test_request"', answer: 'here I am' },
    { holds: '"error"', tells: true },
  ];
  await Rig.use({ keepalive: { everyMs: 5_000, text: 'ping' }, greetings: ['hello'], reactions }, async (rig) => {
    const client = await rig.connected(1);
    rig.timers.pass(10_000);
    client.send('{"type":"test_request"}');
    await rig.until(() => rig.heard[0]!.length === 4);
    assert.equal(rig.heard[0], ['hello', 'ping', 'ping', 'here I am']);
    client.send(`{"type":"test_request","x":"${'.'.repeat(2_000)}"}`);
    client.send('{"error":"no such channel"}');
    await rig.until(() => rig.troubles.length === 1);
    assert.match(rig.troubles[0]!, '{"error":"no such channel"}');
    assert.is(rig.heard[0]!.length, 4, 'long frames are not searched');
  });
  await Rig.use({ keepalive: { everyMs: 5_000 } }, async (rig) => {
    await rig.connected(1);
    rig.timers.pass(5_000);
    await rig.until(() => rig.heard[0]!.length === 1);
    assert.equal(rig.heard[0], ['a ping']);
  });
});

test('greetings that are signed are made anew for each connection', () => {
  let number = 0;
  return Rig.use({ greetings: () => [`signed ${++number}`] }, async (rig) => {
    const first = await rig.connected(1);
    await rig.until(() => rig.heard[0]!.length === 1);
    first.terminate();
    await rig.until(() => rig.log.at(-1) === 'disconnected');
    rig.timers.pass(50);
    await rig.connected(2);
    await rig.until(() => rig.heard[1]!.length === 1);
    assert.equal(rig.heard, [['signed 1'], ['signed 2']]);
  });
});

test('an attempt that hangs is given up', async () => {
  const held: TcpServer = createServer(() => {});
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise((resolve) => held.once('connection', resolve));
  await Rig.use(
    { silenceMs: 4_000 },
    async (rig) => {
      await accepted;
      rig.timers.pass(4_000);
      assert.equal(rig.log, ['connecting']);
      rig.timers.pass(1_000);
      await rig.until(() => rig.transport.reconnects.byCause.failed === 1);
      assert.equal(rig.log, ['connecting', 'disconnected']);
    },
    (held.address() as AddressInfo).port,
  );
  held.close();
});

test.run();
