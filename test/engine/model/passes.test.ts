import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import type { Graph } from '../../../src/engine/model/ir/graph.ts';
import { macsOf } from '../../../src/engine/model/ir/macs.ts';
import type { Operator } from '../../../src/engine/model/ir/operators.ts';
import { importOnnx } from '../../../src/engine/model/onnx/import.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { dropDead } from '../../../src/engine/model/passes/drop-dead.ts';
import { dropIdentities } from '../../../src/engine/model/passes/drop-identities.ts';
import { foldConstants } from '../../../src/engine/model/passes/fold-constants.ts';
import { fuseBias, quantizeBias } from '../../../src/engine/model/passes/fuse-bias.ts';
import { fuseDequantize } from '../../../src/engine/model/passes/fuse-dequantize.ts';
import { fuseQuantized } from '../../../src/engine/model/passes/fuse-quantized.ts';
import { moveQuantization } from '../../../src/engine/model/passes/move-quantization.ts';
import { orderProducts } from '../../../src/engine/model/passes/order-products.ts';
import { runPasses } from '../../../src/engine/model/passes/run.ts';
import { tabulate } from '../../../src/engine/model/passes/tabulate.ts';
import { unsignedActivations } from '../../../src/engine/model/passes/unsigned-activations.ts';
import { interpret } from '../../reference/naive-onnx.ts';
import { type DrawnRange, ModelBuilder } from '../../support/onnx-build.ts';

const GRAPHS = 40;

const weights = (build: ModelBuilder, random: Prng, ...dims: number[]): string =>
  build.constant(
    Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => random.nextNormal()),
    dims,
  );

/** A graph with something for every pass: layouts that cancel, dead ends, constants to compute, quantized pieces of all kinds. */
function draw(seed: number): Graph {
  const random = new Prng(seed, 31);
  const build = new ModelBuilder();
  const signed = seed % 3 === 0;
  const [rows, width, hidden] = [2 + random.nextInt(4), 2 + random.nextInt(7), 2 + random.nextInt(8)];
  const range = (): DrawnRange => build.drawRange(random, signed, 0.02 + 0.03 * random.nextFloat());
  const first = range();
  const x = build.requantize(build.input([1, rows, width]), first);
  const turned = build.node('Transpose', [build.node('Transpose', [x], { perm: [0, 2, 1] })], { perm: [0, 2, 1] });
  const flat = build.node('Reshape', [build.node('Reshape', [turned, build.integers(1, -1)]), build.integers(rows, width)]);
  // Weights that lie turned, behind an operation on constants.
  const q = build.constant(
    Int8Array.from({ length: width * hidden }, () => random.nextInt(255) - 127),
    [hidden, width],
  );
  const w = build.node('Transpose', [build.node('DequantizeLinear', [q, build.scalar(0.01)])], { perm: [1, 0] });
  const bias = build.node('Mul', [weights(build, random, hidden), build.scalar(0.5)]);
  const gemm = build.requantize(
    build.node('Relu', [build.node('Add', [build.node('MatMul', [flat, w]), weights(build, random, hidden)])]),
    build.range(0.02, signed ? -128 : 0, signed),
  );
  const one = build.requantize(build.node('Sigmoid', [gemm]), range());
  const two = build.requantize(build.node('Tanh', [build.node('Clip', [gemm, build.scalar(-0.4), build.scalar(0.9)])]), range());
  const sum = build.requantize(build.node('Add', [one, two]), range());
  const joined = build.requantize(build.node('Concat', [sum, one], { axis: 1 }), range());
  const float = build.node('Add', [build.node('Slice', [joined, build.integers(0), build.integers(hidden), build.integers(1)]), bias]);
  build.node('Relu', [build.node('Neg', [float])]);
  const narrow = build.node('MatMul', [build.node('MatMul', [weights(build, random, 1, rows), float]), weights(build, random, hidden, 1)]);
  return importOnnx(
    parseOnnx(
      build.build([
        { name: narrow, dims: [1, 1] },
        { name: joined, dims: [rows, 2 * hidden] },
      ]),
      `drawn ${seed}`,
    ),
  );
}

function outputs(graph: Graph, seed: number): number[] {
  const random = new Prng(seed, 32);
  const input = graph.inputs[0]!.shape.reduce((p, d) => p * d, 1);
  return interpret(graph, [Array.from({ length: input }, () => Math.fround(random.nextNormal()))]).flatMap(({ data }) => data);
}

const count = (graph: Graph, op: Operator): number => graph.nodes.filter((node) => node.op === op).length;

/** Passes that change no bit, each behind those before it, and what it has to have done. */
const EXACT: readonly {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
  readonly effect: (before: Graph, after: Graph) => boolean;
}[] = [
  { name: 'drop-dead', run: dropDead, effect: (before, after) => count(after, 'Unary') === count(before, 'Unary') - 2 },
  { name: 'drop-identities', run: dropIdentities, effect: (before, after) => count(after, 'Transpose') < count(before, 'Transpose') },
  { name: 'move-quantization', run: moveQuantization, effect: (before, after) => before !== after },
  { name: 'fold-constants', run: foldConstants, effect: (before, after) => count(after, 'Mul') === count(before, 'Mul') - 1 },
  { name: 'fuse-bias', run: fuseBias, effect: (before, after) => count(after, 'Add') === count(before, 'Add') - 1 },
  { name: 'unsigned-activations', run: unsignedActivations, effect: () => true },
  { name: 'tabulate', run: tabulate, effect: (_, after) => count(after, 'QLookup') >= 2 },
];

for (const { name, run, effect } of EXACT) {
  test(`the pass ${name} changes the graph and no bit of its outputs`, () => {
    for (let seed = 0; seed < GRAPHS; seed++) {
      const before = draw(seed);
      const after = run(before);
      assert.ok(effect(before, after), `seed ${seed}`);
      const expected = outputs(before, seed);
      // What the interpreter rounds twice and the pass once (a sum and its bias) may differ in the last place.
      outputs(after, seed).forEach((value, i) => {
        const bound = name === 'fuse-bias' || name === 'tabulate' ? 2e-2 : 0;
        assert.ok(Math.abs(value - expected[i]!) <= bound * Math.max(1, Math.abs(expected[i]!)), `seed ${seed}: ${value}, ${expected[i]}`);
      });
    }
  });
}

test('the pass unsigned-activations leaves no int8 activation with one reader, and gives the same numbers', () => {
  const before = draw(0);
  const after = unsignedActivations(before);
  const int8 = (graph: Graph): number =>
    graph.nodes.filter((node) => node.op === 'QuantizeLinear' && node.attributes.to.dtype === 'i8').length;
  assert.ok(int8(before) > int8(after));
  assert.equal(outputs(before, 0), outputs(after, 0));
});

test('the fused graph stands for the same numbers as the one that was read, to a quantized step', () => {
  for (let seed = 0; seed < GRAPHS; seed++) {
    const before = draw(seed);
    const after = runPasses(before);
    // A value read twice stays int8 behind a product that became uint8, and the product float32.
    assert.is(count(after, 'QGemm'), seed % 3 === 0 ? 0 : 1, `seed ${seed}`);
    assert.ok(count(after, 'DequantizeLinear') < count(before, 'DequantizeLinear'), `seed ${seed}`);
    const expected = outputs(before, seed);
    const fused = outputs(after, seed);
    fused.forEach(
      (value, i) =>
        void assert.ok(
          Math.abs(value - expected[i]!) <= 0.15 * Math.max(1, Math.abs(expected[i]!)),
          `seed ${seed}: ${value}, ${expected[i]}`,
        ),
    );
  }
});

test('a redundant Relu, a float bias and a dequantized result end up inside the product', () => {
  const random = new Prng(1);
  const build = new ModelBuilder();
  const x = build.requantize(build.input([1, 8]), build.range(0.05, 128, false));
  const q = build.constant(
    Int8Array.from({ length: 24 }, () => random.nextInt(255) - 127),
    [8, 3],
  );
  const w = build.node('DequantizeLinear', [q, build.scalar(0.01)]);
  const gemm = build.node('Gemm', [x, w, weights(build, random, 3)]);
  const y = build.requantize(build.node('Relu', [gemm]), build.range(0.02, 0, false));
  const graph = importOnnx(parseOnnx(build.build([{ name: y, dims: [1, 3] }]), 'fused'));
  const biased = quantizeBias(graph);
  const bias = biased.nodes.find((node) => node.op === 'DequantizeLinear' && node.attributes.from.dtype === 'i32');
  assert.ok(bias !== undefined && bias.inputs[0]!.data instanceof Int32Array);
  const fused = fuseDequantize(dropDead(fuseQuantized(biased)));
  assert.equal(
    fused.nodes.map((node) => node.op),
    ['QuantizeLinear', 'QGemm'],
  );
});

test('a bilinear product is reordered when that costs less, and only then', () => {
  for (const [m, k, n, o] of [
    [60, 40, 10, 5],
    [5, 40, 60, 60],
    [4, 4, 4, 4],
    [3, 50, 60, 2],
  ] as const) {
    for (const leftFirst of [true, false]) {
      const random = new Prng(m);
      const build = new ModelBuilder();
      const x = build.input([1, k, n]);
      const [a, b] = [weights(build, random, m, k), weights(build, random, n, o)];
      const y = leftFirst
        ? build.node('MatMul', [build.node('MatMul', [a, x]), b])
        : build.node('MatMul', [a, build.node('MatMul', [x, b])]);
      const graph = importOnnx(parseOnnx(build.build([{ name: y, dims: [1, m, o] }]), 'bilinear'));
      const after = dropDead(orderProducts(graph));
      const best = Math.min(m * k * n + m * n * o, k * n * o + m * k * o);
      assert.is(macsOf(after), best, `${m} ${k} ${n} ${o}`);
      const [expected, got] = [outputs(graph, 1), outputs(after, 1)];
      const scale = Math.max(...expected.map(Math.abs));
      got.forEach((value, i) => void assert.ok(Math.abs(value - expected[i]!) <= 1e-6 * scale));
    }
  }
});

test.run();
