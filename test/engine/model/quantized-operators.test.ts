import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { parseOnnx } from '../../../src/engine/model/onnx/read.ts';
import { adversarial, compareWithOrt } from '../../support/model-rig.ts';
import { type DrawnRange, ModelBuilder } from '../../support/onnx-build.ts';

/** A long form of these tests: `TICKPATH_MODEL_ROWS=100000 node dist/test/run.js quantized-operators`. */
const ROWS = Number(process.env['TICKPATH_MODEL_ROWS'] ?? 60);
const MODELS = 24;

interface Drawn {
  readonly bytes: Uint8Array;
  /** Of the first input. */
  readonly range: DrawnRange;
}

/** Draws a model of one kind. */
type Draw = (build: ModelBuilder, random: Prng, signed: boolean) => Drawn;

function weightsOf(
  build: ModelBuilder,
  random: Prng,
  inputs: number,
  outputs: number,
  signed: boolean,
  turn: boolean,
  dims: readonly number[] = turn ? [outputs, inputs] : [inputs, outputs],
): { w: string; scales: number[] } {
  const perChannel = random.nextInt(2) === 0;
  const count = perChannel ? outputs : 1;
  const data = Array.from({ length: inputs * outputs }, () => (random.nextInt(5) === 0 ? random.nextInt(2) * 255 : random.nextInt(256)));
  const zero = Array.from({ length: count }, () => (random.nextInt(2) === 0 ? 0 : random.nextInt(256) - 128));
  const scales = Float32Array.from({ length: count }, () => 0.001 + 0.01 * random.nextFloat());
  const q = signed
    ? [
        build.constant(
          Int8Array.from(data, (value) => value - 128),
          dims,
        ),
        build.constant(Int8Array.from(zero), perChannel ? [count] : []),
      ]
    : [
        build.constant(Uint8Array.from(data), dims),
        build.constant(
          Uint8Array.from(zero, (value) => value + 128),
          perChannel ? [count] : [],
        ),
      ];
  const w = build.node('DequantizeLinear', [q[0]!, build.constant(scales, perChannel ? [count] : []), q[1]!], { axis: turn ? 0 : 1 });
  return { w, scales: [...scales] };
}

const size = (random: Prng, max: number): number => 1 + random.nextInt(max);
const end = (build: ModelBuilder, y: string, dims: readonly number[]): Uint8Array => build.build([{ name: y, dims }]);

const product =
  (op: 'Gemm' | 'MatMul', bias: 'none' | 'int32' | 'float', result: 'quantized' | 'float', rows = 1): Draw =>
  (build, random, signed) => {
    const [inputs, outputs] = [size(random, 70), size(random, 70)];
    const range = build.drawRange(random, signed);
    const x = build.requantize(build.input(rows === 1 ? [1, inputs] : [1, rows, inputs]), range);
    const turn = op === 'Gemm' && random.nextInt(2) === 0;
    const { w, scales } = weightsOf(build, random, inputs, outputs, signed || random.nextInt(2) === 0, turn);
    const operands = [x, w];
    const combined = Float32Array.from(scales, (scale) => range.scaleValue * scale);
    if (bias === 'int32') {
      const values = build.constant(Int32Array.from({ length: outputs }, () => random.nextInt(40_001) - 20_000));
      const scale = build.constant(combined, combined.length === 1 ? [] : [outputs]);
      operands.push(build.node('DequantizeLinear', [values, scale], { axis: 0 }));
    } else if (bias === 'float') operands.push(build.constant(Float32Array.from({ length: outputs }, () => random.nextNormal())));
    let y: string;
    if (op === 'Gemm') y = build.node('Gemm', operands, turn ? { transB: 1 } : {});
    else {
      y = build.node('MatMul', operands.slice(0, 2));
      if (operands.length > 2) y = build.node('Add', random.nextInt(2) === 0 ? [y, operands[2]!] : [operands[2]!, y]);
    }
    if (result === 'quantized') {
      const spread = Math.sqrt(inputs) * 70 * range.scaleValue * 0.006 * 70;
      let to = build.drawRange(random, signed, (spread / 100) * (0.3 + random.nextFloat()));
      if (random.nextInt(3) === 0) {
        y = build.node('Relu', [y]);
        to = build.range(to.scaleValue, signed ? -128 : 0, signed);
      }
      y = build.requantize(y, to);
    }
    return { bytes: end(build, y, rows === 1 ? [1, outputs] : [1, rows, outputs]), range };
  };

const dynamicProduct: Draw = (build, random, signed) => {
  const [rows, inner, columns, outer] = [size(random, 9), size(random, 20), size(random, 40), size(random, 3)];
  const [first, second] = [build.drawRange(random, signed), build.drawRange(random, signed)];
  const a = build.requantize(build.input([1, outer, rows, inner]), first);
  const b = build.requantize(build.input([1, outer, inner, columns]), second);
  const y = build.requantize(build.node('MatMul', [a, b]), build.drawRange(random, signed, 0.3));
  return { bytes: end(build, y, [1, outer, rows, columns]), range: first };
};

/** A constant on the left, as in bilinear networks. */
const leftProduct: Draw = (build, random, signed) => {
  const [rows, inner, columns] = [size(random, 40), size(random, 20), size(random, 12)];
  const [first, second] = [build.drawRange(random, signed), build.drawRange(random, signed)];
  const x = build.requantize(build.input([1, inner, columns]), first);
  const data = Array.from({ length: rows * inner }, () => random.nextInt(256));
  const w = build.constant(signed ? Int8Array.from(data, (value) => value - 128) : Uint8Array.from(data), [rows, inner]);
  const y = build.requantize(build.node('MatMul', [build.dequantize(w, second), x]), build.drawRange(random, signed, 0.3));
  return { bytes: end(build, y, [1, rows, columns]), range: first };
};

const binary =
  (op: 'Add' | 'Mul' | 'Sub' | 'Div', shape: 'same' | 'row' | 'one' | 'constant'): Draw =>
  (build, random, signed) => {
    const [rows, width] = [size(random, 5), size(random, 40)];
    const [first, second] = [build.drawRange(random, signed), build.drawRange(random, signed)];
    const a = build.requantize(build.input([1, rows, width]), first);
    const dims = shape === 'one' ? [1, 1, 1] : shape === 'same' ? [1, rows, width] : [1, 1, width];
    const data = Array.from({ length: width }, () => random.nextInt(256));
    const b =
      shape === 'constant'
        ? build.dequantize(build.constant(signed ? Int8Array.from(data, (value) => value - 128) : Uint8Array.from(data), [width]), second)
        : build.requantize(build.input(dims), second);
    const scale = op === 'Mul' ? 0.05 : op === 'Div' ? 0.1 : 0.03;
    const y = build.node(op, random.nextInt(2) === 0 ? [a, b] : [b, a]);
    return { bytes: end(build, build.requantize(y, build.drawRange(random, signed, scale)), [1, rows, width]), range: first };
  };

const unary =
  (op: string, scale: number, attributes: Readonly<Record<string, number>> = {}): Draw =>
  (build, random, signed) => {
    const width = size(random, 50);
    const range = build.drawRange(random, signed);
    const x = build.requantize(build.input([1, width]), range);
    const y = build.node(op, [x], attributes);
    return {
      bytes: end(build, build.requantize(y, build.drawRange(random, signed, scale * (0.5 + random.nextFloat()))), [1, width]),
      range,
    };
  };

const softmax: Draw = (build, random, signed) => {
  const dims = [1, 2 + random.nextInt(6), 2 + random.nextInt(12)];
  const range = build.drawRange(random, signed);
  const x = build.requantize(build.input(dims), range);
  const y = build.node('Softmax', [x], { axis: random.nextInt(2) === 0 ? 1 : -1 });
  // The zero point of a probability: at the lower end.
  return { bytes: end(build, build.requantize(y, build.range(1 / 256, signed ? -128 : 0, signed)), dims), range };
};

const concat: Draw = (build, random, signed) => {
  const [rows, one, two] = [size(random, 4), size(random, 20), size(random, 20)];
  const first = build.drawRange(random, signed);
  const second = random.nextInt(2) === 0 ? first : build.drawRange(random, signed);
  const a = build.requantize(build.input([1, rows, one]), first);
  const b = build.requantize(build.input([1, rows, two]), second);
  const to = random.nextInt(2) === 0 ? first : build.drawRange(random, signed);
  return { bytes: end(build, build.requantize(build.node('Concat', [a, b], { axis: 2 }), to), [1, rows, one + two]), range: first };
};

const layouts: Draw = (build, random, signed) => {
  const [a, b, c] = [size(random, 4), size(random, 5), size(random, 6)];
  const range = build.drawRange(random, signed);
  const x = build.requantize(build.input([1, a, b, c]), range);
  const turned = build.node('Transpose', [x], { perm: [0, 3, 1, 2] });
  const sliced = build.node('Slice', [turned, build.integers(0), build.integers(Math.max(1, b - 1)), build.integers(3)]);
  const flat = build.node('Reshape', [sliced, build.integers(0, -1)]);
  return { bytes: end(build, build.requantize(flat, range), [1, c * a * Math.max(1, b - 1)]), range };
};

const extreme =
  (op: 'ReduceMax' | 'ReduceMin'): Draw =>
  (build, random, signed) => {
    const [rows, width] = [size(random, 9), size(random, 30)];
    const range = build.drawRange(random, signed);
    const axis = 1 + random.nextInt(2);
    const y = build.node(op, [build.requantize(build.input([1, rows, width]), range)], { axes: [axis], keepdims: 0 });
    return { bytes: end(build, build.requantize(y, range), [1, axis === 1 ? width : rows]), range };
  };

const integerProduct: Draw = (build, random, signed) => {
  const [inputs, outputs] = [size(random, 60), size(random, 50)];
  const range = build.drawRange(random, signed);
  const x = build.quantize(build.input([1, inputs]), range);
  const w = build.constant(
    Int8Array.from({ length: inputs * outputs }, () => random.nextInt(256) - 128),
    [inputs, outputs],
  );
  const y = build.node('MatMulInteger', [x, w, range.zero, build.constant(Int8Array.of(random.nextInt(256) - 128), [])]);
  return { bytes: end(build, build.node('Cast', [y], { to: 1 }), [1, outputs]), range };
};

const dynamicQuantized: Draw = (build, random) => {
  const [inputs, outputs] = [size(random, 60), size(random, 50)];
  const range = build.range(1 / 32, 128, false);
  const [q, scale, zero] = build.many('DynamicQuantizeLinear', [build.input([1, inputs])], 3) as [string, string, string];
  const w = build.constant(
    Int8Array.from({ length: inputs * outputs }, () => random.nextInt(256) - 128),
    [inputs, outputs],
  );
  const sums = build.node('Cast', [build.node('MatMulInteger', [q, w, zero])], { to: 1 });
  return { bytes: end(build, build.node('Mul', [sums, scale]), [1, outputs]), range };
};

/** The operators of the QOperator format, between a quantized input and a dequantized output. */
const qOperator =
  (op: 'QLinearMatMul' | 'QLinearAdd' | 'QLinearMul' | 'QLinearSigmoid'): Draw =>
  (build, random, asked) => {
    const [inputs, outputs] = [size(random, 40), size(random, 40)];
    // ONNX Runtime makes int8 activations uint8 and then finds no QLinearMatMul for what is left int8.
    const signed = asked && op !== 'QLinearMatMul';
    const [range, other, to] = [build.drawRange(random, signed), build.drawRange(random, signed), build.drawRange(random, signed, 0.1)];
    const q = build.quantize(build.input([1, inputs]), range);
    const operand = [q, range.scale, range.zero];
    const result = [to.scale, to.zero];
    let [y, width] = ['', inputs];
    if (op === 'QLinearMatMul') {
      const w = build.constant(
        Int8Array.from({ length: inputs * outputs }, () => random.nextInt(256) - 128),
        [inputs, outputs],
      );
      const weight = build.range(0.01, random.nextInt(256) - 128, true);
      y = build.node(op, [...operand, w, weight.scale, weight.zero, ...result]);
      width = outputs;
    } else if (op === 'QLinearSigmoid') y = build.node(op, [...operand, ...result], {}, 'com.microsoft');
    else
      y = build.node(
        op,
        [...operand, build.quantize(build.input([1, inputs]), other), other.scale, other.zero, ...result],
        {},
        'com.microsoft',
      );
    return { bytes: end(build, build.dequantize(y, to), [1, width]), range };
  };

const convolution =
  (kind: 'plain' | 'depthwise' | 'causal'): Draw =>
  (build, random, signed) => {
    const perGroup = kind === 'depthwise' ? 1 : size(random, 6);
    const groups = kind === 'depthwise' ? size(random, 20) : size(random, 2);
    const outputs = groups * (kind === 'depthwise' ? 1 : size(random, 8));
    const [kernel, dilation, length] = [size(random, 5), size(random, 3), 13 + random.nextInt(40)];
    const stride = kind === 'causal' ? 1 : size(random, 2);
    const reach = dilation * (kernel - 1);
    const pads = kind === 'causal' ? [reach, 0] : [random.nextInt(3), random.nextInt(3)];
    const range = build.drawRange(random, signed);
    const x = build.requantize(build.input([1, groups * perGroup, length]), range);
    const { w, scales } = weightsOf(build, random, perGroup * kernel, outputs, signed || random.nextInt(2) === 0, true, [
      outputs,
      perGroup,
      kernel,
    ]);
    const bias = [];
    if (random.nextInt(3) > 0) {
      const values = build.constant(Int32Array.from({ length: outputs }, () => random.nextInt(20_001) - 10_000));
      const combined = Float32Array.from(scales, (scale) => range.scaleValue * scale);
      bias.push(build.node('DequantizeLinear', [values, build.constant(combined, combined.length === 1 ? [] : [outputs])], { axis: 0 }));
    }
    const attributes = { group: groups, kernel_shape: [kernel], dilations: [dilation], strides: [stride], pads };
    const y = build.requantize(build.node('Conv', [x, w, ...bias], attributes), build.drawRange(random, signed, 0.2));
    return { bytes: end(build, y, [1, outputs, Math.floor((length + pads[0]! + pads[1]! - reach - 1) / stride) + 1]), range };
  };

/** One dequantized value read twice: ONNX Runtime keeps it int8, unlike those with one reader. */
const diamond: Draw = (build, random, signed) => {
  const width = size(random, 40);
  const range = build.drawRange(random, signed);
  const x = build.requantize(build.input([1, width]), range);
  const other = build.requantize(build.input([1, width]), build.drawRange(random, signed));
  const one = build.requantize(build.node('Add', [x, other]), build.drawRange(random, signed));
  const two = build.requantize(build.node('Mul', [x, one]), build.drawRange(random, signed));
  return { bytes: end(build, two, [1, width]), range };
};

/** More of the QOperator format, with an operand that the input is only quantized for; uint8, as the format is written. */
const qOperatorOfRows =
  (op: 'QLinearConv' | 'QLinearSoftmax' | 'QLinearConcat' | 'QGemm'): Draw =>
  (build, random) => {
    const [rows, width] = [size(random, 6), 3 + random.nextInt(20)];
    const [range, to] = [
      build.drawRange(random, false),
      op === 'QLinearSoftmax' ? build.range(1 / 256, 0, false) : build.drawRange(random, false, 0.1),
    ];
    const dims = op === 'QGemm' ? [1, width] : [1, rows, width];
    const q = build.quantize(build.input(dims), range);
    const operand = [q, range.scale, range.zero];
    const bytes = (...shape: number[]): string =>
      build.constant(
        Int8Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => random.nextInt(256) - 128),
        shape,
      );
    const outputs = size(random, 9);
    const bias = build.constant(Int32Array.from({ length: outputs }, () => random.nextInt(20_001) - 10_000));
    const scales = build.constant(Float32Array.from({ length: outputs }, () => 0.002 + 0.01 * random.nextFloat()));
    const zeros = build.constant(new Int8Array(outputs));
    let y: string;
    let result = dims;
    if (op === 'QLinearConv') {
      y = build.node(op, [...operand, bytes(outputs, rows, 3), scales, zeros, to.scale, to.zero, bias], { pads: [2, 0] });
      result = [1, outputs, width];
    } else if (op === 'QGemm') {
      y = build.node(op, [...operand, bytes(width, outputs), scales, zeros, bias, to.scale, to.zero], {}, 'com.microsoft');
      result = [1, outputs];
    } else if (op === 'QLinearSoftmax') y = build.node(op, [...operand, to.scale, to.zero], { axis: -1, opset: 13 }, 'com.microsoft');
    else {
      const other = build.drawRange(random, false);
      const second = build.quantize(build.input(dims), other);
      y = build.node(op, [to.scale, to.zero, ...operand, second, other.scale, other.zero], { axis: 1 }, 'com.microsoft');
      result = [1, 2 * rows, width];
    }
    return { bytes: end(build, build.dequantize(y, to), result), range };
  };

const KINDS: Readonly<Record<string, Draw>> = {
  'Gemm with int32 bias': product('Gemm', 'int32', 'quantized'),
  'Gemm with float bias': product('Gemm', 'float', 'quantized'),
  'Gemm without bias': product('Gemm', 'none', 'quantized'),
  'Gemm with float result': product('Gemm', 'int32', 'float'),
  MatMul: product('MatMul', 'none', 'quantized'),
  'MatMul with float result': product('MatMul', 'none', 'float'),
  'MatMul and Add of int32': product('MatMul', 'int32', 'quantized'),
  'MatMul and Add of float': product('MatMul', 'float', 'quantized'),
  'MatMul of many rows': product('MatMul', 'none', 'quantized', 11),
  'MatMul of two activations': dynamicProduct,
  'MatMul with weights on the left': leftProduct,
  Add: binary('Add', 'same'),
  'Add of a row': binary('Add', 'row'),
  'Add of one': binary('Add', 'one'),
  'Add and Mul of one value': diamond,
  'Add of a constant': binary('Add', 'constant'),
  Mul: binary('Mul', 'same'),
  'Mul of a row': binary('Mul', 'row'),
  'Mul of one': binary('Mul', 'one'),
  Sub: binary('Sub', 'same'),
  Div: binary('Div', 'same'),
  Relu: unary('Relu', 0.02),
  Sigmoid: unary('Sigmoid', 1 / 200),
  Tanh: unary('Tanh', 1 / 100),
  Softmax: softmax,
  Concat: concat,
  'Transpose, Slice and Reshape': layouts,
  Conv: convolution('plain'),
  'depthwise Conv': convolution('depthwise'),
  'causal Conv': convolution('causal'),
  ReduceMax: extreme('ReduceMax'),
  ReduceMin: extreme('ReduceMin'),
  MatMulInteger: integerProduct,
  DynamicQuantizeLinear: dynamicQuantized,
  QLinearMatMul: qOperator('QLinearMatMul'),
  QLinearAdd: qOperator('QLinearAdd'),
  QLinearMul: qOperator('QLinearMul'),
  QLinearSigmoid: qOperator('QLinearSigmoid'),
  QLinearConv: qOperatorOfRows('QLinearConv'),
  QLinearSoftmax: qOperatorOfRows('QLinearSoftmax'),
  QLinearConcat: qOperatorOfRows('QLinearConcat'),
  QGemm: qOperatorOfRows('QGemm'),
};

for (const [name, draw] of Object.entries(KINDS)) {
  test(`${name}, quantized, equals ONNX Runtime bit for bit`, () => {
    for (let seed = 0; seed < MODELS; seed++) {
      const random = new Prng(seed, 5);
      const signed = seed % 3 === 2;
      const { bytes, range } = draw(new ModelBuilder(), random, signed);
      const low = (range.signed ? -128 : 0) - range.zeroValue;
      const inputs = name === 'DynamicQuantizeLinear' ? (r: Prng) => Math.fround(r.nextNormal()) : adversarial(range.scaleValue, low);
      const difference = compareWithOrt(parseOnnx(bytes, `${name} ${seed}`), random, ROWS, inputs);
      assert.is(difference.different, 0, `seed ${seed}: ${JSON.stringify(difference)}`);
    }
  });
}

test.run();
