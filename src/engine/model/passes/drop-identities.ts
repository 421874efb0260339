import { type Graph, type Node, Rewriter, Uses } from '../ir/graph.ts';
import { sameShape } from '../ir/types.ts';

/** Removes layout operations that change nothing, and joins two that follow one another. */
export function dropIdentities(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  for (const node of graph.nodes) {
    const [x, y] = [node.inputs[0]!, node.outputs[0]!];
    const before = uses.producer(x);
    if (isIdentity(node) && !graph.outputs.includes(y)) to.replace(y, x);
    else if (node.op === 'Reshape' && before?.op === 'Reshape') to.insert({ ...node, inputs: before.inputs });
    else if (node.op === 'Transpose' && before?.op === 'Transpose') {
      const order = node.attributes.order.map((axis) => before.attributes.order[axis]!);
      const joined = { ...node, inputs: before.inputs, attributes: { order } };
      if (isIdentity(joined) && !graph.outputs.includes(y)) to.replace(y, before.inputs[0]!);
      else to.insert(joined);
    } else to.push(node);
  }
  return to.finish();
}

function isIdentity(node: Node): boolean {
  const [x, y] = [node.inputs[0], node.outputs[0]!];
  if (x === undefined) return false;
  switch (node.op) {
    case 'Reshape':
      return sameShape(x.shape, y.shape);
    case 'Transpose':
      return node.attributes.order.every((axis, at) => axis === at);
    case 'Slice':
      return sameShape(x.shape, y.shape) && node.attributes.steps.every((step) => step === 1);
    default:
      return false;
  }
}
