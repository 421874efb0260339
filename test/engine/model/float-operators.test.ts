import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { importOnnx } from '../../../src/engine/model/onnx/import.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { interpret } from '../../reference/naive-onnx.ts';
import { compareWithOrt, type Draw as DrawInput, Oracle, ordinary } from '../../support/model-rig.ts';
import { ModelBuilder } from '../../support/onnx-build.ts';

/** A long form of these tests: `TICKPATH_MODEL_ROWS=100000 node dist/test/run.js float-operators`. */
const ROWS = Number(process.env['TICKPATH_MODEL_ROWS'] ?? 40);
const MODELS = 20;

type Draw = (build: ModelBuilder, random: Prng) => Uint8Array;

interface Kind {
  readonly draw: Draw;
  /** Largest difference of a value, over the largest value of its result; 0: the same bits. */
  readonly relative: number;
  readonly inputs?: DrawInput;
}

const size = (random: Prng, max: number): number => 1 + random.nextInt(max);
const normals = (random: Prng, count: number): Float32Array => Float32Array.from({ length: count }, () => random.nextNormal());

/** Numbers of all sizes, zeros of both signs, denormals, infinities and NaN. */
const anything: DrawInput = (random, row) => {
  const special = [0, -0, 1e-45, -1e-42, 3.4028235e38, -3.4028235e38, Infinity, -Infinity, Number.NaN];
  if (row % 4 === 0 && random.nextInt(4) === 0) return special[random.nextInt(special.length)]!;
  return Math.fround(random.nextNormal() * 2 ** (random.nextInt(16) - 8));
};

const unary =
  (op: string, positive = false): Draw =>
  (build, random) => {
    const dims = [1, size(random, 70)];
    const x = build.input(dims);
    return build.build([{ name: build.node(op, [positive ? build.node('Abs', [x]) : x]), dims }]);
  };

const binary =
  (op: string): Draw =>
  (build, random) => {
    const dims = [1, size(random, 4), size(random, 5), size(random, 9)];
    const kept = dims.map((dim, axis) => (axis > 0 && random.nextInt(2) === 0 ? 1 : dim));
    const a = build.input(dims);
    const b =
      random.nextInt(3) === 0
        ? build.constant(
            normals(
              random,
              kept.reduce((p, d) => p * d, 1),
            ),
            kept,
          )
        : build.input(kept);
    return build.build([{ name: build.node(op, random.nextInt(2) === 0 ? [a, b] : [b, a]), dims }]);
  };

const clip: Draw = (build, random) => {
  const dims = [1, size(random, 40)];
  const bounds = [build.scalar(-0.5 - random.nextFloat()), build.scalar(random.nextFloat())];
  const given = [bounds, [bounds[0]!], ['', bounds[1]!]][random.nextInt(3)]!;
  return build.build([{ name: build.node('Clip', [build.input(dims), ...given]), dims }]);
};

const gemm: Draw = (build, random) => {
  const [inputs, outputs] = [size(random, 60), size(random, 200)];
  const turn = random.nextInt(2);
  const w = build.constant(normals(random, inputs * outputs), turn === 1 ? [outputs, inputs] : [inputs, outputs]);
  const bias = [[], [build.constant(normals(random, outputs))], [build.constant(normals(random, 1))], [build.input([1, outputs])]][
    random.nextInt(4)
  ]!;
  const attributes = {
    transB: turn,
    alpha: { float: random.nextInt(2) === 0 ? 1 : 0.75 },
    beta: { float: random.nextInt(2) === 0 ? 1 : 1.5 },
  };
  return build.build([{ name: build.node('Gemm', [build.input([1, inputs]), w, ...bias], attributes), dims: [1, outputs] }]);
};

const products: Draw = (build, random) => {
  const [rows, inner, columns, outer] = [size(random, 12), size(random, 20), size(random, 20), size(random, 4)];
  const a = random.nextInt(3) === 0 ? build.constant(normals(random, rows * inner), [rows, inner]) : build.input([1, outer, rows, inner]);
  const b =
    a.startsWith('c') || random.nextInt(2) === 0
      ? build.input([1, outer, inner, columns])
      : build.constant(normals(random, inner * columns), [inner, columns]);
  return build.build([{ name: build.node('MatMul', [a, b]), dims: [1, outer, rows, columns] }]);
};

const softmax: Draw = (build, random) => {
  const dims = [1, size(random, 6), size(random, 50)];
  return build.build([{ name: build.node('Softmax', [build.input(dims)], { axis: random.nextInt(2) === 0 ? 1 : -1 }), dims }]);
};

const layerNormalization: Draw = (build, random) => {
  const dims = [1, size(random, 5), 2 + random.nextInt(60)];
  const operands = [
    build.input(dims),
    build.constant(normals(random, dims[2]!)),
    ...(random.nextInt(2) === 0 ? [] : [build.constant(normals(random, dims[2]!))]),
  ];
  return build.build([{ name: build.node('LayerNormalization', operands, { epsilon: { float: 1e-5 } }), dims }]);
};

const reduce =
  (op: string): Draw =>
  (build, random) => {
    const dims = [1, size(random, 5), size(random, 9), size(random, 20)];
    const axes = [[1], [2], [3], [1, 2], [2, 3], [1, 3], [1, 2, 3]][random.nextInt(7)]!;
    const keepdims = random.nextInt(2);
    const x = build.input(dims);
    const y = op === 'ReduceSum' ? build.node(op, [x, build.integers(...axes)], { keepdims }) : build.node(op, [x], { axes, keepdims });
    const reduced = dims.flatMap((dim, axis) => (axes.includes(axis) ? (keepdims === 1 ? [1] : []) : [dim]));
    return build.build([{ name: y, dims: reduced }]);
  };

const conv: Draw = (build, random) => {
  const groups = [1, 1, 2, 3][random.nextInt(4)]!;
  const depthwise = random.nextInt(4) === 0;
  const perGroup = depthwise ? 1 : size(random, 6);
  const channels = (depthwise ? 4 + random.nextInt(20) : groups) * perGroup;
  const group = depthwise ? channels : groups;
  const outputs = group * size(random, depthwise ? 1 : 7);
  const [kernel, dilation, stride, length] = [size(random, 5), size(random, 3), size(random, 2), 16 + random.nextInt(50)];
  const causal = dilation * (kernel - 1);
  const given = random.nextInt(3);
  const pads = given === 0 ? [0, 0] : given === 1 ? [causal, 0] : [size(random, 4), size(random, 4)];
  let x = build.input([1, channels, length]);
  // Exporters write causal padding as an operation of its own.
  const own = given === 1 && random.nextInt(2) === 0;
  if (own) x = build.node('Pad', [x, build.integers(0, 0, causal, 0, 0, 0)]);
  const w = build.constant(normals(random, outputs * perGroup * kernel), [outputs, perGroup, kernel]);
  const bias = random.nextInt(2) === 0 ? [] : [build.constant(normals(random, outputs))];
  const attributes = { group, kernel_shape: [kernel], dilations: [dilation], strides: [stride], pads: own ? [0, 0] : pads };
  const steps = Math.floor((length + pads[0]! + pads[1]! - causal - 1) / stride) + 1;
  return build.build([{ name: build.node('Conv', [x, w, ...bias], attributes), dims: [1, outputs, steps] }]);
};

const layout: Draw = (build, random) => {
  const [a, b, c] = [size(random, 5), 2 + random.nextInt(5), 2 + random.nextInt(12)];
  const x = build.input([1, a, b, c]);
  const turned = build.node('Transpose', [x], { perm: [0, 2, 3, 1] });
  const back = build.node('Slice', [turned, build.integers(-1), build.integers(-1000), build.integers(2), build.integers(-1)]);
  const [head, tail] = build.many('Split', [back, build.integers(1, c - 1)], 2, { axis: 2 }) as [string, string];
  const joined = build.node('Concat', [tail, head, tail], { axis: 2 });
  const row = build.node('Gather', [joined, build.constant(BigInt64Array.of(1n), [])], { axis: 1 });
  const flat = build.node('Flatten', [build.node('Unsqueeze', [row, build.integers(1)])], { axis: 2 });
  const squeezed = build.node('Squeeze', [build.node('Reshape', [flat, build.integers(1, -1, 1)]), build.integers(2)]);
  return build.build([
    { name: squeezed, dims: [1, (2 * c - 1) * a] },
    { name: joined, dims: [1, b, 2 * c - 1, a] },
  ]);
};

/** Shapes that are computed in the graph, as exporters write them. */
const computedShape: Draw = (build, random) => {
  const [a, b] = [size(random, 5), size(random, 7)];
  const x = build.input([1, a, b]);
  const first = build.node('Gather', [build.node('Shape', [x]), build.constant(BigInt64Array.of(0n), [])], { axis: 0 });
  const shape = build.node('Concat', [build.node('Unsqueeze', [first, build.integers(0)]), build.integers(-1)], { axis: 0 });
  return build.build([{ name: build.node('Relu', [build.node('Reshape', [x, shape])]), dims: [1, a * b] }]);
};

/** A small network in which everything meets: normalisation, gates, attention over time, a softmax. */
const network: Draw = (build, random) => {
  const [steps, width, hidden] = [4, size(random, 12), 4 + random.nextInt(20)];
  const x = build.input([1, steps, width]);
  const mean = build.node('ReduceMean', [x], { axes: [1] });
  const centred = build.node('Sub', [x, mean]);
  const variance = build.node('ReduceMean', [build.node('Mul', [centred, centred])], { axes: [1] });
  const normal = build.node('Div', [centred, build.node('Sqrt', [build.node('Add', [variance, build.scalar(1e-3)])])]);
  const h = build.node('Tanh', [
    build.node('Add', [
      build.node('MatMul', [normal, build.constant(normals(random, width * hidden), [width, hidden])]),
      build.constant(normals(random, hidden)),
    ]),
  ]);
  const weights = build.node('Softmax', [build.node('MatMul', [h, build.constant(normals(random, hidden), [hidden, 1])])], { axis: 1 });
  const context = build.node('Reshape', [
    build.node('MatMul', [build.node('Transpose', [weights], { perm: [0, 2, 1] }), h]),
    build.integers(1, hidden),
  ]);
  const gate = build.node('Sigmoid', [
    build.node('Gemm', [context, build.constant(normals(random, hidden * 3), [3, hidden])], { transB: 1 }),
  ]);
  return build.build([{ name: build.node('Softmax', [gate]), dims: [1, 3] }]);
};

/** Sums of many terms in another order: a few units in the last place of the largest partial sum. */
const SUM = 2e-6;

const KINDS: Readonly<Record<string, Kind>> = {
  Add: { draw: binary('Add'), relative: 0 },
  Sub: { draw: binary('Sub'), relative: 0 },
  Mul: { draw: binary('Mul'), relative: 0 },
  Div: { draw: binary('Div'), relative: 0 },
  Relu: { draw: unary('Relu'), relative: 0, inputs: anything },
  Neg: { draw: unary('Neg'), relative: 0, inputs: anything },
  Abs: { draw: unary('Abs'), relative: 0, inputs: anything },
  Sqrt: { draw: unary('Sqrt', true), relative: 0, inputs: anything },
  Sigmoid: { draw: unary('Sigmoid'), relative: 0, inputs: anything },
  Tanh: { draw: unary('Tanh'), relative: 0, inputs: anything },
  Exp: { draw: unary('Exp'), relative: 0, inputs: anything },
  Clip: { draw: clip, relative: 0, inputs: anything },
  'Transpose, Slice, Split, Concat, Gather, Flatten, Squeeze': { draw: layout, relative: 0 },
  'computed shapes': { draw: computedShape, relative: 0 },
  Gemm: { draw: gemm, relative: SUM },
  MatMul: { draw: products, relative: SUM },
  Conv: { draw: conv, relative: SUM },
  Softmax: { draw: softmax, relative: SUM },
  LayerNormalization: { draw: layerNormalization, relative: 1e-5 },
  // Where terms cancel, the rounding of the terms stands beside a small sum.
  ReduceSum: { draw: reduce('ReduceSum'), relative: 2e-4 },
  ReduceMean: { draw: reduce('ReduceMean'), relative: 2e-4 },
  ReduceMax: { draw: reduce('ReduceMax'), relative: 0 },
  ReduceMin: { draw: reduce('ReduceMin'), relative: 0 },
  ReduceSumSquare: { draw: reduce('ReduceSumSquare'), relative: SUM },
  ReduceL1: { draw: reduce('ReduceL1'), relative: SUM },
  ReduceL2: { draw: reduce('ReduceL2'), relative: SUM },
  'a network of all of them': { draw: network, relative: 2e-5 },
};

for (const [name, { draw, relative, inputs }] of Object.entries(KINDS)) {
  test(`${name} in float32 ${relative === 0 ? 'equals ONNX Runtime bit for bit' : `stays within ${relative} of ONNX Runtime`}`, () => {
    for (let seed = 0; seed < MODELS; seed++) {
      const random = new Prng(seed, 11);
      const graph = parseOnnx(draw(new ModelBuilder(), random), `${name} ${seed}`);
      const difference = compareWithOrt(graph, random, ROWS, inputs ?? ordinary);
      if (relative === 0) assert.is(difference.different, 0, `seed ${seed}: ${JSON.stringify(difference)}`);
      else assert.ok(difference.worstRelative <= relative, `seed ${seed}: ${JSON.stringify(difference)}`);
    }
  });

  test(`${name}: the naive interpreter stands near ONNX Runtime too`, () => {
    for (let seed = 0; seed < 4; seed++) {
      const random = new Prng(seed, 12);
      const graph = parseOnnx(draw(new ModelBuilder(), random), `${name} ${seed}`);
      const imported = importOnnx(graph);
      const rows = imported.inputs.map(({ shape }) =>
        normals(
          random,
          shape.reduce((p, d) => p * d, 1),
        ),
      );
      const expected = new Oracle(graph).run(rows);
      interpret(
        imported,
        rows.map((row) => [...row]),
      ).forEach(({ data }, at) => {
        const scale = Math.max(1e-6, ...expected[at]!.map(Math.abs));
        data.forEach(
          (value, i) =>
            void assert.ok(Math.abs(value - expected[at]![i]!) <= 1e-5 * scale, `seed ${seed}: ${value} and ${expected[at]![i]}`),
        );
      });
    }
  });
}

test.run();
