import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverCoinbase } from '../../../../src/feed/venue/coinbase/discover.ts';
import { advancedBookText, matchText, snapshotText, updateText } from '../../../support/coinbase-frames.ts';

const test = suite('discover coinbase');
let folder = '';
let files = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-coinbase-'));
});
test.after(() => rmSync(folder, { recursive: true }));

function recording(lines: readonly string[]): string {
  const file = join(folder, `${files++}.raw`);
  writeFileSync(file, lines.map((line) => (line.startsWith('{') ? `1618677817.5: ${line}\n` : `${line}\n`)).join(''));
  return file;
}
const PRODUCTS =
  'https://api.pro.coinbase.com/products -> 1618677816.5: [{"id":"BTC-USD","quote_increment":"0.01000","base_increment":"0.00000001"},{"id":"ETH-USD","quote_increment":"0.01","base_increment":"1"}]';

test('tick and lot come from the product list for the products that messages name', async () => {
  const { instruments, discovered } = await discoverCoinbase([
    recording([PRODUCTS, 'configuration: {}']),
    recording([snapshotText([['100.50', '1']], [['101.00', '2']])]),
  ]);
  assert.equal(discovered, ['BTC-USD']);
  assert.equal(instruments, [{ id: 0, symbol: 'BTC-USD', priceDecimals: 2, qtyDecimals: 8, tickUnits: 1, lotUnits: 1 }]);
});

test('a message off the listed grid makes it finer', async () => {
  const { instruments } = await discoverCoinbase([recording([PRODUCTS, updateText(1, [['buy', '100.505', '1']])])]);
  assert.equal([instruments[0]!.priceDecimals, instruments[0]!.tickUnits], [3, 5]);
});

test('without a list the messages tell the grid; an ask that nobody means does not', async () => {
  const { instruments } = await discoverCoinbase([
    recording([snapshotText([['0.4385', '1.5']], [['888888888.0000', '1']], 'SKL-EUR'), matchText(1, '12.34', '0.01', 'buy')]),
  ]);
  assert.equal(
    instruments.map((one) => [one.symbol, one.priceDecimals, one.qtyDecimals, one.tickUnits]),
    [
      ['SKL-EUR', 4, 1, 1],
      ['BTC-USD', 2, 2, 1],
    ],
  );
});

test('Advanced Trade names its products in its events', async () => {
  const { discovered } = await discoverCoinbase([recording([advancedBookText(0, 0, 'snapshot', [['bid', '1.00', '1']])])]);
  assert.equal(discovered, ['BTC-USD']);
});

test.run();
