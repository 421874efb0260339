import { copyFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelBench } from '../../src/engine/model/bench-model.ts';
import { CliRig } from '../support/cli.ts';
import { projectFile } from '../support/project.ts';

const MODEL = projectFile('models/reference.onnx');
const rig = new CliRig(1);
test.after(() => rig.remove());

test('model verify proves the shipped model on its recorded rows and on drawn inputs', async () => {
  const { code, stdout, stderr } = await rig.run(['model', 'verify', MODEL, '--samples', '5000', '--seed', '3']);
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /^proof: \d+ recorded rows equal\nONNX Runtime: 0 mismatches in 5,000 inferences \(seed 3\)\n$/);
  const json = await rig.run(['model', 'verify', MODEL, '--samples', '100', '--json']);
  const document = JSON.parse(json.stdout) as Record<string, number>;
  assert.equal([json.code, document['inferences'], document['mismatches']], [0, 100, 0]);
});

test('model bench reports every back end, ratios of what it reports, and agreement on every row', async () => {
  const { code, stdout, stderr } = await rig.run(['model', 'bench', MODEL, '--seconds', '1', '--json']);
  assert.equal([code, stderr], [0, '']);
  const bench = JSON.parse(stdout) as ModelBench & { model: string; environment: { node: string } };
  assert.is(bench.model, MODEL);
  assert.ok(bench.environment.node.length > 0);
  assert.ok(bench.rounds > 0);
  assert.is(bench.agreeing_rows, bench.rows);
  for (const summary of [bench.clock, bench.wasm, bench.ort_sync, bench.ort_run]) {
    assert.is(summary.count, bench.rounds * 200);
    assert.ok(summary.p50_ns <= summary.p99_ns && summary.p99_ns <= summary.max_ns);
  }
  const net = (p50Ns: number): number => Math.max(1, p50Ns - bench.clock.p50_ns);
  assert.is(bench.ratio_sync_p50, net(bench.ort_sync.p50_ns) / net(bench.wasm.p50_ns));
  assert.is(bench.ratio_run_p50, net(bench.ort_run.p50_ns) / net(bench.wasm.p50_ns));
  assert.ok(bench.wasm_back_to_back_ns > 0);
});

test('a model without its manifest is not verified', async () => {
  copyFileSync(MODEL, rig.path('alone.onnx'));
  const { code, stdout, stderr } = await rig.run(['model', 'verify', 'alone.onnx']);
  assert.equal([code, stdout], [4, '']);
  assert.match(stderr, 'tickpath: alone.json: not found; a model needs its manifest beside it');
});

test.run();
