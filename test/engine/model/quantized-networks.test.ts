import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { adversarial, compareWithOrt } from '../../support/model-rig.ts';
import { randomNetwork } from '../../support/random-network.ts';

/** Networks drawn; a long form: `TICKPATH_MODEL_NETWORKS=5000 node dist/test/run.js quantized-networks`. */
const NETWORKS = Number(process.env['TICKPATH_MODEL_NETWORKS'] ?? 120);
const ROWS = 24;

test('random quantized networks equal ONNX Runtime bit for bit', () => {
  for (let seed = 0; seed < NETWORKS; seed++) {
    const random = new Prng(seed, 21);
    const { bytes, range } = randomNetwork(random);
    const low = (range.signed ? -128 : 0) - range.zeroValue;
    const difference = compareWithOrt(parseOnnx(bytes, `network ${seed}`), random, ROWS, adversarial(range.scaleValue, low));
    assert.is(difference.different, 0, `seed ${seed}: ${JSON.stringify({ ...difference, first: undefined })}`);
  }
});

test.run();
