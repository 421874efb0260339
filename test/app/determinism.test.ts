import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '../../src/report/summary.ts';
import { CliRig } from '../support/cli.ts';
import { projectFile } from '../support/project.ts';

const LINES = 6_000;
/** Fast enough to end soon, slow enough that the engine waits for most frames. */
const PACE = '200';
const rig = new CliRig(LINES);
test.after(() => rig.remove());

const summaryOf = (id: string): RunSummary => JSON.parse(rig.runFile(id, 'summary.json')) as RunSummary;

test('decisions are the same at any pace and in any topology', async () => {
  const digests = new Map<string, string>();
  for (const speed of ['max', PACE]) {
    for (const topology of ['inline', 'pipeline']) {
      const id = `${topology}-${speed}`;
      const { code, stderr } = await rig.replay(id, ['--quiet', '--no-html', '--speed', speed, '--topology', topology]);
      assert.equal([code, stderr], [0, ''], id);
      const { journal, ticks, closed_loop } = summaryOf(id);
      assert.equal([ticks, closed_loop], [LINES, speed === 'max'], id);
      digests.set(id, journal.sha256);
    }
  }
  assert.is(new Set(digests.values()).size, 1, [...digests].map(([id, digest]) => `${id} ${digest}`).join('\n'));
});

test('a strategy with state of its own decides the same with and without a rehearsal', async () => {
  const file = rig.write(
    'stateful.ts',
    `import type { IntentBatch, Strategy, TickView } from 'tickpath';

// State of the module, not of the strategy that createStrategy makes.
let ticks = 0;

export const createStrategy = (): Strategy => ({
  name: 'stateful',
  onTick(view: TickView, intents: IntentBatch): number {
    ticks++;
    if (ticks % 97 !== 0 || view.openOrders > 0) return 0;
    intents.limit(view.positionLots > 0 ? 1 : 0, view.positionLots > 0 ? view.bidTicks : view.askTicks, 1, 1, 0, 0);
    return ticks;
  },
  onExecution() {},
});
`,
  );
  const rehearsed = rig.write('rehearsed.yaml', readFileSync(rig.config, 'utf8').replace('rehearse: false', 'rehearse: true'));
  const strategy = ['--strategy', file, '--quiet', '--no-html'];
  assert.is((await rig.replay('plain', strategy)).code, 0);
  assert.is((await rig.replay('rehearsed', [...strategy, '--config', rehearsed])).code, 0);
  assert.ok(summaryOf('plain').orders_sent > 10);
  assert.equal(summaryOf('rehearsed').journal, summaryOf('plain').journal);
});

test('the demo configuration gives the journal that the manifest of the bundled session names', async () => {
  const manifest = JSON.parse(readFileSync(projectFile('replay-data/manifest.json'), 'utf8')) as {
    sessions: { messages: number; expectedJournal: string }[];
  };
  const { messages, expectedJournal } = manifest.sessions[0]!;
  assert.match(expectedJournal, /^[0-9a-f]{64}$/);
  const config = rig.write('demo.yaml', 'threads: { pin: false, jitter_ms: 0, rehearse: false }\n');
  const args = ['demo', '--config', config, '--speed', 'max', '--run-dir', rig.path('runs'), '--run-id', 'demo', '--json', '--no-html'];
  const { code, stdout, stderr } = await rig.run(args);
  assert.equal([code, stderr], [0, '']);
  const { ticks, journal, feed } = JSON.parse(stdout) as RunSummary;
  assert.is(ticks, messages);
  assert.equal([feed['bbo_mismatch'], feed['rejected_frames']], [0, 0]);
  assert.is(
    journal.sha256,
    expectedJournal,
    'decisions of the bundled session changed: if that was meant (model, features, strategy, risk, exchange), record the new digest in replay-data/manifest.json',
  );
});

test.run();
