import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { ManualClock } from '../../../src/core/time.ts';
import { RecordingServer } from '../../../src/venue-sim/serve/server.ts';
import { sessionLines } from '../../support/cli.ts';
import { MADE_COINM, MADE_SPOT, MADE_USDM, MadeFolder } from '../../support/made-recordings.ts';
import { QuickTimers } from '../../support/quick-timers.ts';
import { bestOf, booksOfFile, ServeRig } from '../../support/serve-rig.ts';
import { type ServedVenueCase, servedVenueTests } from '../../support/served-venue-tests.ts';

const test = suite('a live client of a served Binance recording');
const folder = new MadeFolder();
test.after(() => folder.remove());

const COMMON = { settings: {}, isChange: (text: string) => text.includes('depthUpdate') };
const CASES: readonly ServedVenueCase[] = [
  { ...COMMON, name: 'USD-M', format: 'binance-usdm', dialect: MADE_USDM },
  { ...COMMON, name: 'COIN-M', format: 'binance-coinm', dialect: MADE_COINM },
  { ...COMMON, name: 'spot', format: 'binance-spot', dialect: MADE_SPOT },
];

for (const one of CASES) servedVenueTests(test, folder, one);

const SESSION_LINES = 4_000;
const bundled = join(folder.path, 'bundled.txt');
writeFileSync(bundled, `${sessionLines(SESSION_LINES).join('\n')}\n`);
const snapshotLine = sessionLines(SESSION_LINES).find((line) => line.includes('"lastUpdateId"'))!;

test('the bundled session: books as of the file, and no ticker differs from its book', () =>
  ServeRig.use({ files: [bundled], format: 'binance-usdm' }, async (rig) => {
    assert.equal(bestOf(await rig.finish(), 500), bestOf(await booksOfFile([bundled], 'binance-usdm'), 500));
    const counters = rig.feed.counters.snapshot();
    assert.equal([counters['books_synced'], counters['book_gaps'], counters['bbo_mismatch']], [1, 0, 0]);
    assert.ok(counters['bbo_checked']! > 10, `${counters['bbo_checked']} compared`);
    assert.is(rig.transport.frames, SESSION_LINES, 'the snapshot line came by REST');
  }));

/** A server without a client, and a client that says what comes. */
async function server(): Promise<{ server: RecordingServer; base: string; close: () => Promise<void> }> {
  const clock = new ManualClock();
  const timers = new QuickTimers();
  const options = {
    format: 'binance-usdm',
    host: '127.0.0.1',
    port: 0,
    speed: 'max',
    loop: false,
    clock,
    timers,
    onNote: () => {},
  } as const;
  const one = await RecordingServer.listen({ files: [bundled], ...options });
  return { server: one, base: one.address, close: () => one.close() };
}

const textsOf = (socket: WebSocket, count: number): Promise<string[]> =>
  new Promise((resolve) => {
    const texts: string[] = [];
    socket.on('message', (data: Buffer) => {
      if (texts.length < count) texts.push(data.toString());
      if (texts.length === count) resolve(texts);
    });
  });

test('the recorded snapshot answers a request that was made before it, byte for byte', async () => {
  const { base, close } = await server();
  const answer = fetch(`http://${base}/fapi/v1/depth?symbol=TPXUSDT&limit=1000`).then((response) => response.text());
  // Requests are taken in the order in which they come: once later ones are answered that one waits.
  for (let i = 0; i < 2; i++) await (await fetch(`http://${base}/`)).text();
  const socket = new WebSocket(`ws://${base}/ws/tpxusdt@depth`);
  assert.is(await answer, snapshotLine.slice(20));
  socket.terminate();
  await close();
});

test('a raw stream has no wrapper, a combined one carries the name that was asked for, whatever the recorded pace', async () => {
  const { base, server: one, close } = await server();
  one.playback.pauseAt = 10;
  const raw = new WebSocket(`ws://${base}/ws/tpxusdt@bookTicker`);
  const combined = new WebSocket(`ws://${base}/public/stream?streams=tpxusdt@depth@500ms`);
  const opened = Promise.all([raw, combined].map((socket) => new Promise((resolve) => socket.once('open', resolve))));
  const texts = Promise.all([textsOf(raw, 1), textsOf(combined, 1)]);
  await opened;
  one.playback.pauseAt = 200;
  one.playback.release('pause');
  const [[ticker], [depth]] = (await texts) as [[string], [string]];
  assert.match(ticker, /^\{"e":"bookTicker","u":\d+,"s":"TPXUSDT"/);
  assert.match(depth, /^\{"stream":"tpxusdt@depth@500ms","data":\{"e":"depthUpdate",.*\}\}$/);
  for (const socket of [raw, combined]) socket.terminate();
  await close();
});

test('streams are subscribed, listed and left by messages; what is no request is answered with an error', async () => {
  const { base, server: one, close } = await server();
  one.playback.hold('test');
  const socket = new WebSocket(`ws://${base}/ws`);
  await new Promise((resolve) => socket.once('open', resolve));
  const ask = async (text: string): Promise<unknown> => {
    const answer = textsOf(socket, 1);
    socket.send(text);
    return JSON.parse((await answer)[0]!);
  };
  assert.equal(await ask('{"method":"SUBSCRIBE","params":["tpxusdt@trade","tpxusdt@depth"],"id":7}'), { result: null, id: 7 });
  assert.equal(await ask('{"method":"UNSUBSCRIBE","params":["tpxusdt@trade"],"id":8}'), { result: null, id: 8 });
  assert.equal(await ask('{"method":"LIST_SUBSCRIPTIONS","id":"x"}'), { result: ['tpxusdt@depth'], id: 'x' });
  assert.match(JSON.stringify(await ask('{"method":"DANCE","id":9}')), /"code":2,.*"id":9/);
  assert.match(JSON.stringify(await ask('not json')), /"code":3,.*"id":null/);
  socket.terminate();
  await close();
});

test('a request for a symbol, a limit, a path or a method that there is not is refused as the venue does', async () => {
  const { base, close } = await server();
  const status = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`http://${base}${path}`, { method });
    return [response.status, await response.text()];
  };
  assert.equal(await status('/fapi/v1/depth?symbol=DOGE&limit=5'), [400, '{"code":-1121,"msg":"Invalid symbol."}']);
  assert.is((await status('/fapi/v1/depth?symbol=TPXUSDT&limit=0'))[0], 400);
  assert.is((await status('/fapi/v1/depth?symbol=TPXUSDT&limit=1001'))[0], 400);
  assert.is((await status('/api/v3/depth?symbol=TPXUSDT'))[0], 404);
  assert.is((await status('/fapi/v1/depth?symbol=TPXUSDT', 'POST'))[0], 405);
  await close();
});

test('a request that waits for the book of a recording that ends without it is answered 503', async () => {
  const { base, server: one, close } = await server();
  const answer = fetch(`http://${base}/fapi/v1/depth?symbol=TPXUSDT`);
  await new Promise((resolve) => setImmediate(resolve));
  one.venue.onEnd();
  assert.is((await answer).status, 503);
  await close();
});

test.run();
