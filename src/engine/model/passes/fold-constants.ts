import { evaluate } from '../ir/evaluate.ts';
import { type Graph, Rewriter } from '../ir/graph.ts';

/** Computes operations on constants now. Exact: only operators whose float32 result is defined by IEEE 754 are folded. */
export function foldConstants(graph: Graph): Graph {
  const to = new Rewriter(graph);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => value && to.resolve(value));
    const folded = evaluate({ ...node, inputs } as typeof node);
    if (folded === undefined) to.push(node);
    else node.outputs.forEach((value, i) => void to.replace(value, { ...value, data: folded[i]! }));
  }
  return to.finish();
}
