import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type SessionStats, sessionStatsOfFile } from '../../src/venue-sim/session-stats.ts';
import { dataFile } from '../support/data.ts';
import { projectFile } from '../support/project.ts';

const CAPTURES = ['binance/usdm_btcusdt_20240808.gz', 'binance/usdm_ethusdt_20240719.gz'];

/** Figures in which the bundled session lies between half the smaller and twice the larger of the captures. */
const COMPARED: readonly (readonly [string, (s: SessionStats) => number])[] = [
  ['depth events per s', (s) => s.perS.depth],
  ['bookTickers per s', (s) => s.perS.bookTicker],
  ['trades per s', (s) => s.perS.trade],
  ['messages in a median second', (s) => s.secondP50],
  ['messages in the busiest second', (s) => s.secondMax],
  ['inter-arrival of depth events', (s) => s.gapMsP50.depth],
  ['inter-arrival p90 of bookTickers', (s) => s.gapMsP90.bookTicker],
  ['bytes of a depth event', (s) => s.bytesMean.depth],
  ['levels of a depth event, median', (s) => s.levelsP50],
  ['levels of a depth event, p99', (s) => s.levelsP99],
  ['spread in ticks', (s) => s.spreadTicksP50],
  ['share of the spread of one tick', (s) => s.spreadOneShare],
  ['value at a touch', (s) => s.touchValueP50],
  ['value of a trade', (s) => s.tradeValueP50],
  ['share of takers on the side of the one before', (s) => s.takerSameSide],
  ['move of the mid in 1 s', (s) => s.moveBp1s],
  ['share of 100 ms without a move', (s) => s.still100ms],
];

const captures = CAPTURES.map(dataFile).filter((path) => path !== undefined);

test('the bundled session resembles the captures and is no more predictable than they are', async () => {
  if (captures.length < CAPTURES.length) return;
  const bundled = await sessionStatsOfFile(projectFile('replay-data/usdm_tpxusdt_seed1.gz'));
  const real = [];
  for (const path of captures) real.push(await sessionStatsOfFile(path));
  for (const [label, value] of COMPARED) {
    const values = real.map(value);
    const got = value(bundled);
    assert.ok(got >= Math.min(...values) / 2 && got <= Math.max(...values) * 2, `${label}: ${got} beside ${values.join(' and ')}`);
  }
  assert.ok(bundled.imbalanceHit1s > 0.55, `queue imbalance must carry a signal, hits ${bundled.imbalanceHit1s}`);
  assert.ok(bundled.imbalanceHit1s <= Math.max(...real.map((s) => s.imbalanceHit1s)), `hits ${bundled.imbalanceHit1s}`);
});

test.run();
