import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '../../../src/core/memory.ts';
import { modelMemoryBytes } from '../../../src/engine/model/compile.ts';
import { bindPrepared, loadModel, prepareModel } from '../../../src/engine/model/load.ts';
import { compareWithNaive, replayFeatures } from '../../support/feature-replay.ts';
import { projectFile } from '../../support/project.ts';

const session = readdirSync(projectFile('replay-data')).find((name) => name.endsWith('.gz'))!;
const files = [projectFile(`replay-data/${session}`)];

test('on the bundled session features equal a recomputation from the whole history', async () => {
  await compareWithNaive(files, 6_000);
});

test('on the bundled session the reference model speaks for both sides, and for neither most of the time', async () => {
  const file = projectFile('models/reference.onnx');
  const loaded = loadModel(file);
  const bytes = modelMemoryBytes(loaded.graph);
  const arena = new Arena(bytes + 4_096);
  const model = bindPrepared(prepareModel(loaded, 'wasm', arena.allocate('model', bytes)), arena.memory, file);
  const { mean, scale, clamp } = loaded.manifest.normalization;
  const normalization = { mean: Float32Array.from(mean), scale: Float32Array.from(scale), clamp };
  const margin = loaded.manifest.thresholds!['enter_margin']!;
  const said = { up: 0, down: 0, nothing: 0, tooEarly: 0 };
  await replayFeatures(files, { output: model.input, normalization }, (_, __, status) => {
    model.run();
    const [down, flat, up] = model.output as unknown as [number, number, number];
    assert.ok(Number.isFinite(down + flat + up));
    if (status < 0) said.tooEarly++;
    else if (up - down >= margin && up >= flat) said.up++;
    else if (down - up >= margin && down >= flat) said.down++;
    else said.nothing++;
  });
  const total = said.up + said.down + said.nothing;
  assert.ok(said.tooEarly > 0 && said.tooEarly < 0.02 * total, JSON.stringify(said));
  assert.ok(said.up > 0.02 * total && said.down > 0.02 * total, JSON.stringify(said));
  assert.ok(said.nothing > 0.5 * total, JSON.stringify(said));
});

test.run();
