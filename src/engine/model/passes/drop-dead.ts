import type { Graph, Node } from '../ir/graph.ts';
import type { Value } from '../ir/types.ts';

/** Removes operations whose results nobody reads. */
export function dropDead(graph: Graph): Graph {
  const wanted = new Set<Value | undefined>(graph.outputs);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => wanted.has(value))) continue;
    for (const value of node.inputs) wanted.add(value);
    nodes.push(node);
  }
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes: nodes.reverse() };
}
