import { type Graph, makeNode, type Node, Rewriter, Uses } from '../ir/graph.ts';
import type { Quantization } from '../ir/operators.ts';
import { constant, type Value } from '../ir/types.ts';

const SHIFT = 128;

/**
 * int8 between a QuantizeLinear and its one DequantizeLinear, and dequantized int8 constants, become uint8 with zero points
 * 128 higher: the same numbers, as ONNX Runtime makes them on x86-64 with exact sums. It matters where a zero point enters a
 * float32 sum (quantized Add and Mul), and because what stays int8 is not multiplied in integers with what became uint8.
 */
export function unsignedActivations(graph: Graph): Graph {
  const uses = new Uses(graph);
  const to = new Rewriter(graph);
  const shifted = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const pair = node.op === 'QuantizeLinear' ? uses.only(node.outputs[0]!) : undefined;
    if (node.op === 'QuantizeLinear' && pair?.op === 'DequantizeLinear' && isMovable(uses, pair)) {
      const q = node.outputs[0]!;
      const moved: Value = { ...q, dtype: 'u8' };
      to.insert(makeNode('QuantizeLinear', node.name, { to: unsigned(node.attributes.to) }, node.inputs, [moved]));
      shifted.set(pair, makeNode('DequantizeLinear', pair.name, { from: unsigned(pair.attributes.from) }, [moved], pair.outputs));
    } else if (node.op === 'DequantizeLinear' && node.inputs[0]!.data instanceof Int8Array) {
      const { name, shape, data } = node.inputs[0]!;
      const moved = constant(
        name,
        'u8',
        shape,
        Uint8Array.from(data!, (value) => value + SHIFT),
      );
      to.insert(makeNode('DequantizeLinear', node.name, { from: unsigned(node.attributes.from) }, [moved], node.outputs));
    } else to.push(shifted.get(node) ?? node);
  }
  return to.finish();
}

/** One scale, one zero point, one reader. */
function isMovable(uses: Uses, node: Node & { readonly op: 'DequantizeLinear' }): boolean {
  const y = node.outputs[0]!;
  const readers = uses.consumers(y).length + (uses.isOutput(y) ? 1 : 0);
  return node.attributes.from.scales.length === 1 && node.attributes.from.dtype === 'i8' && readers === 1;
}

function unsigned(quantization: Quantization): Quantization {
  return { ...quantization, dtype: 'u8', zeros: quantization.zeros.map((zero) => zero + SHIFT) };
}
