import { UnsupportedModelError } from '../errors.ts';
import { type Graph, makeNode, type Node, type NodeOf, Rewriter, Uses } from '../ir/graph.ts';
import { type Quantization, rangeFor, sameQuantization } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';
import { isFlattened } from './fuse-bias.ts';

/** A node with the DequantizeLinear before each operand and the QuantizeLinear behind its result. */
interface Group {
  readonly node: Node;
  readonly inputs: readonly NodeOf<'DequantizeLinear'>[];
  /** Undefined when the result is read as it is, in float32. */
  readonly output: NodeOf<'QuantizeLinear'> | undefined;
  /** A Relu or Clip before `output` that its range makes redundant. */
  readonly clip: Node | undefined;
}

/**
 * Fuses an operator between DequantizeLinear and QuantizeLinear into its quantized form, in the cases in which ONNX Runtime
 * does (graph optimisation `all`), because the two differ in the last bit: what stays unfused there is computed in float32
 * here too.
 */
export function fuseQuantized(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const done = new Set<Node>();
  for (const node of graph.nodes) {
    if (done.has(node)) continue;
    const group = groupOf(uses, node);
    const fused = group && fuse(graph.file, group);
    if (group === undefined || fused === undefined) {
      to.push(node);
      continue;
    }
    to.insert(fused);
    if (group.clip !== undefined) done.add(group.clip);
    if (group.output !== undefined) done.add(group.output);
  }
  return to.finish();
}

function groupOf(uses: Uses, node: Node): Group | undefined {
  const inputs: NodeOf<'DequantizeLinear'>[] = [];
  for (const value of node.inputs) {
    const before = uses.producer(value);
    if (before?.op !== 'DequantizeLinear') return undefined;
    inputs.push(before);
  }
  if (inputs.length === 0) return undefined;
  let y = node.outputs[0]!;
  const next = uses.only(y);
  const clip = next !== undefined && isClip(next) && uses.only(next.outputs[0]!) !== undefined ? next : undefined;
  if (clip !== undefined) y = clip.outputs[0]!;
  const readers = uses.consumers(y);
  const quantizers = readers.filter((reader) => reader.op === 'QuantizeLinear');
  const output = quantizers[0];
  if (output === undefined) return clip === undefined ? { node, inputs, output: undefined, clip: undefined } : undefined;
  if (readers.length !== 1 || uses.isOutput(y) || output.attributes.to.scales.length !== 1) return undefined;
  if (clip !== undefined && (isFlattened(node) || !isRedundant(clip, output.attributes.to))) return undefined;
  return { node, inputs, output, clip };
}

export function isClip(node: Node): boolean {
  return node.op === 'Clip' || (node.op === 'Unary' && node.attributes.kind === 'Relu');
}

/** True when everything that `to` can express passes the clip unchanged. */
export function isRedundant(clip: Node, to: Quantization): boolean {
  const { min, max } = rangeFor(to.dtype);
  const [scale, zero] = [to.scales[0]!, to.zeros[0]!];
  if (clip.op === 'Unary') return zero === min;
  if (clip.op !== 'Clip') return false;
  return clip.attributes.min <= Math.fround((min - zero) * scale) && clip.attributes.max >= Math.fround((max - zero) * scale);
}

function fuse(file: string, group: Group): Node | undefined {
  const { node, inputs, output } = group;
  const result = output?.outputs ?? node.outputs;
  const operands = inputs.map((input) => input.inputs[0]!);
  const [a, b] = [inputs[0]!.attributes.from, inputs[1]?.attributes.from];
  const to = output?.attributes.to;
  const sameTypes =
    to !== undefined && inputs.every(({ attributes }) => attributes.from.dtype === to.dtype && attributes.from.scales.length === 1);
  switch (node.op) {
    case 'Gemm':
      return fuseGemm(file, node, inputs, operands, to, result);
    case 'Conv': {
      if (to === undefined || b === undefined || !productFits(a, b, to, inputs[2]) || (b.scales.length > 1 && b.axis !== 0))
        return undefined;
      checkBias(file, node, a, b, inputs[2]);
      return makeNode('QConv', node.name, { ...node.attributes, a, b, to }, operands, result);
    }
    case 'Add':
    case 'Mul':
      if (!sameTypes || b === undefined) return undefined;
      return makeNode('QBinary', node.name, { kind: node.op === 'Add' ? 'add' : 'mul', a, b, to }, operands, result);
    case 'Softmax':
      return sameTypes ? makeNode('QSoftmax', node.name, { axis: node.attributes.axis, from: a, to }, operands, result) : undefined;
    case 'Reshape':
    case 'Transpose':
    case 'Slice':
      return to !== undefined && group.clip === undefined && sameQuantization(a, to)
        ? ({ ...node, inputs: operands, outputs: result } as Node)
        : undefined;
    case 'Reduce': {
      const keepsValues = node.attributes.kind === 'ReduceMax' || node.attributes.kind === 'ReduceMin';
      return keepsValues && to !== undefined && group.clip === undefined && sameQuantization(a, to)
        ? { ...node, inputs: operands, outputs: result }
        : undefined;
    }
    default:
      return undefined;
  }
}

function fuseGemm(
  file: string,
  node: NodeOf<'Gemm'>,
  inputs: readonly NodeOf<'DequantizeLinear'>[],
  operands: readonly Value[],
  to: Quantization | undefined,
  result: readonly Value[],
): Node | undefined {
  const { transA, transB, alpha, beta } = node.attributes;
  const [a, b] = [inputs[0]!.attributes.from, inputs[1]!.attributes.from];
  if (transA || alpha !== 1 || (inputs.length > 2 && beta !== 1) || !productFits(a, b, to, inputs[2])) return undefined;
  checkBias(file, node, a, b, inputs[2]);
  const rank = operands[1]!.shape.length;
  if (b.scales.length > 1 && b.axis !== (transB ? rank - 2 : rank - 1)) return undefined;
  return makeNode('QGemm', node.name, { transB, a, b, to, dequantize: false }, operands, result);
}

/** Activations uint8 with weights of either kind, or both int8; the result like the activations; bias int32. */
function productFits(
  a: Quantization,
  b: Quantization,
  to: Quantization | undefined,
  bias: NodeOf<'DequantizeLinear'> | undefined,
): boolean {
  if (a.dtype === 'i32' || b.dtype === 'i32' || a.scales.length !== 1) return false;
  if (a.dtype === 'i8' && b.dtype !== 'i8') return false;
  if (to !== undefined && to.dtype !== a.dtype) return false;
  return bias === undefined || bias.attributes.from.dtype === 'i32';
}

/** A bias counts in units of the product of both scales; any other scale would be taken for it by ONNX Runtime, silently. */
function checkBias(file: string, node: Node, a: Quantization, b: Quantization, bias: NodeOf<'DequantizeLinear'> | undefined): void {
  if (bias === undefined) return;
  const refuse = (why: string): never => {
    throw new UnsupportedModelError(file, `operator DequantizeLinear, node ${bias.name}, bias of ${node.name}: ${why}`);
  };
  const { scales, zeros } = bias.attributes.from;
  if (zeros.some((zero) => zero !== 0)) refuse('its zero point is not 0');
  const count = Math.max(scales.length, b.scales.length);
  for (let n = 0; n < count; n++) {
    const expected = Math.fround(a.scales[0]! * (b.scales[n] ?? b.scales[0]!));
    if ((scales[n] ?? scales[0]!) !== expected) refuse(`scale ${n} is not the product of input and weight scale`);
  }
}
