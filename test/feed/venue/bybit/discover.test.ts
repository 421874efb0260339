import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverBybit } from '../../../../src/feed/venue/bybit/discover.ts';
import { BYBIT_PING, bybitResubscribe, bybitStreamUrl, bybitSubscribe } from '../../../../src/feed/venue/bybit/endpoints.ts';
import { bookText, tradeElement, tradeText } from '../../../support/bybit-frames.ts';

const test = suite('bybit discover');
let folder = '';
let files = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-bybit-'));
});
test.after(() => rmSync(folder, { recursive: true }));

function recording(lines: readonly string[]): string[] {
  const file = join(folder, `${files++}.data`);
  writeFileSync(file, lines.join('\n'));
  return [file];
}

const FRAMES = [
  bookText('snapshot', { symbol: 'XRPUSDT', b: [['1.9531', '6203']], a: [['1.9532', '1']], u: 5 }),
  tradeText([tradeElement('27451.50', '0.010')]),
  '{"success":true,"op":"subscribe"}',
];
const GRIDS = [
  ['XRPUSDT', 4, 0, 1],
  ['BTCUSDT', 2, 3, 10],
];

test('lines of JSON, cryptofeed lines and capture lines are told apart by the first line', async () => {
  for (const lines of [FRAMES, FRAMES.map((frame) => `1733011200.691: ${frame}`), FRAMES.map((frame) => `1733011200691000000 ${frame}`)]) {
    const { instruments, baseEpochNs } = await discoverBybit(recording(lines));
    assert.equal(
      instruments.map((one) => [one.symbol, one.priceDecimals, one.qtyDecimals, one.tickUnits]),
      GRIDS,
    );
    assert.is(baseEpochNs, 1_733_011_200_691_000_000n);
  }
});

test('lines of JSON that are none, or have no time to begin with, are refused by file and line', async () => {
  for (const [lines, expected] of [
    [[FRAMES[0]!, 'x{}'], /:2: expected a JSON object, found "x\{\}"/],
    [['{"success":true}'], /:1: expected a "ts" of 13 digits, epoch ms, found/],
    [['{"ts":17330112}'], /:1: expected a "ts" of 13 digits/],
  ] as const) {
    const message = await discoverBybit(recording(lines)).catch((error: Error) => error.message);
    assert.match(message as string, expected);
  }
});

test('what is sent to subscribe, to fetch a new snapshot and to stay connected', () => {
  assert.is(bybitStreamUrl('wss://stream.bybit.com/', 'linear'), 'wss://stream.bybit.com/v5/public/linear');
  const requests = bybitSubscribe(['A', 'B', 'C', 'D', 'E', 'F'], 50).map((one) => JSON.parse(one) as { op: string; args: string[] });
  assert.equal(
    requests.map((one) => [one.op, one.args.length]),
    [
      ['subscribe', 10],
      ['subscribe', 2],
    ],
  );
  assert.equal(requests[1]!.args, ['orderbook.50.F', 'publicTrade.F']);
  assert.equal(
    bybitResubscribe('A', 200).map((one) => JSON.parse(one)),
    [
      { op: 'unsubscribe', args: ['orderbook.200.A'] },
      { op: 'subscribe', args: ['orderbook.200.A'] },
    ],
  );
  assert.equal(JSON.parse(BYBIT_PING), { op: 'ping' });
});

test.run();
