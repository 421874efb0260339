import { readFileSync, statSync } from 'node:fs';
import { EXIT, TickpathError } from '../../../core/errors.ts';
import {
  MODEL_BYTES_MAX,
  MODEL_ELEMENTS_MAX,
  MODEL_INPUTS_MAX,
  MODEL_NODES_MAX,
  MODEL_OUTPUTS_MAX,
  MODEL_RANK_MAX,
} from '../../../core/limits.ts';
import { refuseModel } from '../errors.ts';
import type { AttributeValue, OnnxGraph, OnnxNode, OnnxValue, Tensor } from './graph.ts';
import { type OnnxNamespace, onnx } from './protobuf.ts';
import { countParts } from './scan.ts';
import { decodeTensor, dtypeOf, externalBytes, isExternal } from './tensor.ts';

const OPSET_MIN = 13;

/** Reads an ONNX file (opset 13 and later); throws `ERR_MODEL_ONNX` naming the file and what is wrong. */
export function readOnnx(file: string): OnnxGraph {
  let bytes: Uint8Array;
  try {
    if (statSync(file).size > MODEL_BYTES_MAX) refuseModel(file, `larger than the ${MODEL_BYTES_MAX >> 20} MiB that are read`);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof TickpathError) throw error;
    throw new TickpathError(
      'ERR_MODEL_ONNX',
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      EXIT.USAGE,
    );
  }
  return parseOnnx(bytes, file);
}

/** `readOnnx` of bytes; `file` names them in messages. */
export function parseOnnx(bytes: Uint8Array, file: string): OnnxGraph {
  const model = decodeModel(bytes, file);
  const graph = model.graph;
  if (graph === null || graph === undefined) return refuseModel(file, 'is not an ONNX model (no graph)');
  const opset = Number(model.opsetImport?.find((entry) => (entry.domain ?? '') === '' || entry.domain === 'ai.onnx')?.version ?? 0);
  if (opset < OPSET_MIN) {
    return refuseModel(file, `opset ${opset} is older than ${OPSET_MIN}; export with opset_version=${OPSET_MIN} or later`);
  }
  if ((graph.sparseInitializer?.length ?? 0) > 0) return refuseModel(file, 'has sparse initializers, which are not read');
  const tensors = new Map<string, Tensor>();
  for (const initializer of graph.initializer ?? []) {
    const tensor = decodeTensor(initializer, file);
    if (tensors.has(tensor.name)) return refuseModel(file, `two initializers are named "${tensor.name}"`);
    tensors.set(tensor.name, tensor);
  }
  const inputs = (graph.input ?? []).filter((value) => !tensors.has(value.name ?? '')).map((value) => convertValue(value, file));
  const outputs = (graph.output ?? []).map((value) => convertValue(value, file));
  if (inputs.length === 0 || outputs.length === 0) {
    return refuseModel(file, `${inputs.length} inputs and ${outputs.length} outputs, expected at least one of each`);
  }
  return {
    file,
    bytes,
    selfContained: (graph.initializer ?? []).some(isExternal) ? encodeSelfContained(model, file) : bytes,
    opset,
    nodes: (graph.node ?? []).map((node) => convertNode(node, file)),
    tensors,
    inputs,
    outputs,
    input: inputs[0]!.name,
    output: outputs[0]!.name,
    inputCount: rowElements(inputs[0]!, MODEL_INPUTS_MAX, file),
    outputCount: rowElements(outputs[0]!, MODEL_OUTPUTS_MAX, file),
  };
}

function decodeModel(bytes: Uint8Array, file: string): OnnxNamespace.ModelProto {
  const undecodable = 'is not an ONNX model, or is cut short (its protobuf does not decode)';
  const parts = countParts(bytes);
  if (parts === undefined) return refuseModel(file, undecodable);
  if (parts > MODEL_NODES_MAX) return refuseModel(file, `${parts} nodes and initializers, at most ${MODEL_NODES_MAX} are supported`);
  try {
    return onnx.ModelProto.decode(bytes);
  } catch {
    return refuseModel(file, undecodable);
  }
}

/** The bytes of `graph` with its batch dimension left open, so that one call scores many rows. */
export function withOpenBatch(graph: OnnxGraph): Uint8Array {
  const model = onnx.ModelProto.decode(graph.selfContained);
  for (const value of [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])]) {
    const dims = value.type?.tensorType?.shape?.dim;
    if (dims?.[0] !== undefined) dims[0] = onnx.TensorShapeProto.Dimension.create({ dimParam: 'batch' });
  }
  return onnx.ModelProto.encode(model).finish();
}

function encodeSelfContained(model: OnnxNamespace.ModelProto, file: string): Uint8Array {
  let total = 0;
  for (const tensor of model.graph?.initializer ?? []) {
    if (!isExternal(tensor)) continue;
    tensor.rawData = externalBytes(tensor, file);
    tensor.externalData = [];
    tensor.dataLocation = onnx.TensorProto.DataLocation.DEFAULT;
    total += tensor.rawData.length;
    if (total > MODEL_BYTES_MAX) refuseModel(file, `external data larger than the ${MODEL_BYTES_MAX >> 20} MiB that are read`);
  }
  return onnx.ModelProto.encode(model).finish();
}

function convertNode(node: OnnxNamespace.INodeProto, file: string): OnnxNode {
  const outputs = node.output ?? [];
  const name = node.name !== '' && node.name !== undefined && node.name !== null ? node.name : `(output ${outputs[0] ?? '?'})`;
  const attributes = new Map<string, AttributeValue>();
  for (const attribute of node.attribute ?? []) {
    const value = attributeValue(attribute, file);
    if (value !== undefined) attributes.set(attribute.name ?? '', value);
  }
  const domain = node.domain === 'ai.onnx' ? '' : (node.domain ?? '');
  return { name, op: node.opType ?? '', domain, inputs: node.input ?? [], outputs, attributes };
}

function attributeValue(attribute: OnnxNamespace.IAttributeProto, file: string): AttributeValue | undefined {
  const { AttributeType } = onnx.AttributeProto;
  const text = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array(0));
  switch (attribute.type) {
    case AttributeType.FLOAT:
      return attribute.f ?? 0;
    case AttributeType.INT:
      return Number(attribute.i ?? 0);
    case AttributeType.STRING:
      return text(attribute.s);
    case AttributeType.TENSOR:
      return attribute.t === null || attribute.t === undefined ? undefined : decodeTensor(attribute.t, file);
    case AttributeType.FLOATS:
      return attribute.floats ?? [];
    case AttributeType.INTS:
      return (attribute.ints ?? []).map(Number);
    case AttributeType.STRINGS:
      return (attribute.strings ?? []).map(text);
    default:
      return undefined;
  }
}

function convertValue(value: OnnxNamespace.IValueInfoProto, file: string): OnnxValue {
  const name = value.name ?? '';
  const type = value.type?.tensorType;
  const dtype = dtypeOf(type?.elemType);
  if (dtype === undefined || dtype === 'i64') return refuseModel(file, `"${name}" is not a float32, uint8, int8 or int32 tensor`);
  const dims = (type?.shape?.dim ?? []).map((dim) => Number(dim.dimValue ?? 0));
  if (dims.length === 0 || dims.length > MODEL_RANK_MAX) {
    return refuseModel(file, `"${name}" has ${dims.length} axes, expected 1 to ${MODEL_RANK_MAX}`);
  }
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0 || dim > MODEL_ELEMENTS_MAX) return refuseModel(file, `"${name}" has dimension ${dim}`);
  }
  return { name, dtype, dims };
}

/** Elements of one row: all dimensions but an open first one, or a first one of 1. */
function rowElements(value: OnnxValue, max: number, file: string): number {
  const { name, dims } = value;
  const fixed = dims.length > 1 ? dims.slice(1) : dims;
  const count = fixed.reduce((product, dim) => product * dim, dims.length > 1 ? Math.max(1, dims[0]!) : 1);
  if (fixed.includes(0)) return refuseModel(file, `"${name}" has shape [${dims.join(', ')}], expected fixed dimensions after the first`);
  if (count > max) return refuseModel(file, `"${name}" has ${count} elements, at most ${max} are supported`);
  return count;
}
