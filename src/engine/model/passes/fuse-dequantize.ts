import { type Graph, makeNode, type Node, Rewriter, Uses } from '../ir/graph.ts';
import { sameQuantization } from '../ir/operators.ts';

/** A quantized product that is only read dequantized writes float32 itself. */
export function fuseDequantize(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const done = new Set<Node>();
  for (const node of graph.nodes) {
    if (done.has(node)) continue;
    const next = uses.only(node.outputs[0]!);
    const fits = node.op === 'QGemm' && next?.op === 'DequantizeLinear' && node.attributes.to !== undefined;
    if (!fits || !sameQuantization(next.attributes.from, node.attributes.to!)) {
      to.push(node);
      continue;
    }
    done.add(next);
    to.insert(makeNode('QGemm', node.name, { ...node.attributes, dequantize: true }, node.inputs, next.outputs));
  }
  return to.finish();
}
