import { roundHalfAway } from '../ir/evaluate.ts';
import { type Graph, makeNode, type Node, type NodeOf, Rewriter, Uses } from '../ir/graph.ts';
import { type Quantization, rangeFor, sameQuantization } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';

/**
 * QuantizeLinear, DequantizeLinear and directly behind them another pair become one pair over the range that both can
 * express, as in ONNX Runtime. The step of the result is the runtime's, not the coarser of the two.
 */
export function joinPairs(graph: Graph): Graph {
  let current = graph;
  for (let next = joinOnce(current); next !== current; next = joinOnce(current)) current = next;
  return current;
}

function joinOnce(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const replaced = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    const chain = node.op === 'QuantizeLinear' && !replaced.has(node) ? chainFrom(uses, node) : undefined;
    if (chain !== undefined && node.op === 'QuantizeLinear') {
      const [inner, quantize, outer] = chain;
      const joined = joinedRange(node.attributes.to, quantize.attributes.to);
      const q: Value = { ...node.outputs[0]!, dtype: joined.dtype };
      to.insert(makeNode('QuantizeLinear', node.name, { to: joined }, node.inputs, [q]));
      replaced.set(inner, undefined).set(quantize, undefined);
      replaced.set(outer, makeNode('DequantizeLinear', outer.name, { from: joined }, [q], outer.outputs));
      continue;
    }
    const instead = replaced.has(node) ? replaced.get(node) : node;
    if (instead !== undefined) to.push(instead);
  }
  return to.finish();
}

type Chain = readonly [NodeOf<'DequantizeLinear'>, NodeOf<'QuantizeLinear'>, NodeOf<'DequantizeLinear'>];

function chainFrom(uses: Uses, first: NodeOf<'QuantizeLinear'>): Chain | undefined {
  const inner = uses.only(first.outputs[0]!);
  const quantize = inner && uses.only(inner.outputs[0]!);
  const outer = quantize && uses.only(quantize.outputs[0]!);
  if (inner?.op !== 'DequantizeLinear' || quantize?.op !== 'QuantizeLinear' || outer?.op !== 'DequantizeLinear') return undefined;
  const [one, two] = [first.attributes.to, quantize.attributes.to];
  const pairs = sameQuantization(one, inner.attributes.from) && sameQuantization(two, outer.attributes.from);
  return pairs && one.dtype === two.dtype && one.scales.length === 1 && two.scales.length === 1 ? [inner, quantize, outer] : undefined;
}

function joinedRange(one: Quantization, two: Quantization): Quantization {
  if (sameQuantization(one, two)) return one;
  const { min, max } = rangeFor(one.dtype);
  const real = (q: number, { scales, zeros }: Quantization): number => Math.fround((q - zeros[0]!) * scales[0]!);
  const low = Math.max(real(min, one), real(min, two));
  const high = Math.min(real(max, one), real(max, two));
  const scale = Math.fround(Math.fround(high - low) / (max - min));
  const zero = roundHalfAway(Math.fround(min - Math.fround(low / scale)));
  return { ...one, scales: Float32Array.of(scale), zeros: Int32Array.of(zero) };
}
