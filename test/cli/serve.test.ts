import { test } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { CliRig } from '../support/cli.ts';

const rig = new CliRig(500);
test.after(() => rig.remove());

test('serve says where it listens, serves a client there, and an interrupt ends it with 130', async () => {
  let frame = '';
  const { code, stdout, stderr } = await rig.run(['serve', '--input', rig.capture, '--speed', 'max', '--json'], {
    onStart: (child) => {
      let text = '';
      child.stdout!.on('data', (piece: string) => {
        text += piece;
        if (!text.trimEnd().endsWith('\n}')) return;
        const socket = new WebSocket((JSON.parse(text) as { stream_url: string }).stream_url);
        socket.once('message', (data: Buffer) => {
          frame = data.toString();
          socket.once('close', () => child.kill('SIGINT'));
          socket.close();
        });
      });
    },
  });
  assert.is(code, 130, stderr);
  assert.match(frame, /^\{"stream":"tpxusdt@depth@100ms","data":\{"e":"depthUpdate"/);
  const { address, ...document } = JSON.parse(stdout) as Record<string, unknown> & { address: string };
  assert.match(address, /^127\.0\.0\.1:\d+$/);
  assert.equal(document, {
    format: 'binance-usdm',
    protocol: 'venue',
    files: [rig.capture],
    speed: 'max',
    loop: false,
    stream_base: `ws://${address}`,
    rest_base: `http://${address}`,
    stream_url: `ws://${address}/stream?streams=tpxusdt@depth@100ms/tpxusdt@bookTicker/tpxusdt@trade`,
    subscribe: [],
    snapshot_urls: [`http://${address}/fapi/v1/depth?symbol=TPXUSDT&limit=1000`],
  });
  assert.match(stderr, `stream     ws://${address}/stream?streams=`);
  assert.match(stderr, /\ninterrupted: [\d,]+ frames were played\n$/);
});

test('serve refuses other hosts than loopback, and speeds that are none, with 2', async () => {
  const [host, speed] = await Promise.all([
    rig.run(['serve', '--input', rig.capture, '--host', '0.0.0.0']),
    rig.run(['serve', '--input', rig.capture, '--speed', 'fast']),
  ]);
  assert.equal([host.code, host.stdout], [2, '']);
  assert.match(host.stderr, 'host 0.0.0.0: expected a loopback address, 127.0.0.1 or ::1; recordings are served to this machine only');
  assert.equal([speed.code, speed.stderr], [2, 'tickpath: --speed fast: expected a number above zero, or max\n']);
});

test('a recording that cannot be read to its end ends the program with 4 and the line', async () => {
  const torn = rig.captureWith('torn.txt', 400, () => 'no line of a capture');
  const { code, stderr } = await rig.run(['serve', '--input', torn, '--speed', 'max', '--quiet', '--json'], {
    onStart: (child) => {
      child.stdout!.on('data', (piece: string) => {
        const url = /"stream_url": "([^"]+)"/.exec(piece)?.[1];
        if (url !== undefined) new WebSocket(url).on('error', () => {});
      });
    },
  });
  assert.is(code, 4, stderr);
  assert.match(stderr, /torn\.txt:400: expected a 19-digit receive time/);
});

test.run();
