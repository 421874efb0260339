import { type Graph, makeNode, type NodeOf, Rewriter, Uses } from '../ir/graph.ts';
import { productShape } from '../ir/infer.ts';
import type { Shape, Value } from '../ir/types.ts';

/**
 * A X B, two float products in a row, costs less when the side that shrinks X goes first: (A X) B and A (X B) are the same
 * numbers up to rounding. Bilinear networks are written in the order that costs more. Products of quantized matrices stay as
 * they are: rounding between them is part of the model.
 */
export function orderProducts(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  for (const node of graph.nodes) {
    const other = node.op === 'Gemm' && isPlain(node) ? reordered(uses, node) : undefined;
    if (other === undefined) to.push(node);
    else for (const part of other) to.insert(part);
  }
  return to.finish();
}

function isPlain(node: NodeOf<'Gemm'>): boolean {
  const { transA, transB, alpha } = node.attributes;
  return !transA && !transB && alpha === 1 && node.inputs.length === 2 && node.inputs.every((value) => value!.shape.length >= 2);
}

/** The two products of (p q) r or p (q r) in the other order, when that takes fewer multiplications. */
function reordered(uses: Uses, node: NodeOf<'Gemm'>): NodeOf<'Gemm'>[] | undefined {
  const y = node.outputs[0]!;
  for (const side of [0, 1] as const) {
    const inner = node.inputs[side]!;
    const first = uses.producer(inner);
    if (first?.op !== 'Gemm' || !isPlain(first) || uses.only(inner) !== node) continue;
    const [p, q, r] =
      side === 0 ? [...(first.inputs as [Value, Value]), node.inputs[1]!] : [node.inputs[0]!, ...(first.inputs as [Value, Value])];
    const { leftFirst, rightFirst } = costs(p.shape, q.shape, r.shape);
    if (side === 0 ? rightFirst >= leftFirst : leftFirst >= rightFirst) continue;
    const pair: readonly [Value, Value] = side === 0 ? [q, r] : [p, q];
    const middle: Value = { name: `${inner.name} in the other order`, dtype: 'f32', shape: productShape(pair[0].shape, pair[1].shape) };
    const attributes = node.attributes;
    return [
      makeNode('Gemm', first.name, attributes, pair, [middle]) as NodeOf<'Gemm'>,
      makeNode('Gemm', node.name, attributes, side === 0 ? [p, middle] : [middle, r], [y]) as NodeOf<'Gemm'>,
    ];
  }
  return undefined;
}

/** Multiplications of (p q) r and p (q r). */
function costs(p: Shape, q: Shape, r: Shape): { readonly leftFirst: number; readonly rightFirst: number } {
  const outer = (...shapes: Shape[]): number =>
    Math.max(...shapes.map((shape) => shape.slice(0, -2).reduce((product, dim) => product * dim, 1)));
  const [m, k, n, o] = [p[p.length - 2]!, q[q.length - 2]!, q[q.length - 1]!, r[r.length - 1]!];
  return {
    leftFirst: outer(p, q) * m * k * n + outer(p, q, r) * m * n * o,
    rightFirst: outer(q, r) * k * n * o + outer(p, q, r) * m * k * o,
  };
}
