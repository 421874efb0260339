import { EXIT, TickpathError } from '../../core/errors.ts';
import type { OnnxGraph, OnnxNode, Tensor } from './onnx.ts';

/** Range of an 8-bit quantized value. */
export interface QuantizedRange {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

/** One quantized layer: y = requantize(bias + sum over k of (x[k] - zero) * weight[k, n]). */
export interface QuantizedLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major [inputs, outputs]. */
  readonly weights: Int8Array;
  readonly bias: Int32Array;
  /** float32 multiplier of each output: fl(fl(inputScale * weightScale) / outputScale). */
  readonly multiplier: Float32Array;
  readonly range: QuantizedRange;
}

/** A multi-layer perceptron in integers: quantize, layers, dequantize. */
export interface QuantizedMlp {
  readonly input: QuantizedRange;
  readonly layers: readonly QuantizedLayer[];
}

/** What the compiler does not cover: the model can still run on ONNX Runtime. */
export class UnsupportedModelError extends TickpathError {
  constructor(graph: OnnxGraph, text: string) {
    super('ERR_MODEL_UNSUPPORTED', `${graph.file}: ${text}`, EXIT.DATA);
    this.name = 'UnsupportedModelError';
  }
}

/**
 * Recognises an int8 QDQ perceptron: QuantizeLinear, then per layer DequantizeLinear, Gemm or MatMul (with an optional Add)
 * on dequantized int8 weights, an optional Relu, QuantizeLinear; at last DequantizeLinear. Throws UnsupportedModelError
 * naming the operator and node that does not fit. Activations uint8 or int8, weights int8 with zero point 0 (per tensor or
 * per channel), bias int32 at scale inputScale * weightScale.
 */
export function lowerToMlp(graph: OnnxGraph): QuantizedMlp {
  return new Lowering(graph).run();
}

class Lowering {
  private readonly graph: OnnxGraph;
  private readonly consumers = new Map<string, OnnxNode[]>();
  private readonly producers = new Map<string, OnnxNode>();

  constructor(graph: OnnxGraph) {
    this.graph = graph;
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.producers.set(name, node);
      for (const name of node.inputs) this.consumers.set(name, [...(this.consumers.get(name) ?? []), node]);
    }
  }

  run(): QuantizedMlp {
    const { graph } = this;
    const quantize = this.next(graph.input, 'QuantizeLinear');
    const input = this.range(quantize);
    const layers: QuantizedLayer[] = [];
    let range = input;
    let value = quantize.outputs[0]!;
    let width = graph.inputCount;
    for (let visited = 0; visited <= graph.nodes.length; visited++) {
      const dequantize = this.next(value, 'DequantizeLinear');
      this.sameRange(dequantize, range);
      const float = dequantize.outputs[0]!;
      if (float === graph.output) {
        if (layers.length === 0) throw this.unsupported(dequantize, 'no layer between input and output');
        if (width !== graph.outputCount)
          throw this.unsupported(dequantize, `${width} outputs where the graph declares ${graph.outputCount}`);
        return { input, layers };
      }
      const layer = this.layer(float, width, range);
      layers.push(layer.layer);
      range = layer.layer.range;
      width = layer.layer.outputs;
      value = layer.value;
    }
    throw new UnsupportedModelError(graph, 'the graph is cyclic');
  }

  private layer(value: string, width: number, from: QuantizedRange): { layer: QuantizedLayer; value: string } {
    const product = this.next(value, 'Gemm', 'MatMul');
    const weights = this.weights(product, value);
    const [rows, columns] = this.transposed(product) ? [weights.dims[1]!, weights.dims[0]!] : [weights.dims[0]!, weights.dims[1]!];
    if (rows !== width) throw this.unsupported(product, `${rows} inputs where ${width} arrive`);
    let last = product;
    let biasName = product.op === 'Gemm' ? (product.inputs[2] ?? '') : '';
    let following = this.consumer(last.outputs[0]!);
    if (product.op === 'MatMul' && following?.op === 'Add') {
      biasName = following.inputs[0] === last.outputs[0] ? following.inputs[1]! : following.inputs[0]!;
      last = following;
      following = this.consumer(last.outputs[0]!);
    }
    const relu = following?.op === 'Relu';
    if (relu) last = following!;
    const quantize = this.next(last.outputs[0]!, 'QuantizeLinear');
    const range = this.range(quantize);
    if (relu && range.zeroPoint !== range.min) {
      throw this.unsupported(last, `zero point ${range.zeroPoint} after it; only ${range.min} folds into the clamp`);
    }
    const combined = weights.scales(columns).map((scale) => Math.fround(from.scale * scale));
    return {
      layer: {
        name: product.name,
        inputs: rows,
        outputs: columns,
        weights: this.transposed(product) ? transpose(weights.data, columns, rows) : weights.data,
        bias: biasName === '' ? new Int32Array(columns) : this.bias(product, biasName, combined),
        multiplier: Float32Array.from(combined, (scale) => Math.fround(scale / range.scale)),
        range,
      },
      value: quantize.outputs[0]!,
    };
  }

  private transposed(node: OnnxNode): boolean {
    return node.op === 'Gemm' && (node.attributes.get('transB') ?? 0) !== 0;
  }

  private weights(product: OnnxNode, value: string) {
    for (const [attribute, plain] of [
      ['alpha', 1],
      ['beta', 1],
      ['transA', 0],
    ] as const) {
      if ((product.attributes.get(attribute) ?? plain) !== plain) throw this.unsupported(product, `${attribute} is not ${plain}`);
    }
    if (product.inputs[0] !== value) throw this.unsupported(product, 'the activations are not its first input');
    const dequantize = this.producers.get(product.inputs[1]!);
    if (dequantize?.op !== 'DequantizeLinear') throw this.unsupported(product, 'its weights are not dequantized int8 constants');
    const data = this.constant(dequantize, 0);
    if (!(data.data instanceof Int8Array) || data.dims.length !== 2) throw this.unsupported(dequantize, 'weights are not an int8 matrix');
    if (this.zeroPoints(dequantize).some((zero) => zero !== 0)) throw this.unsupported(dequantize, 'a weight zero point is not 0');
    const scale = this.floats(dequantize, 1);
    const axis = dequantize.attributes.get('axis') ?? 1;
    const outputAxis = this.transposed(product) ? 0 : 1;
    const scales = (columns: number): number[] => {
      if (scale.length === 1) return new Array<number>(columns).fill(scale[0]!);
      if (scale.length !== columns || (axis + 2) % 2 !== outputAxis)
        throw this.unsupported(dequantize, 'weight scales are not one for each output');
      return [...scale];
    };
    return { data: data.data, dims: data.dims, scales };
  }

  private bias(product: OnnxNode, name: string, combined: readonly number[]): Int32Array {
    const dequantize = this.producers.get(name);
    if (dequantize?.op !== 'DequantizeLinear') throw this.unsupported(product, 'its bias is not a dequantized int32 constant');
    const bias = this.constant(dequantize, 0);
    if (!(bias.data instanceof Int32Array) || bias.data.length !== combined.length) {
      throw this.unsupported(dequantize, `bias is not int32 with ${combined.length} values`);
    }
    if (this.zeroPoints(dequantize).some((zero) => zero !== 0)) throw this.unsupported(dequantize, 'a bias zero point is not 0');
    const scale = this.floats(dequantize, 1);
    for (let n = 0; n < combined.length; n++) {
      if ((scale.length === 1 ? scale[0] : scale[n]) !== combined[n]) {
        throw this.unsupported(dequantize, `bias scale ${n} is not the product of input and weight scale`);
      }
    }
    return bias.data;
  }

  private range(node: OnnxNode): QuantizedRange {
    const scale = this.floats(node, 1);
    if (scale.length !== 1 || !(scale[0]! > 0) || !Number.isFinite(scale[0]!))
      throw this.unsupported(node, 'its scale is not one positive number');
    if (node.inputs[2] === undefined || node.inputs[2] === '') return { scale: scale[0]!, zeroPoint: 0, min: 0, max: 255 };
    const zero = this.constant(node, 2).data;
    if (zero.length !== 1 || zero instanceof Float32Array || zero instanceof Int32Array)
      throw this.unsupported(node, 'its zero point is not one uint8 or int8');
    const signed = zero instanceof Int8Array;
    return { scale: scale[0]!, zeroPoint: zero[0]!, min: signed ? -128 : 0, max: signed ? 127 : 255 };
  }

  private sameRange(dequantize: OnnxNode, range: QuantizedRange): void {
    const own = this.range(dequantize);
    if (own.scale !== range.scale || own.zeroPoint !== range.zeroPoint || own.min !== range.min) {
      throw this.unsupported(dequantize, 'scale or zero point differs from the QuantizeLinear before it');
    }
  }

  private constant(node: OnnxNode, index: number): Tensor {
    const tensor = this.graph.tensors.get(node.inputs[index] ?? '');
    if (tensor === undefined) throw this.unsupported(node, `input ${index} is not a constant of the graph`);
    return tensor;
  }

  private floats(node: OnnxNode, index: number): Float32Array {
    const { data } = this.constant(node, index);
    if (!(data instanceof Float32Array)) throw this.unsupported(node, `input ${index} is not float32`);
    return data;
  }

  private zeroPoints(node: OnnxNode): number[] {
    return node.inputs[2] === undefined || node.inputs[2] === '' ? [] : [...this.constant(node, 2).data];
  }

  private consumer(value: string): OnnxNode | undefined {
    const nodes = this.consumers.get(value) ?? [];
    return nodes.length === 1 && value !== this.graph.output ? nodes[0] : undefined;
  }

  private next(value: string, ...ops: string[]): OnnxNode {
    const nodes = this.consumers.get(value) ?? [];
    const node = nodes[0];
    if (node === undefined) throw new UnsupportedModelError(this.graph, `"${value}" leads nowhere, expected ${ops.join(' or ')}`);
    if (nodes.length > 1) throw this.unsupported(nodes[1]!, `"${value}" is used twice; only a chain of layers is compiled`);
    if (!ops.includes(node.op) || node.domain !== '') throw this.unsupported(node, `expected ${ops.join(' or ')} here`);
    return node;
  }

  private unsupported(node: OnnxNode, why: string): UnsupportedModelError {
    return new UnsupportedModelError(
      this.graph,
      `operator ${node.domain === '' ? '' : `${node.domain}.`}${node.op}, node ${node.name}: ${why}`,
    );
  }
}

function transpose(source: Int8Array, rows: number, columns: number): Int8Array {
  const target = new Int8Array(source.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) target[c * rows + r] = source[r * columns + c]!;
  return target;
}

/** Multiplications and additions of one inference. */
export function macs(mlp: QuantizedMlp): number {
  return mlp.layers.reduce((sum, layer) => sum + layer.inputs * layer.outputs, 0);
}
