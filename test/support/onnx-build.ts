import type { Prng } from '../../src/core/prng.ts';
import { type OnnxNamespace, onnx } from '../../src/engine/model/onnx/protobuf.ts';

const { DataType } = onnx.TensorProto;
const { AttributeType } = onnx.AttributeProto;

export type TensorData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
export type Attribute = number | string | readonly number[] | { readonly float: number };

function dataTypeOf(data: TensorData): number {
  if (data instanceof Float32Array) return DataType.FLOAT;
  if (data instanceof Uint8Array) return DataType.UINT8;
  if (data instanceof Int8Array) return DataType.INT8;
  return data instanceof Int32Array ? DataType.INT32 : DataType.INT64;
}

function attributeOf(name: string, value: Attribute): OnnxNamespace.IAttributeProto {
  if (typeof value === 'number') return { name, i: value, type: AttributeType.INT };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: AttributeType.STRING };
  if ('float' in value) return { name, f: value.float, type: AttributeType.FLOAT };
  return { name, ints: [...value], type: AttributeType.INTS };
}

/** A quantization drawn for a test: its tensors are constants of the model. */
export interface DrawnRange {
  readonly scale: string;
  readonly zero: string;
  readonly signed: boolean;
  readonly scaleValue: number;
  readonly zeroValue: number;
}

/** Writes ONNX models for tests, value by value; the names are counted. */
export class ModelBuilder {
  private readonly nodes: OnnxNamespace.INodeProto[] = [];
  private readonly initializers: OnnxNamespace.ITensorProto[] = [];
  private readonly inputs: OnnxNamespace.IValueInfoProto[] = [];
  private names = 0;
  opset = 17;

  /** A graph input of float32; the first dimension is the batch. */
  input(dims: readonly number[]): string {
    const name = `x${this.inputs.length}`;
    this.inputs.push(valueInfo(name, dims));
    return name;
  }

  constant(data: TensorData, dims: readonly number[] = [data.length]): string {
    const name = `c${this.names++}`;
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dataType: dataTypeOf(data), dims: [...dims], rawData });
    return name;
  }

  scalar(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  integers(...values: number[]): string {
    return this.constant(BigInt64Array.from(values.map(BigInt)));
  }

  /** Appends a node and returns its output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain = ''): string {
    return this.many(op, inputs, 1, attributes, domain)[0]!;
  }

  many(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string[] {
    const output = Array.from({ length: outputs }, () => `v${this.names++}`);
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.nodes.push({ opType: op, name: `${op}_${output[0]}`, domain, input: [...inputs], output, attribute });
    return output;
  }

  /** Scale and zero point as constants. */
  range(scaleValue: number, zeroValue: number, signed: boolean): DrawnRange {
    const single = Math.fround(scaleValue);
    const zero = this.constant(signed ? Int8Array.of(zeroValue) : Uint8Array.of(zeroValue), []);
    return { scale: this.scalar(single), zero, signed, scaleValue: single, zeroValue };
  }

  /** A range whose zero point is often at an end. */
  drawRange(random: Prng, signed: boolean, scale = 0.005 + 0.05 * random.nextFloat()): DrawnRange {
    const low = signed ? -128 : 0;
    return this.range(scale, low + [0, 1, 127, 128, 254, 255, random.nextInt(256)][random.nextInt(7)]!, signed);
  }

  quantize(x: string, range: DrawnRange): string {
    return this.node('QuantizeLinear', [x, range.scale, range.zero]);
  }

  dequantize(q: string, range: DrawnRange): string {
    return this.node('DequantizeLinear', [q, range.scale, range.zero]);
  }

  /** QuantizeLinear and DequantizeLinear. */
  requantize(x: string, range: DrawnRange): string {
    return this.dequantize(this.quantize(x, range), range);
  }

  build(outputs: readonly { readonly name: string; readonly dims: readonly number[] }[]): Uint8Array {
    return onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [
        { domain: '', version: this.opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'test',
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: outputs.map(({ name, dims }) => valueInfo(name, dims)),
      },
    }).finish();
  }
}

function valueInfo(name: string, dims: readonly number[]): OnnxNamespace.IValueInfoProto {
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}
