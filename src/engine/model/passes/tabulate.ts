import { type Graph, makeNode, type Node, Rewriter, Uses } from '../ir/graph.ts';
import { MLAS_UNARY } from '../ir/mlas.ts';
import { type Quantization, sameQuantization } from '../ir/operators.ts';
import { tableOf } from '../ir/table.ts';
import type { Value } from '../ir/types.ts';

type Apply = (x: number) => number;

/**
 * An 8-bit tensor has 256 values: DequantizeLinear, any functions of one element, QuantizeLinear become one table. The
 * entries are computed with the float32 arithmetic of the operators they stand for, so no bit changes. A concatenation of
 * tensors with different scales becomes tables and a plain concatenation, as in ONNX Runtime.
 */
export function tabulate(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  for (const node of graph.nodes) {
    if (node.op === 'QuantizeLinear' && node.attributes.to.scales.length === 1) {
      const chain = chainBefore(uses, node.inputs[0]!);
      if (chain !== undefined) {
        to.insert(makeNode('QLookup', node.name, tableOf(chain.from, node.attributes.to, chain.apply), [chain.q], node.outputs));
        continue;
      }
      const parts = concatenatedBefore(uses, node);
      if (parts !== undefined) {
        for (const part of parts) to.insert(part);
        continue;
      }
    }
    to.push(node);
  }
  return to.finish();
}

interface Chain {
  readonly q: Value;
  readonly from: Quantization;
  readonly apply: Apply;
}

/** The functions between a DequantizeLinear and `value`; intermediate results may have other readers, which keep them. */
function chainBefore(uses: Uses, value: Value): Chain | undefined {
  const functions: Apply[] = [];
  for (let node = uses.producer(value); node !== undefined; node = uses.producer(node.inputs[0]!)) {
    if (node.op === 'DequantizeLinear') {
      const { from } = node.attributes;
      if (from.scales.length > 1 || from.dtype === 'i32' || node.inputs[0]!.data !== undefined) return undefined;
      return { q: node.inputs[0]!, from, apply: (x) => functions.reduceRight((current, apply) => apply(current), x) };
    }
    const apply = functionOf(node);
    if (apply === undefined) return undefined;
    functions.push(apply);
  }
  return undefined;
}

function functionOf(node: Node): Apply | undefined {
  if (node.op === 'Unary') return MLAS_UNARY[node.attributes.kind];
  if (node.op !== 'Clip') return undefined;
  const { min, max } = node.attributes;
  return (x) => (x < min ? min : x > max ? max : x);
}

/** DequantizeLinear of each operand, Concat, QuantizeLinear: all of one type. */
function concatenatedBefore(uses: Uses, quantize: Node & { readonly op: 'QuantizeLinear' }): Node[] | undefined {
  const concat = uses.producer(quantize.inputs[0]!);
  if (concat?.op !== 'Concat' || uses.only(concat.outputs[0]!) !== quantize) return undefined;
  const { to } = quantize.attributes;
  const nodes: Node[] = [];
  const parts: Value[] = [];
  for (const input of concat.inputs) {
    const before = uses.producer(input);
    if (before?.op !== 'DequantizeLinear' || before.attributes.from.dtype !== to.dtype || before.attributes.from.scales.length > 1)
      return undefined;
    const q = before.inputs[0]!;
    if (sameQuantization(before.attributes.from, to)) parts.push(q);
    else {
      const moved: Value = { name: `${q.name} requantized`, dtype: q.dtype, shape: q.shape };
      nodes.push(
        makeNode(
          'QLookup',
          quantize.name,
          tableOf(before.attributes.from, to, (x) => x),
          [q],
          [moved],
        ),
      );
      parts.push(moved);
    }
  }
  return [...nodes, { ...concat, inputs: parts, outputs: quantize.outputs }];
}
