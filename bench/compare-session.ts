/**
 * Prints a Markdown table that sets the bundled session beside real captures, where they are at hand:
 *
 *   node dist/bench/compare-session.js [FILE.gz ...]
 *
 * Without arguments: the bundled session, and the two USD-M captures in `TICKPATH_DATA` (default `../shared/data`).
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type SessionStats, sessionStatsOfFile } from '../src/venue-sim/session-stats.ts';

const data = process.env['TICKPATH_DATA'] ?? '../shared/data';
const DEFAULT_FILES = [
  'replay-data/usdm_tpxusdt_seed1.gz',
  join(data, 'binance/usdm_btcusdt_20240808.gz'),
  join(data, 'binance/usdm_ethusdt_20240719.gz'),
];

const ROWS: readonly (readonly [string, (s: SessionStats) => string])[] = [
  ['duration, s', (s) => s.durationS.toFixed(0)],
  ['messages', (s) => s.messages.toLocaleString('en-US')],
  ['depth / bookTicker / trade per s', (s) => triple(s.perS, 0)],
  ['messages in a second: p10 / p50 / p90 / max', (s) => [s.secondP10, s.secondP50, s.secondP90, s.secondMax].join(' / ')],
  ['inter-arrival p50, ms: depth / bookTicker / trade', (s) => triple(s.gapMsP50, 3)],
  ['inter-arrival p90, ms', (s) => triple(s.gapMsP90, 1)],
  ['bytes of a frame, mean', (s) => triple(s.bytesMean, 0)],
  ['levels of a depth event: p50 / p90 / p99', (s) => [s.levelsP50, s.levelsP90, s.levelsP99].join(' / ')],
  ['spread p50, ticks', (s) => String(s.spreadTicksP50)],
  ['bookTickers with a spread of one tick', (s) => percent(s.spreadOneShare)],
  ['value at a touch p50, thousand USDT', (s) => (s.touchValueP50 / 1000).toFixed(0)],
  ['value of a trade p50 / p90, USDT', (s) => `${s.tradeValueP50.toFixed(0)} / ${s.tradeValueP90.toFixed(0)}`],
  ['trades of a taker order p50 / p90', (s) => `${s.tradesPerTakerP50} / ${s.tradesPerTakerP90}`],
  ['next taker on the same side', (s) => percent(s.takerSameSide)],
  ['move of the mid in 1 s, rms, bp', (s) => s.moveBp1s.toFixed(2)],
  ['mid stays for 100 ms', (s) => percent(s.still100ms)],
  ['queue imbalance right about the move in 1 s', (s) => percent(s.imbalanceHit1s)],
];

const files = (process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_FILES).filter((file) => {
  if (existsSync(file)) return true;
  process.stderr.write(`${file} is absent: left out\n`);
  return false;
});
const columns: SessionStats[] = [];
for (const file of files) columns.push(await sessionStatsOfFile(file));
process.stdout.write(`| | ${files.map((file) => basename(file, '.gz')).join(' | ')} |\n|---|${'---:|'.repeat(files.length)}\n`);
for (const [label, value] of ROWS) process.stdout.write(`| ${label} | ${columns.map(value).join(' | ')} |\n`);

function triple(values: SessionStats['perS'], decimals: number): string {
  return [values.depth, values.bookTicker, values.trade].map((value) => value.toFixed(decimals)).join(' / ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
