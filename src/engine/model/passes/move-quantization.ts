import { type Graph, makeNode, type Node, type NodeOf, Rewriter, Uses } from '../ir/graph.ts';
import type { Quantization } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';

type Layout = NodeOf<'Reshape'> | NodeOf<'Transpose'> | NodeOf<'Slice'>;

/**
 * Moves layout operations to the quantized side: DequantizeLinear then Reshape becomes Reshape then DequantizeLinear, and
 * Reshape then QuantizeLinear becomes QuantizeLinear then Reshape. Elementwise operations and moves of elements commute, so
 * no bit changes; the operators between can then be fused, and weights be turned when they are folded.
 */
export function moveQuantization(graph: Graph): Graph {
  return hoistQuantize(sinkDequantize(graph));
}

function sinkDequantize(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const sources = new Map<Value, Node>();
  for (const node of graph.nodes) {
    const x = node.inputs[0];
    const before = x && (sources.get(x) ?? uses.producer(x));
    const from = before?.op === 'DequantizeLinear' && isLayout(node) ? movedFrom(before.attributes.from, node) : undefined;
    if (before === undefined || from === undefined || !isLayout(node)) {
      to.push(node);
      continue;
    }
    const y = node.outputs[0]!;
    const q = before.inputs[0]!;
    const moved: Value = { name: `${q.name} moved`, dtype: q.dtype, shape: y.shape };
    to.insert({ ...node, inputs: [q], outputs: [moved] });
    const dequantize = makeNode('DequantizeLinear', before.name, { from }, [moved], [y]);
    sources.set(y, dequantize);
    to.push(dequantize);
  }
  return to.finish();
}

function hoistQuantize(graph: Graph): Graph {
  const to = new Rewriter(graph);
  const nodes = [...graph.nodes];
  let changed = false;
  // From the end, so that a chain of layout operations is passed in one go.
  for (let at = nodes.length - 1; at >= 0; at--) {
    const uses = new Uses({ ...graph, nodes });
    const layout = nodes[at]!;
    const quantize = uses.only(layout.outputs[0]!);
    if (!isLayout(layout) || quantize?.op !== 'QuantizeLinear' || quantize.attributes.to.scales.length > 1) continue;
    const x = layout.inputs[0]!;
    const q = quantize.outputs[0]!;
    const early: Value = { name: `${q.name} early`, dtype: q.dtype, shape: x.shape };
    nodes.splice(nodes.indexOf(quantize), 1);
    nodes.splice(at, 1, { ...quantize, inputs: [x], outputs: [early] }, { ...layout, inputs: [early], outputs: [q] } as Node);
    changed = true;
    at++;
  }
  if (!changed) return graph;
  to.changed = true;
  for (const node of nodes) to.push(node);
  return to.finish();
}

function isLayout(node: Node): node is Layout {
  return node.op === 'Reshape' || node.op === 'Transpose' || node.op === 'Slice';
}

/** The quantization behind the layout operation, or undefined when its scales do not follow one axis any more. */
function movedFrom(from: Quantization, node: Layout): Quantization | undefined {
  if (from.scales.length === 1) return from;
  return node.op === 'Transpose' ? { ...from, axis: node.attributes.order.indexOf(from.axis) } : undefined;
}
