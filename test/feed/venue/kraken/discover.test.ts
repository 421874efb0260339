import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverKraken } from '../../../../src/feed/venue/kraken/discover.ts';
import { KRAKEN_PING, krakenResubscribe, krakenSubscribe } from '../../../../src/feed/venue/kraken/endpoints.ts';
import {
  bookText,
  firstSnapshot,
  firstTicker,
  firstTrades,
  instrumentText,
  tickerText,
  tradeElement,
  tradeText,
} from '../../../support/kraken-frames.ts';

const test = suite('kraken discover');
let folder = '';
let files = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-kraken-'));
});
test.after(() => rmSync(folder, { recursive: true }));

function recording(frames: readonly string[]): string[] {
  const file = join(folder, `${files++}.txt`);
  writeFileSync(file, `wss://ws.kraken.com <-> 1618678132.3\n${frames.map((frame, i) => `1618678133.${i}: ${frame}\n`).join('')}`);
  return [file];
}
const grids = async (frames: readonly string[]): Promise<unknown[]> =>
  (await discoverKraken(recording(frames))).instruments.map((one) => [one.symbol, one.priceDecimals, one.qtyDecimals, one.tickUnits]);

test('the first API writes all decimals; an ask beyond the grid is no reason to stop', async () => {
  const ladder = [...Array(80).keys()].map((i): [string, string, string] => [`${300 + i}.${10 + i}000000`, '1.00000000', '1618678133.1']);
  const far = ['9999999997.00000000', '1.00000000', '1618678133.1'] as const;
  assert.equal(await grids([firstTrades([['354.11000000', '0.89594024', '1618678142.5', 's', 'l', '']]), firstSnapshot(ladder, [far])]), [
    ['XMR/USD', 8, 8, 1_000_000],
  ]);
  assert.equal(await grids([firstTicker(['354.110', '2.5'], ['354.125', '3.2'])]), [['XMR/USD', 3, 1, 1]]);
});

test('the second API writes numbers, whose text is taken, and may state its precisions', async () => {
  const frames = [
    bookText('snapshot', { bids: [['0.566', '18097.1547']], asks: [['0.5668', '1']] }),
    tickerText(['0.10', '1'], ['0.2', '1'], 'A/B'),
    tradeText('update', tradeElement(1, '105944.2', '0.00027625', 'buy', 'BTC/USD')),
    '{"channel":"heartbeat"}',
  ];
  assert.equal(await grids(frames), [
    ['MATIC/USD', 4, 4, 1],
    ['A/B', 2, 0, 10],
    ['BTC/USD', 1, 8, 1],
  ]);
  assert.equal(await grids([instrumentText('MATIC/USD', 5, 8), instrumentText('ETH/USD', 2, 8), frames[0]!]), [['MATIC/USD', 5, 8, 1]]);
});

test('an input of other messages is refused with what was expected', async () => {
  const refused = await discoverKraken(recording(['{"event":"heartbeat"}'])).catch((error: Error) => error.message);
  assert.match(refused as string, 'no instrument in the first 1 frames; expected messages of the channels book, ticker or trade');
});

test('what is sent to subscribe, to fetch a new snapshot and to stay connected', () => {
  assert.equal(
    krakenSubscribe(['BTC/USD', 'ETH/USD'], 10).map((one) => JSON.parse(one)),
    [
      { method: 'subscribe', params: { channel: 'instrument', snapshot: true } },
      { method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD', 'ETH/USD'], depth: 10, snapshot: true } },
      { method: 'subscribe', params: { channel: 'ticker', symbol: ['BTC/USD', 'ETH/USD'], snapshot: true } },
      { method: 'subscribe', params: { channel: 'trade', symbol: ['BTC/USD', 'ETH/USD'], snapshot: false } },
    ],
  );
  assert.equal(
    krakenResubscribe('BTC/USD', 25).map((one) => JSON.parse(one)),
    [
      { method: 'unsubscribe', params: { channel: 'book', symbol: ['BTC/USD'], depth: 25 } },
      { method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD'], depth: 25, snapshot: true } },
    ],
  );
  assert.equal(JSON.parse(KRAKEN_PING), { method: 'ping' });
});

test.run();
