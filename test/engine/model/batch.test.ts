import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '../../../src/core/memory.ts';
import { Prng } from '../../../src/core/prng.ts';
import { bindModel, compileModel } from '../../../src/engine/model/compile.ts';
import { UnsupportedModelError } from '../../../src/engine/model/errors.ts';
import { parseOnnx, withOpenBatch } from '../../../src/engine/model/onnx/read.ts';
import { loadOrt, ORT_EXACT } from '../../../src/engine/model/ort.ts';
import { bindAlone, ordinary } from '../../support/model-rig.ts';
import { ModelBuilder } from '../../support/onnx-build.ts';
import { REFERENCE_SHAPE, randomMlp, randomShape } from '../../support/onnx-mlp.ts';

/** A network whose every kind of step walks rows: layouts, a convolution, sums over time, a softmax, gates. */
function network(seed: number): Uint8Array {
  const random = new Prng(seed);
  const build = new ModelBuilder();
  const [channels, length, hidden] = [1 + random.nextInt(5), 5 + random.nextInt(9), 3 + random.nextInt(9)];
  const weights = (...dims: number[]): string =>
    build.constant(
      Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => random.nextNormal()),
      dims,
    );
  const range = build.drawRange(random, false);
  const x = build.requantize(build.input([1, channels, length]), range);
  const filtered = build.node('Relu', [build.node('Conv', [x, weights(hidden, channels, 3)], { pads: [2, 0] })]);
  const turned = build.node('Transpose', [filtered], { perm: [0, 2, 1] });
  const attention = build.node('Softmax', [build.node('MatMul', [turned, weights(hidden, 1)])], { axis: 1 });
  const pooled = build.node('ReduceSum', [build.node('Mul', [turned, attention]), build.integers(1)], { keepdims: 0 });
  const flat = build.node('Reshape', [pooled, build.integers(1, hidden)]);
  const both = build.node('Concat', [flat, build.node('Sigmoid', [flat])], { axis: 1 });
  return build.build([{ name: build.node('Gemm', [both, weights(2 * hidden, 3), weights(3)]), dims: [1, 3] }]);
}

test('each row of a batch gets the bits that it gets alone', () => {
  for (let seed = 0; seed < 40; seed++) {
    const bytes = seed % 2 === 0 ? randomMlp(randomShape(seed), seed) : network(seed);
    const graph = parseOnnx(bytes, `batched ${seed}`);
    const random = new Prng(seed);
    const batch = 2 + random.nextInt(31);
    const [one, many] = [bindAlone(graph), bindAlone(graph, batch)];
    const [inputs, outputs] = [graph.inputCount, graph.outputCount];
    for (let turn = 0; turn < 3; turn++) {
      for (let i = 0; i < batch * inputs; i++) many.inputs[0]![i] = ordinary(random, i);
      many.run();
      for (let row = 0; row < batch; row++) {
        one.inputs[0]!.set(many.inputs[0]!.subarray(row * inputs, (row + 1) * inputs));
        one.run();
        assert.equal(
          [...many.outputs[0]!.subarray(row * outputs, (row + 1) * outputs)],
          [...one.outputs[0]!],
          `seed ${seed} row ${row} of ${batch}`,
        );
      }
    }
  }
});

test('a batch of the reference perceptron equals ONNX Runtime on a batch', () => {
  const graph = parseOnnx(randomMlp(REFERENCE_SHAPE, 1), 'reference');
  const ort = loadOrt();
  const session = ort.createSession(withOpenBatch(graph), ORT_EXACT);
  const random = new Prng(4);
  for (const batch of [2, 3, 8, 17, 32]) {
    const model = bindAlone(graph, batch);
    for (let turn = 0; turn < 50; turn++) {
      for (let i = 0; i < model.inputs[0]!.length; i++) model.inputs[0]![i] = ordinary(random, i);
      model.run();
      const feeds = { [graph.input]: ort.tensor(model.inputs[0]!.slice(), [batch, graph.inputCount]) };
      assert.equal([...session.run(feeds, { [graph.output]: null }, {})[graph.output]!.data], [...model.outputs[0]!]);
    }
  }
  session.dispose();
});

test('a batched model in the memory of another leaves its neighbours alone', () => {
  const graph = parseOnnx(network(1), 'batched');
  const bytes = compileModel(graph, 0, 7).bytes;
  const arena = new Arena(bytes + 8_192);
  const before = arena.allocate('before', 1_024);
  const offset = arena.allocate('model', bytes);
  const behind = arena.allocate('behind', 1_024);
  const guards = [before, behind].map((at) => new Uint8Array(arena.buffer, at, 1_024).fill(0xa5));
  const model = bindModel(compileModel(graph, offset, 7), arena.memory);
  model.input.fill(1.5);
  model.run();
  for (const guard of guards) assert.ok(guard.every((byte) => byte === 0xa5));
});

test('an input without a batch dimension is compiled for one row only', () => {
  const build = new ModelBuilder();
  const y = build.node('Relu', [build.input([6])]);
  const graph = parseOnnx(build.build([{ name: y, dims: [6] }]), 'flat');
  compileModel(graph, 0);
  assert.throws(
    () => compileModel(graph, 0, 2),
    (error: unknown) => error instanceof UnsupportedModelError && error.message.includes('has no batch dimension'),
  );
});

test.run();
