import type { Graph, Node } from './graph.ts';

/** Elements that ONNX Runtime sums up in the same order on every x86-64 processor with fused multiply-adds. */
const SOFTMAX_EXACT_MAX = 16;

/** The first operation whose float32 sum is rounded otherwise than in ONNX Runtime; undefined when all bits are its bits. */
export function firstInexact(graph: Graph): Node | undefined {
  return graph.nodes.find((node) => {
    switch (node.op) {
      case 'Gemm':
      case 'Conv':
      case 'LayerNormalization':
        return true;
      case 'Softmax':
        return node.inputs[0]!.shape[node.attributes.axis]! > SOFTMAX_EXACT_MAX;
      case 'Reduce':
        return node.attributes.kind !== 'ReduceMax' && node.attributes.kind !== 'ReduceMin';
      default:
        return false;
    }
  });
}
