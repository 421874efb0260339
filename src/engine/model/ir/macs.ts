import type { Graph } from './graph.ts';
import { elementsOf } from './types.ts';

/** Multiplications and additions of products and convolutions in one run. */
export function macsOf(graph: Graph): number {
  let sum = 0;
  for (const node of graph.nodes) {
    const [x, w] = node.inputs;
    const results = elementsOf(node.outputs[0]?.shape ?? []);
    if (node.op === 'QConv' || node.op === 'Conv') sum += results * w!.shape[1]! * w!.shape[2]!;
    else if (node.op === 'Gemm' && node.attributes.transA) sum += results * x!.shape[x!.shape.length - 2]!;
    else if (node.op === 'QGemm' || node.op === 'MatMulInteger' || node.op === 'Gemm') sum += results * x!.shape[x!.shape.length - 1]!;
  }
  return sum;
}
