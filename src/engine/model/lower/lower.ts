import type { Graph, Node, NodeOf } from '../ir/graph.ts';
import type { Operator } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';
import { emitCopy } from '../wasm/kernels/copy.ts';
import { CONVOLUTION } from './conv.ts';
import { FLOAT } from './float.ts';
import { LAYOUT } from './layout.ts';
import { formatOf, Lowering } from './lowering.ts';
import { newTensor, type Program, type Tensor } from './program.ts';
import { QUANTIZED } from './quantized.ts';

/** Appends the steps of one node. */
export type Lower<O extends Operator> = (node: NodeOf<O>, to: Lowering) => void;
export type LowerTable = { readonly [O in Operator]?: Lower<O> };

const TABLE: LowerTable = { ...CONVOLUTION, ...FLOAT, ...LAYOUT, ...QUANTIZED };

/** Turns a graph into steps over memory. Throws `ERR_MODEL_UNSUPPORTED` naming operator and node. */
export function lower(graph: Graph): Program {
  const to = new Lowering(graph);
  const inputs = graph.inputs.map((value) => {
    const tensor = newTensor('input', formatOf(value), value.shape);
    to.alias(value, tensor);
    return tensor;
  });
  for (const node of graph.nodes) {
    const rule = TABLE[node.op] as ((node: Node, to: Lowering) => void) | undefined;
    if (rule === undefined) throw to.unsupported(node, 'this operator is not compiled');
    rule(node, to);
  }
  return to.finish(
    inputs,
    graph.outputs.map((value) => outputTensor(to, value)),
  );
}

function outputTensor(to: Lowering, value: Value): Tensor {
  const tensor = to.tensor(value);
  if (tensor.buffer.kind === 'output') return tensor;
  const target = newTensor('output', tensor.format, tensor.shape, tensor.zero);
  to.step({ name: `output ${value.name}`, reads: [tensor], writes: [target], emit: (emitter) => emitCopy(emitter, tensor, target) });
  return target;
}
