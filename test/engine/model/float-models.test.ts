import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { Arena } from '../../../src/core/memory.ts';
import { Prng } from '../../../src/core/prng.ts';
import { compileModel } from '../../../src/engine/model/compile.ts';
import { bindPrepared, type LoadedModel, prepareModel } from '../../../src/engine/model/load.ts';
import type { ModelProof } from '../../../src/engine/model/manifest.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { createOrtModel } from '../../../src/engine/model/ort.ts';
import { compiledAlone, verifyModel } from '../../../src/engine/model/verify.ts';
import { ModelBuilder } from '../../support/onnx-build.ts';
import { REFERENCE_SHAPE, randomMlp } from '../../support/onnx-mlp.ts';

/** A float32 perceptron 12-20-3, and ONNX Runtime's outputs on a few rows. */
function loaded(): LoadedModel {
  const random = new Prng(2);
  const build = new ModelBuilder();
  const weights = (...dims: number[]): string =>
    build.constant(
      Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => random.nextNormal()),
      dims,
    );
  const h = build.node('Relu', [build.node('Gemm', [build.input([1, 12]), weights(12, 20), weights(20)])]);
  const graph = parseOnnx(build.build([{ name: build.node('Gemm', [h, weights(20, 3), weights(3)]), dims: [1, 3] }]), 'float.onnx');
  const ort = createOrtModel(graph, new Float32Array(12));
  const proof = { rows: 20, inputs: Float32Array.from({ length: 240 }, () => random.nextNormal()), outputs: new Float32Array(60) };
  for (let row = 0; row < proof.rows; row++) {
    ort.input.set(proof.inputs.subarray(12 * row, 12 * row + 12));
    ort.run();
    proof.outputs.set(ort.output, 3 * row);
  }
  ort.close();
  return { file: 'float.onnx', graph, manifest: undefined as unknown as LoadedModel['manifest'], proof };
}

test('a model with float32 sums runs on ONNX Runtime unless it is asked to be compiled', () => {
  const model = loaded();
  const auto = prepareModel(model, 'auto', 128);
  assert.is(auto.backend, 'ort-cpu');
  assert.match(auto.note, /float32 sums have other last bits when compiled \(operator Gemm, node Gemm_v\d+\)/);
  const asked = prepareModel(model, 'wasm', 128);
  assert.is(asked.backend, 'wasm');
  assert.match(asked.note, /float32 sums of its own \(operator Gemm/);
});

test('compiled, it is proved to a tolerance, beyond which it refuses to start', () => {
  const model = loaded();
  const { bytes } = compileModel(model.graph, 0);
  const memory = new Arena(bytes + 1_024).memory;
  bindPrepared(prepareModel(model, 'wasm', 128), memory, model.file);
  const outputs = model.proof.outputs.slice();
  outputs[7] = outputs[7]! + 1e-3 * Math.max(...outputs.map(Math.abs));
  const wrong: ModelProof = { ...model.proof, outputs };
  assert.throws(
    () => bindPrepared(prepareModel({ ...model, proof: wrong }, 'wasm', 128), memory, model.file),
    (error: unknown) => error instanceof TickpathError && error.code === 'ERR_MODEL_PROOF' && error.message.includes('row 2'),
  );
});

test('verify compares bits for integers and to the tolerance for float32 sums', () => {
  const { graph } = loaded();
  assert.equal(verifyModel(graph, 2_000, 1), { inferences: 2_000, mismatches: 0, tolerance: 1e-4 });
  assert.is(compiledAlone(parseOnnx(randomMlp(REFERENCE_SHAPE, 1), 'quantized')).tolerance, 0);
});

test.run();
