import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { MODEL_INPUTS_MAX, MODEL_OUTPUTS_MAX } from '../../../src/core/limits.ts';
import { Prng } from '../../../src/core/prng.ts';
import { compileModel } from '../../../src/engine/model/compile.ts';
import { UnsupportedModelError } from '../../../src/engine/model/errors.ts';
import { proveModel } from '../../../src/engine/model/load.ts';
import { encodeProof, type ModelProof } from '../../../src/engine/model/manifest.ts';
import type { OnnxGraph } from '../../../src/engine/model/onnx/graph.ts';
import { importOnnx } from '../../../src/engine/model/onnx/import.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { createOrtModel } from '../../../src/engine/model/ort.ts';
import { runPasses } from '../../../src/engine/model/passes/run.ts';
import { compiledAlone, verifyModel } from '../../../src/engine/model/verify.ts';
import { interpret } from '../../reference/naive-onnx.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { type MlpShape, REFERENCE_SHAPE, randomMlp, randomShape } from '../../support/onnx-mlp.ts';

const graphOf = (shape: MlpShape, seed: number) => parseOnnx(randomMlp(shape, seed), `generated ${seed}`);

const REFERENCE_SAMPLES = 600_000;
const GENERATED_MODELS = 200;
const GENERATED_SAMPLES = 2_048;

test('the compiled reference perceptron equals ONNX Runtime on 600,000 random and adversarial inputs', () => {
  const report = verifyModel(graphOf(REFERENCE_SHAPE, 1), REFERENCE_SAMPLES, 7);
  assert.is(report.inferences, REFERENCE_SAMPLES);
  assert.equal([report.mismatches, report.first], [0, undefined]);
});

test('200 generated perceptrons of every form equal ONNX Runtime on 409,600 inputs', () => {
  for (let seed = 0; seed < GENERATED_MODELS; seed++) {
    const shape = randomShape(seed);
    const report = verifyModel(graphOf(shape, seed), GENERATED_SAMPLES, seed);
    assert.equal([report.mismatches, report.first], [0, undefined], `seed ${seed} ${JSON.stringify(shape)}`);
  }
});

test('a batch of one row through the synchronous call gives the bits of the batched oracle', () => {
  const graph = graphOf(REFERENCE_SHAPE, 3);
  const ort = createOrtModel(graph, new Float32Array(graph.inputCount));
  const compiled = compiledAlone(graph);
  const random = new Prng(5);
  for (let row = 0; row < 2_000; row++) {
    for (let i = 0; i < graph.inputCount; i++) ort.input[i] = compiled.input[i] = random.nextNormal();
    assert.is(ort.run(), 0);
    compiled.run();
    assert.equal([...compiled.output], [...ort.output]);
  }
  ort.close();
});

test('the compiled code equals the naive integer twin, which needs no ONNX Runtime', () => {
  for (let seed = 0; seed < 60; seed++) {
    const graph = graphOf(randomShape(seed), seed);
    const optimized = runPasses(importOnnx(graph));
    const compiled = compiledAlone(graph);
    const random = new Prng(seed);
    for (let row = 0; row < 10; row++) {
      const magnitude = 2 ** (random.nextInt(12) - 8);
      for (let i = 0; i < graph.inputCount; i++)
        compiled.input[i] = random.nextInt(50) === 0 ? Number.NaN : random.nextNormal() * magnitude;
      compiled.run();
      assert.equal([...compiled.output], interpret(optimized, [[...compiled.input]])[0]!.data, `seed ${seed}`);
    }
  }
});

test('a million runs allocate nothing and collect no garbage', async () => {
  const model = compiledAlone(graphOf(REFERENCE_SHAPE, 1));
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) model.run();
  };
  const { collections, heapBytes } = await measureAllocation(
    () => run(100_000),
    () => run(1_000_000),
  );
  assert.is(collections, 0);
  assert.ok(heapBytes < 100_000, `${heapBytes} bytes`);
});

test('a proof with one differing bit refuses to start', () => {
  const graph = graphOf(REFERENCE_SHAPE, 1);
  const model = compiledAlone(graph);
  const inputs = Float32Array.from({ length: 3 * 40 }, (_, i) => Math.sin(i));
  const outputs = new Float32Array(9);
  for (let row = 0; row < 3; row++) {
    model.input.set(inputs.subarray(40 * row, 40 * row + 40));
    model.run();
    outputs.set(model.output, 3 * row);
  }
  const proof: ModelProof = { rows: 3, inputs, outputs };
  proveModel(model, proof, 'm.onnx');
  new Int32Array(outputs.buffer)[4]! ^= 1;
  assert.throws(
    () => proveModel(model, proof, 'm.onnx'),
    (error: unknown) => error instanceof TickpathError && error.code === 'ERR_MODEL_PROOF' && error.message.includes('row 1'),
  );
  assert.is(encodeProof(proof).length, 32 + 4 * (3 * 40 + 9));
});

test('what the compiler does not cover is refused by operator and node', () => {
  const relu = graphOf({ ...REFERENCE_SHAPE, relu: true }, 1);
  const shifted = relu.nodes.map((node) => (node.op === 'Relu' ? { ...node, op: 'LeakyRelu' } : node));
  assert.throws(
    () => compileModel({ ...relu, nodes: shifted }, 0),
    (error: unknown) => error instanceof UnsupportedModelError && error.message.includes('LeakyRelu, node Relu_r0'),
  );
});

test('a model with as many inputs and outputs as allowed is read, one more of either is refused', () => {
  const read = (inputs: number, outputs: number): OnnxGraph =>
    parseOnnx(randomMlp({ ...REFERENCE_SHAPE, widths: [inputs, 2, outputs] }, 1), 'wide.onnx');
  const graph = read(MODEL_INPUTS_MAX, MODEL_OUTPUTS_MAX);
  assert.equal([graph.inputCount, graph.outputCount], [MODEL_INPUTS_MAX, MODEL_OUTPUTS_MAX]);
  assert.throws(() => read(MODEL_INPUTS_MAX + 1, 3), /wide\.onnx: "x" has 65537 elements, at most 65536/);
  assert.throws(() => read(4, MODEL_OUTPUTS_MAX + 1), /has 1025 elements, at most 1024/);
});

test('truncated and flipped ONNX bytes give one clear error or a model, never a crash', () => {
  const bytes = randomMlp({ ...REFERENCE_SHAPE, widths: [4, 5, 3] }, 1);
  let refused = 0;
  const attempt = (mutated: Uint8Array): void => {
    try {
      compileModel(parseOnnx(mutated, 'broken.onnx'), 0);
    } catch (error) {
      assert.instance(error, TickpathError);
      assert.ok((error as Error).message.startsWith('broken.onnx: '), (error as Error).message);
      refused++;
    }
  };
  for (let length = 0; length < bytes.length; length++) attempt(bytes.subarray(0, length));
  const random = new Prng(9);
  for (let i = 0; i < 3_000; i++) {
    const mutated = Uint8Array.from(bytes);
    for (let flips = 1 + random.nextInt(3); flips > 0; flips--) mutated[random.nextInt(bytes.length)]! ^= 1 << random.nextInt(8);
    attempt(mutated);
  }
  assert.ok(refused > bytes.length / 2);
});

test.run();
