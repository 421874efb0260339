import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverOkx } from '../../../../src/feed/venue/okx/discover.ts';
import { OKX_PING, okxResubscribe, okxSnapshotUrl, okxSubscribe } from '../../../../src/feed/venue/okx/endpoints.ts';
import { bookText, tickerText, tradeText } from '../../../support/okx-frames.ts';

const test = suite('okx discover');
let folder = '';
let files = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-okx-'));
});
test.after(() => rmSync(folder, { recursive: true }));

async function grids(lines: readonly string[]): Promise<unknown[]> {
  const file = join(folder, `${files++}.txt`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return (await discoverOkx([file])).instruments.map((one) => [one.symbol, one.priceDecimals, one.qtyDecimals, one.tickUnits]);
}

test('symbols, decimals and ticks of books, tickers and trades, in order of appearance', async () => {
  const frames = [
    bookText('snapshot', { bids: [['30000', '20.11183989']], asks: [['30000.5', '1']], seqId: 1 }),
    tickerText(['5.123', '10'], ['5.124', '3'], 'UNI-USD-SWAP'),
    tradeText([['1', '30.5', '0.25', 'buy']], 'BTC-USD-220527'),
    '{"event":"subscribe","arg":{"channel":"books","instId":"ETH-USDT"}}',
  ];
  assert.equal(await grids(frames.map((frame, i) => `165245922${i}.5: ${frame}`)), [
    ['BTC-USDT', 1, 8, 1],
    ['UNI-USD-SWAP', 3, 0, 1],
    ['BTC-USD-220527', 1, 2, 1],
  ]);
});

test('the list of instruments gives the tick of those that messages name', async () => {
  const url = 'https://www.okx.com/api/v5/public/instruments?instType=SPOT';
  const listed = (instId: string): string => `{"instId":"${instId}","tickSz":"0.01","lotSz":"0.0001"}`;
  const lines = [
    `${url} -> 1652458996.256593: {"code":"0","data":[${listed('ETH-USDT')},${listed('BTC-USDT')}]}`,
    `1652459225.5: ${bookText('snapshot', { bids: [['30000', '20']], seqId: 1 })}`,
  ];
  assert.equal(await grids(lines), [['BTC-USDT', 2, 4, 1]]);
});

test('what is sent to subscribe, to fetch a snapshot and to stay connected', () => {
  assert.equal(JSON.parse(okxSubscribe(['BTC-USDT'], 'books-rest')), {
    op: 'subscribe',
    args: ['books', 'tickers', 'trades'].map((channel) => ({ channel, instId: 'BTC-USDT' })),
  });
  assert.equal(JSON.parse(okxSubscribe(['BTC-USDT'], 'bbo-tbt')).args[0], { channel: 'bbo-tbt', instId: 'BTC-USDT' });
  assert.equal(
    okxResubscribe('BTC-USDT').map((one) => JSON.parse(one).op),
    ['unsubscribe', 'subscribe'],
  );
  assert.is(okxSnapshotUrl('https://www.okx.com/', 'BTC-USDT'), 'https://www.okx.com/api/v5/market/books?instId=BTC-USDT&sz=400&source=0');
  assert.is(OKX_PING, 'ping');
});

test.run();
