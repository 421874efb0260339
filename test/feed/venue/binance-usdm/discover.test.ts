import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../../src/core/errors.ts';
import { discoverInstruments } from '../../../../src/feed/venue/binance/discover.ts';
import { depthText, snapshotText, type TextLevel, tickerText } from '../../../support/binance-frames.ts';

const test = suite('discover');
let folder = '';
let files = 0;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-discover-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const FIRST = 1_723_161_255_030_314_667n;
function capture(frames: readonly string[]): string[] {
  const file = join(folder, `${files++}.txt`);
  writeFileSync(file, frames.map((frame, i) => `${FIRST + BigInt(i)} ${frame}\n`).join(''));
  return [file];
}
const ladder = (count: number, start: number, step: number): TextLevel[] =>
  [...Array(count).keys()].map((i) => [(start + i * step).toFixed(2), '1.500']);

test('decimals are those written, the tick is the greatest common divisor of all prices, the lot is one unit', async () => {
  const frames = [depthText({ first: 1, last: 1, previous: 0, bids: ladder(100, 50, 0.25) }), snapshotText(1, [['7.50', '0.001']], [])];
  const { instruments, baseEpochNs, discovered } = await discoverInstruments(capture(frames));
  assert.equal(instruments, [{ id: 0, symbol: 'BTCUSDT', priceDecimals: 2, qtyDecimals: 3, tickUnits: 25, lotUnits: 1 }]);
  assert.is(baseEpochNs, FIRST);
  assert.equal(discovered, ['BTCUSDT']);
});

test('few prices give a power of ten, which no later price of a finer tick can miss by chance', async () => {
  const { instruments } = await discoverInstruments(capture([tickerText(1, ['60000.00', '1.000'], ['60050.00', '1.000'])]));
  assert.is(instruments[0]!.tickUnits, 100);
});

test('a snapshot without symbol counts for the only symbol', async () => {
  const frames = [snapshotText(1, ladder(100, 10, 0.01), []), tickerText(1, ['60000.00', '1.000'], ['60050.00', '1.000'])];
  assert.is((await discoverInstruments(capture(frames))).instruments[0]!.tickUnits, 1);
});

test('configured instruments come first and are taken as they are', async () => {
  const frames = [tickerText(1, ['1.0', '1'], ['2.0', '1'], 'AAAUSDT'), tickerText(1, ['1.00', '1'], ['2.00', '1'])];
  const { instruments, discovered } = await discoverInstruments(capture(frames), [
    { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' },
  ]);
  assert.equal(
    instruments.map((one) => [one.id, one.symbol, one.tickUnits]),
    [
      [0, 'BTCUSDT', 10],
      [1, 'AAAUSDT', 10],
    ],
  );
  assert.equal(discovered, ['AAAUSDT']);
});

test('an input that names no symbol is a data error', async () => {
  try {
    await discoverInstruments(capture(['{"result":null,"id":1}', '{broken}']));
    assert.unreachable('must throw');
  } catch (error) {
    assert.instance(error, TickpathError);
    assert.match((error as Error).message, 'no instrument in the first 2 frames');
  }
});

test('a price beyond int32 ticks is a data error that says what to configure', async () => {
  try {
    await discoverInstruments(capture([tickerText(1, ['99999999.1234567', '1'], ['99999999.1234568', '1'])]));
    assert.unreachable('must throw');
  } catch (error) {
    assert.match((error as Error).message, 'configure its tick_size');
  }
});

test.run();
