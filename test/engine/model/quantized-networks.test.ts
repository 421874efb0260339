import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { importOnnx } from '../../../src/engine/model/onnx/import.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { runPasses } from '../../../src/engine/model/passes/run.ts';
import { adversarial, compareWithOrt } from '../../support/model-rig.ts';
import { randomNetwork } from '../../support/random-network.ts';

/** Networks drawn; a long form: `TICKPATH_MODEL_NETWORKS=5000 node dist/test/run.js quantized-networks`. */
const NETWORKS = Number(process.env['TICKPATH_MODEL_NETWORKS'] ?? 120);
const ROWS = 24;

/**
 * Where ONNX Runtime leaves a product in float32 between quantizations, its sum has other roundings than ours, and a result
 * that lies on the edge of two quantized values may fall to the other side.
 */
const EDGES_MAX = 0.01;

test('random quantized networks equal ONNX Runtime bit for bit, but for edges behind float32 products', () => {
  let exact = 0;
  for (let seed = 0; seed < NETWORKS; seed++) {
    const random = new Prng(seed, 21);
    const { bytes, range } = randomNetwork(random);
    const low = (range.signed ? -128 : 0) - range.zeroValue;
    const graph = parseOnnx(bytes, `network ${seed}`);
    const difference = compareWithOrt(graph, random, ROWS, adversarial(range.scaleValue, low));
    const inFloat = runPasses(importOnnx(graph)).nodes.some(({ op }) => op === 'Gemm' || op === 'Conv');
    if (!inFloat) exact++;
    const allowed = inFloat ? EDGES_MAX * difference.values : 0;
    assert.ok(difference.different <= allowed, `seed ${seed}: ${JSON.stringify({ ...difference, first: undefined })}`);
  }
  assert.ok(exact > NETWORKS / 2, `${exact} of ${NETWORKS} are integers throughout`);
});

test.run();
