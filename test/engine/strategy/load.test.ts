import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { instrumentFromText } from '../../../src/core/instrument.ts';
import { IntentBatch } from '../../../src/engine/strategy/intents.ts';
import { loadStrategy, type StrategySource } from '../../../src/engine/strategy/load.ts';
import type { StrategyContext, TickView } from '../../../src/engine/strategy/strategy.ts';
import { projectFile } from '../../support/project.ts';

const context: StrategyContext = {
  instrument: instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' }),
  params: { order_lots: 2 },
  outputs: ['down', 'flat', 'up'],
  features: [],
};

const folder = mkdtempSync(join(tmpdir(), 'tickpath-strategy-'));
const test = suite('load');
test.after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function refusal(source: StrategySource): Promise<TickpathError> {
  try {
    await loadStrategy(source, context);
  } catch (error) {
    assert.instance(error, TickpathError);
    return error as TickpathError;
  }
  assert.unreachable();
  throw new Error();
}

const TYPESCRIPT = `
import type { Strategy } from 'tickpath';
import { LOTS, type Unused } from './helper.ts';
interface Inner { readonly lots: number }
class Mine implements Strategy {
  readonly name: string = 'mine';
  private readonly inner: Inner = { lots: LOTS as number };
  onTick(view: { readonly askTicks: number }, intents: { market(side: number, lots: number, flags: number, tag: number): void }): number {
    intents.market(0, this.inner.lots, 0, view.askTicks satisfies number);
    return 9;
  }
  onExecution(_report: unknown): void {}
}
export const createStrategy = (): Mine => new Mine();
export type { Unused };
`;

test('a built-in is found by name, with its parameters', async () => {
  const loaded = await loadStrategy({ name: 'signal-taker' }, context);
  assert.is(loaded.strategy.name, 'signal-taker');
  assert.is(loaded.sha256, undefined);
});

test('a TypeScript file runs, with types, relative TypeScript imports and its hash', async () => {
  write('helper.ts', 'export const LOTS: number = 11;\nexport type Unused = string;\n');
  const file = write('mine.ts', TYPESCRIPT);
  const loaded = await loadStrategy({ file }, context);
  const intents = new IntentBatch();
  assert.is(loaded.strategy.onTick({ askTicks: 5 } as TickView, intents), 9);
  assert.is(intents.qtyLots[0], 11);
  assert.is(loaded.file, file);
  assert.is(loaded.sha256, createHash('sha256').update(TYPESCRIPT).digest('hex'));
});

test('a JavaScript file runs', async () => {
  const file = write(
    'plain.mjs',
    'export const createStrategy = (c) => ({ name: c.instrument.symbol, onTick: () => 0, onExecution: () => {} });',
  );
  assert.is((await loadStrategy({ file }, context)).strategy.name, 'BTCUSDT');
});

test('a TypeScript file runs in a worker thread too', async () => {
  const file = write('worker-strategy.ts', TYPESCRIPT);
  const module = new URL('../../../src/engine/strategy/load.js', import.meta.url).href;
  const entry = write(
    'entry.mjs',
    `import { parentPort } from 'node:worker_threads';
     const { loadStrategy } = await import(${JSON.stringify(module)});
     const loaded = await loadStrategy({ file: ${JSON.stringify(file)} }, ${JSON.stringify(context)});
     parentPort.postMessage(loaded.strategy.name);`,
  );
  const worker = new Worker(entry);
  const name = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  assert.is(name, 'mine');
});

test('the example strategy loads and trades', async () => {
  const file = projectFile('examples/strategies/mean-reversion.ts');
  const { strategy, sha256 } = await loadStrategy({ file }, { ...context, params: { order_lots: 2, enter_ticks: 10 } });
  assert.is(sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
  const intents = new IntentBatch();
  const view = { timeNs: 0, bidTicks: 100, askTicks: 101, positionLots: 0, openOrders: 0 } as TickView;
  assert.is(strategy.onTick(view, intents), 0);
  view.timeNs = 1e6;
  view.bidTicks = 80;
  view.askTicks = 81;
  assert.is(strategy.onTick(view, intents), 1);
  assert.equal([intents.side[0], intents.priceTicks[0], intents.qtyLots[0]], [0, 81, 2]);
  view.timeNs = 2e8;
  view.positionLots = 2;
  view.bidTicks = 100;
  view.askTicks = 101;
  intents.clear();
  assert.is(strategy.onTick(view, intents), 2);
  assert.equal([intents.side[0], intents.priceTicks[0], intents.qtyLots[0]], [1, 100, 2]);
});

test('each mistake has one clear error', async () => {
  const cases: [StrategySource, string, RegExp][] = [
    [{ name: 'constructor' }, 'ERR_STRATEGY_UNKNOWN', /strategy "constructor" is not built in; built in: signal-taker/],
    [{ file: join(folder, 'absent.ts') }, 'ERR_STRATEGY_FILE', /absent\.ts cannot be read: ENOENT/],
    [{ file: folder }, 'ERR_STRATEGY_FILE', /expected a name ending in \.ts, \.mts, \.js, \.mjs/],
    [
      { file: write('none.ts', 'export const other: number = 1;') },
      'ERR_STRATEGY_EXPORT',
      /must export a function createStrategy\(context\); it exports other/,
    ],
    [{ file: write('throws.ts', 'throw new Error("no luck today");') }, 'ERR_STRATEGY_LOAD', /throws\.ts cannot be loaded: no luck today/],
    [{ file: write('syntax.ts', 'export const = 1;') }, 'ERR_STRATEGY_LOAD', /syntax\.ts cannot be loaded: /],
    [{ file: write('lost.ts', 'import "./nowhere.ts";') }, 'ERR_STRATEGY_LOAD', /lost\.ts cannot be loaded: .*nowhere\.ts/],
    [
      { file: write('fails.ts', 'export const createStrategy = () => { throw new Error("bad params"); };') },
      'ERR_STRATEGY_LOAD',
      /createStrategy failed: bad params/,
    ],
    [
      { file: write('empty.ts', 'export const createStrategy = () => undefined;') },
      'ERR_STRATEGY_EXPORT',
      /must return an object with name, onTick/,
    ],
  ];
  for (const [source, code, message] of cases) {
    const error = await refusal(source);
    assert.is(error.code, code, error.message);
    assert.match(error.message, message);
    assert.is(error.exitCode, 2);
  }
});

test('TypeScript inside node_modules is left to Node, which refuses it', async () => {
  mkdirSync(join(folder, 'node_modules', 'x'), { recursive: true });
  const file = write('node_modules/x/s.ts', 'export const createStrategy = (): unknown => ({});');
  assert.is((await refusal({ file })).code, 'ERR_STRATEGY_LOAD');
});

test.run();
