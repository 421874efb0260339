import { roundHalfEven } from '../ir/evaluate.ts';
import { type Graph, makeNode, type Node, type NodeOf, Rewriter, Uses } from '../ir/graph.ts';
import type { Quantization } from '../ir/operators.ts';
import { constant, type Value } from '../ir/types.ts';

/**
 * A product with a matrix and the addition that reads it become one operation, in the place of the addition, where ONNX
 * Runtime makes a Gemm of them: its bias then is, or is not, quantized with the product.
 */
export function fuseBias(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const products = new Map<Node, NodeOf<'Gemm'>>();
  for (const node of graph.nodes) {
    const product = products.get(node);
    const y = node.outputs[0]!;
    if (product !== undefined) {
      const bias = node.inputs[node.inputs[0] === product.outputs[0] ? 1 : 0];
      to.insert(makeNode('Gemm', product.name, { ...product.attributes, beta: 1 }, [...product.inputs, bias], node.outputs));
      continue;
    }
    const add = uses.only(y);
    if (node.op === 'Gemm' && node.inputs.length === 2 && add?.op === 'Add' && isBias(node, add.inputs[add.inputs[0] === y ? 1 : 0]!)) {
      products.set(add, node);
    } else to.push(node);
  }
  return to.finish();
}

/** True for one number for each column, and where the product is a matrix also for each row or element of it. */
function isBias(product: Node, bias: Value): boolean {
  const [a, b] = [product.inputs[0]!.shape, product.inputs[1]!.shape];
  const [rows, columns] = [a[0]!, b[1]!];
  if (b.length !== 2) return false;
  if (bias.shape.length === 1) return bias.shape[0] === columns;
  if (a.length !== 2 || bias.shape.length !== 2) return false;
  const [first, second] = bias.shape as [number, number];
  return (first === 1 && second === columns) || (first === rows && (second === 1 || second === columns));
}

/**
 * A float bias of a product whose activations and weights are dequantized and whose result is quantized becomes int32 at the
 * product of their scales, as ONNX Runtime's weight and bias quantization makes it: rne(bias / (scale of a * scale of b)).
 */
export function quantizeBias(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  for (const node of graph.nodes) {
    const bias = node.inputs[2];
    if ((node.op !== 'Gemm' && node.op !== 'Conv') || bias?.data === undefined || bias.shape.length !== 1) {
      to.push(node);
      continue;
    }
    const [a, b] = [uses.producer(node.inputs[0]), uses.producer(node.inputs[1])];
    const scales =
      a?.op === 'DequantizeLinear' && b?.op === 'DequantizeLinear' ? biasScales(a.attributes.from, b.attributes.from) : undefined;
    const axis = node.op === 'Conv' || node.attributes.transB ? 0 : 1;
    const matches = scales !== undefined && (scales.length === 1 || (b as Node & { op: 'DequantizeLinear' }).attributes.from.axis === axis);
    if (!matches || !leadsToQuantize(uses, node.outputs[0]!, isFlattened(node))) {
      to.push(node);
      continue;
    }
    const values = Int32Array.from(bias.data, (value, i) => roundHalfEven(Math.fround(value / scales[scales.length === 1 ? 0 : i]!)));
    const from: Quantization = { dtype: 'i32', scales, zeros: new Int32Array(scales.length), axis: 0 };
    const quantized: Value = { name: `${bias.name} dequantized`, dtype: 'f32', shape: bias.shape };
    to.insert(makeNode('DequantizeLinear', node.name, { from }, [constant(`${bias.name} int32`, 'i32', bias.shape, values)], [quantized]));
    to.push({ ...node, inputs: [node.inputs[0], node.inputs[1], quantized] });
  }
  return to.finish();
}

function biasScales(a: Quantization, b: Quantization): Float32Array | undefined {
  return a.scales.length === 1 ? b.scales.map((scale) => a.scales[0]! * scale) : undefined;
}

/**
 * True for a product that ONNX Runtime makes a Gemm between two Reshape, because its left operand is no matrix: then a Relu or
 * Clip behind it keeps the quantization away from it.
 */
export function isFlattened(node: Node): boolean {
  return node.op === 'Gemm' && node.inputs.length > 2 && node.inputs[0]!.shape.length !== 2;
}

function leadsToQuantize(uses: Uses, value: Value, directly: boolean): boolean {
  for (let node = uses.only(value); node !== undefined; node = uses.only(node.outputs[0]!)) {
    if (node.op === 'QuantizeLinear') return true;
    if (directly || (node.op !== 'Clip' && !(node.op === 'Unary' && node.attributes.kind === 'Relu'))) return false;
  }
  return false;
}
