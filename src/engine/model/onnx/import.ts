import { assert } from '../../../core/assert.ts';
import { MODEL_BATCH_MAX } from '../../../core/limits.ts';
import { refuseModel, UnsupportedModelError } from '../errors.ts';
import type { Graph } from '../ir/graph.ts';
import { elementsOf, type Value } from '../ir/types.ts';
import type { OnnxGraph, OnnxNode, OnnxValue } from './graph.ts';
import { FLOAT_RULES } from './import-float.ts';
import { LAYOUT_RULES } from './import-layout.ts';
import { QUANTIZED_RULES } from './import-quantized.ts';
import { Importer, type ImportRule } from './importer.ts';

/** Rules by `domain:operator`; ONNX's own domain is ''. */
const RULES: ReadonlyMap<string, ImportRule> = new Map([
  ...Object.entries(FLOAT_RULES),
  ...Object.entries(LAYOUT_RULES),
  ...Object.entries(QUANTIZED_RULES),
]);

/**
 * The typed graph of an ONNX model for `batch` rows: names resolved, nodes in an order of execution, every shape known. A
 * first dimension of an input that is open or 1 is the batch. Throws `ERR_MODEL_ONNX` for what is no sound model (cyclic,
 * names twice or missing, shapes that do not fit) and `ERR_MODEL_UNSUPPORTED` for what is not compiled, by operator and node.
 */
export function importOnnx(source: OnnxGraph, batch = 1): Graph {
  assert(Number.isInteger(batch) && batch >= 1 && batch <= MODEL_BATCH_MAX, 'Invariant: a model is compiled for 1 to 32 rows');
  const importer = new Importer(source, batch);
  const inputs = source.inputs.map((value) => {
    const made = inputValue(source, value, batch);
    if (importer.lookup(value.name) !== undefined) refuseModel(source.file, `two inputs are named "${value.name}"`);
    importer.define(value.name, made);
    return made;
  });
  for (const node of inOrder(source)) {
    const rule = RULES.get(`${node.domain}:${node.op}`);
    if (rule === undefined) throw importer.unsupported(node, 'this operator is not compiled');
    rule(node, importer);
  }
  const outputs = source.outputs.map((declared) => outputValue(source, importer, declared, batch));
  return { file: source.file, nodes: importer.nodes, inputs, outputs };
}

function inputValue(source: OnnxGraph, { name, dtype, dims }: OnnxValue, batch: number): Value {
  const shape = dims.map((dim, axis) => (axis === 0 && dims.length > 1 && dim <= 1 ? batch : dim));
  if (shape.includes(0)) throw new UnsupportedModelError(source.file, `input "${name}" has an open dimension after the first`);
  if (batch > 1 && (dims.length < 2 || dims[0]! > 1)) {
    throw new UnsupportedModelError(source.file, `input "${name}" with shape [${dims.join(', ')}] has no batch dimension`);
  }
  return { name, dtype, shape };
}

function outputValue(source: OnnxGraph, importer: Importer, declared: OnnxValue, batch: number): Value {
  const { name, dtype, dims } = declared;
  const value = importer.lookup(name) ?? refuseModel(source.file, `nothing produces the output "${name}"`);
  const fits = (dim: number, axis: number): boolean =>
    dim === 0 || dim === value.shape[axis] || (axis === 0 && dim === 1 && value.shape[0] === batch);
  if (value.dtype !== dtype || dims.length !== value.shape.length || !dims.every(fits)) {
    return refuseModel(
      source.file,
      `output "${name}" is declared ${dtype} [${dims.join(', ')}], but is ${value.dtype} [${value.shape.join(', ')}]`,
    );
  }
  if (elementsOf(value.shape) === 0) return refuseModel(source.file, `output "${name}" is empty`);
  return value;
}

/** The nodes in an order of execution (Kahn 1962); each name produced once, each read produced somewhere. */
function inOrder(source: OnnxGraph): OnnxNode[] {
  const { file, nodes, tensors } = source;
  const producers = new Map<string, number>();
  const taken = new Set([...tensors.keys(), ...source.inputs.map((value) => value.name)]);
  nodes.forEach((node, at) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (taken.has(name)) refuseModel(file, `"${name}" is produced twice, the second time by node ${node.name}`);
      taken.add(name);
      producers.set(name, at);
    }
  });
  const waiting = nodes.map(() => 0);
  const readers = nodes.map((): number[] => []);
  nodes.forEach((node, at) => {
    for (const name of node.inputs) {
      if (name === '') continue;
      if (!taken.has(name)) refuseModel(file, `node ${node.name} reads "${name}", which nothing produces`);
      const from = producers.get(name);
      if (from === undefined) continue;
      waiting[at]!++;
      readers[from]!.push(at);
    }
  });
  // A file whose nodes already stand in order, as ONNX asks, keeps it.
  if (readers.every((list, at) => list.every((reader) => reader > at))) return [...nodes];
  const ready = nodes.flatMap((_, at) => (waiting[at] === 0 ? [at] : []));
  for (let i = 0; i < ready.length; i++) for (const reader of readers[ready[i]!]!) if (--waiting[reader]! === 0) ready.push(reader);
  if (ready.length < nodes.length) {
    const stuck = nodes[waiting.findIndex((count) => count > 0)]!;
    refuseModel(file, `the graph is cyclic: node ${stuck.name} waits for its own result`);
  }
  return ready.map((at) => nodes[at]!);
}
