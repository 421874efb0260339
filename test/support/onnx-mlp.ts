import { Prng } from '../../src/core/prng.ts';
import { type OnnxNamespace, onnx } from '../../src/engine/model/onnx/protobuf.ts';

/** What a generated perceptron looks like. */
export interface MlpShape {
  /** Widths from input to output. */
  widths: readonly number[];
  /** Bits of the weights: 7 stays exact on every processor, 8 needs ORT's precise mode without VNNI. */
  weightBits: 7 | 8;
  signedActivations: boolean;
  perChannel: boolean;
  transB: boolean;
  relu: boolean;
  bias: boolean;
  matmul: boolean;
}

const { DataType } = onnx.TensorProto;
type Init = OnnxNamespace.ITensorProto;

function tensor(name: string, dataType: number, dims: number[], data: Float32Array | Int32Array | Int8Array | Uint8Array): Init {
  return { name, dataType, dims, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function node(opType: string, input: string[], output: string, attributes: Record<string, number> = {}): OnnxNamespace.INodeProto {
  return {
    opType,
    name: `${opType}_${output}`,
    input,
    output: [output],
    attribute: Object.entries(attributes).map(([name, i]) => ({ name, i, type: onnx.AttributeProto.AttributeType.INT })),
  };
}

function value(name: string, count: number): OnnxNamespace.IValueInfoProto {
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: [{ dimValue: 1 }, { dimValue: count }] } } } };
}

/** ONNX bytes of a random int8 QDQ perceptron of the given shape. */
export function randomMlp(shape: MlpShape, seed: number): Uint8Array {
  const random = new Prng(seed);
  const nodes: OnnxNamespace.INodeProto[] = [];
  const inits: Init[] = [];
  const low = shape.signedActivations ? -128 : 0;
  const zeroTensor = (name: string, zero: number): Init =>
    shape.signedActivations ? tensor(name, DataType.INT8, [], Int8Array.of(zero)) : tensor(name, DataType.UINT8, [], Uint8Array.of(zero));
  const range = (name: string, scale: number, zero: number): void => {
    inits.push(tensor(`s_${name}`, DataType.FLOAT, [], Float32Array.of(scale)), zeroTensor(`z_${name}`, zero));
  };
  const anyZero = (): number => low + [0, 1, 127, 128, 254, 255, random.nextInt(256)][random.nextInt(7)]!;
  let scale = Math.fround(0.01 + 0.05 * random.nextFloat());
  range('0', scale, anyZero());
  nodes.push(node('QuantizeLinear', ['x', 's_0', 'z_0'], 'q_0'), node('DequantizeLinear', ['q_0', 's_0', 'z_0'], 'd_0'));
  const layers = shape.widths.length - 1;
  for (let l = 0; l < layers; l++) {
    const last = l === layers - 1;
    const [k, n] = [shape.widths[l]!, shape.widths[l + 1]!];
    const limit = shape.weightBits === 7 ? 63 : 127;
    const weights = Int8Array.from({ length: k * n }, () =>
      random.nextInt(6) === 0 ? (random.nextInt(2) * 2 - 1) * limit : random.nextInt(2 * limit + 1) - limit,
    );
    const scales = Float32Array.from({ length: shape.perChannel ? n : 1 }, () => 0.001 + 0.01 * random.nextFloat());
    inits.push(tensor(`W${l}`, DataType.INT8, shape.transB ? [n, k] : [k, n], weights));
    inits.push(tensor(`ws${l}`, DataType.FLOAT, shape.perChannel ? [n] : [], scales));
    inits.push(tensor(`wz${l}`, DataType.INT8, shape.perChannel ? [n] : [], new Int8Array(scales.length)));
    nodes.push(node('DequantizeLinear', [`W${l}`, `ws${l}`, `wz${l}`], `wd${l}`, { axis: shape.transB ? 0 : 1 }));
    const inputs = [`d_${l}`, `wd${l}`];
    if (shape.bias && !shape.matmul) {
      const biasScales = Float32Array.from(scales, (weightScale) => Math.fround(scale * weightScale));
      inits.push(
        tensor(
          `B${l}`,
          DataType.INT32,
          [n],
          Int32Array.from({ length: n }, () => random.nextInt(20_001) - 10_000),
        ),
      );
      inits.push(tensor(`bs${l}`, DataType.FLOAT, shape.perChannel ? [n] : [], biasScales));
      inits.push(tensor(`bz${l}`, DataType.INT32, shape.perChannel ? [n] : [], new Int32Array(biasScales.length)));
      nodes.push(node('DequantizeLinear', [`B${l}`, `bs${l}`, `bz${l}`], `bd${l}`, { axis: 0 }));
      inputs.push(`bd${l}`);
    }
    nodes.push(shape.matmul ? node('MatMul', inputs, `g${l}`) : node('Gemm', inputs, `g${l}`, shape.transB ? { transB: 1 } : {}));
    let out = `g${l}`;
    const relu = shape.relu && !last;
    if (relu) {
      nodes.push(node('Relu', [out], `r${l}`));
      out = `r${l}`;
    }
    // A scale near the spread of the sums keeps most outputs inside the range and some beyond both ends.
    const spread = scale * 0.006 * limit * Math.sqrt(k) * 60;
    scale = Math.fround((spread / 128) * (0.3 + random.nextFloat()));
    range(`${l + 1}`, scale, relu ? low : anyZero());
    nodes.push(node('QuantizeLinear', [out, `s_${l + 1}`, `z_${l + 1}`], `q_${l + 1}`));
    nodes.push(node('DequantizeLinear', [`q_${l + 1}`, `s_${l + 1}`, `z_${l + 1}`], last ? 'y' : `d_${l + 1}`));
  }
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name: 'mlp',
      node: nodes,
      initializer: inits,
      input: [value('x', shape.widths[0]!)],
      output: [value('y', shape.widths[layers]!)],
    },
  }).finish();
}

/** A shape drawn from `seed`: odd widths, every combination of options. */
export function randomShape(seed: number): MlpShape {
  const random = new Prng(seed, 77);
  const layers = 1 + random.nextInt(3);
  const widths = Array.from({ length: layers + 1 }, () => 1 + random.nextInt(70));
  const matmul = random.nextInt(4) === 0;
  return {
    widths,
    weightBits: random.nextInt(2) === 0 ? 7 : 8,
    signedActivations: random.nextInt(4) === 0,
    perChannel: random.nextInt(2) === 0,
    transB: !matmul && random.nextInt(2) === 0,
    relu: random.nextInt(2) === 0,
    bias: !matmul && random.nextInt(3) > 0,
    matmul,
  };
}

export const REFERENCE_SHAPE: MlpShape = {
  widths: [40, 64, 32, 3],
  weightBits: 7,
  signedActivations: false,
  perChannel: true,
  transB: false,
  relu: true,
  bias: true,
  matmul: false,
};
