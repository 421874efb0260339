import { readFileSync, statSync } from 'node:fs';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { MODEL_INPUTS_MAX, MODEL_OUTPUTS_MAX } from '../../core/limits.ts';
import { type OnnxNamespace, onnx } from './onnx-protobuf.ts';

/** Bytes of an ONNX file that is read at all. */
export const ONNX_BYTES_MAX = 64 << 20;
/** Nodes and initializers of a graph. */
export const ONNX_NODES_MAX = 10_000;
/** Elements of one tensor. */
export const ONNX_ELEMENTS_MAX = 16 << 20;
const OPSET_MIN = 13;

/** A constant of the graph, decoded to the typed array of its element type. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int8Array | Int32Array;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, number>;
}

/** The typed form of a graph that the compiler works on: one input, one output, constants decoded. */
export interface OnnxGraph {
  /** For messages. */
  readonly file: string;
  /** Bytes of the file, as they were read. */
  readonly bytes: Uint8Array;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly input: string;
  readonly output: string;
  readonly inputCount: number;
  readonly outputCount: number;
}

function refuse(file: string, text: string): never {
  throw new TickpathError('ERR_MODEL_ONNX', `${file}: ${text}`, EXIT.DATA);
}

/** Reads an ONNX file (opset 13 and later); throws `ERR_MODEL_ONNX` naming the file and what is wrong. */
export function readOnnx(file: string): OnnxGraph {
  let bytes: Uint8Array;
  try {
    if (statSync(file).size > ONNX_BYTES_MAX) refuse(file, `larger than the ${ONNX_BYTES_MAX >> 20} MiB that are read`);
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
  let model: OnnxNamespace.ModelProto;
  try {
    model = onnx.ModelProto.decode(bytes);
  } catch {
    return refuse(file, 'is not an ONNX model, or is cut short (its protobuf does not decode)');
  }
  const graph = model.graph;
  if (graph === null || graph === undefined) return refuse(file, 'is not an ONNX model (no graph)');
  const opset = Number(model.opsetImport?.find((entry) => (entry.domain ?? '') === '' || entry.domain === 'ai.onnx')?.version ?? 0);
  if (opset < OPSET_MIN) return refuse(file, `opset ${opset} is older than ${OPSET_MIN}; export with opset_version=${OPSET_MIN} or later`);
  const nodes = graph.node ?? [];
  const initializers = graph.initializer ?? [];
  if (nodes.length + initializers.length > ONNX_NODES_MAX) {
    return refuse(file, `${nodes.length + initializers.length} nodes and initializers, at most ${ONNX_NODES_MAX} are supported`);
  }
  const tensors = new Map(initializers.map((tensor) => [tensor.name ?? '', decodeTensor(tensor, file)]));
  const inputs = (graph.input ?? []).filter((value) => !tensors.has(value.name ?? ''));
  const outputs = graph.output ?? [];
  if (inputs.length !== 1 || outputs.length !== 1) {
    return refuse(file, `${inputs.length} inputs and ${outputs.length} outputs, expected one of each`);
  }
  const input = inputs[0]!;
  const output = outputs[0]!;
  return {
    file,
    bytes,
    opset,
    nodes: nodes.map((node) => convertNode(node)),
    tensors,
    input: input.name ?? '',
    output: output.name ?? '',
    inputCount: rowLength(input, MODEL_INPUTS_MAX, file),
    outputCount: rowLength(output, MODEL_OUTPUTS_MAX, file),
  };
}

/** The bytes of `graph` with its batch dimension left open, so that one call scores many rows. */
export function withOpenBatch(graph: OnnxGraph): Uint8Array {
  const model = onnx.ModelProto.decode(graph.bytes);
  for (const value of [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])]) {
    const dims = value.type?.tensorType?.shape?.dim;
    if (dims?.[0] !== undefined) dims[0] = onnx.TensorShapeProto.Dimension.create({ dimParam: 'batch' });
  }
  return onnx.ModelProto.encode(model).finish();
}

function convertNode(node: OnnxNamespace.INodeProto): OnnxNode {
  const attributes = new Map<string, number>();
  for (const attribute of node.attribute ?? []) {
    const value = attribute.type === onnx.AttributeProto.AttributeType.FLOAT ? attribute.f : attribute.i;
    if (value !== null && value !== undefined) attributes.set(attribute.name ?? '', Number(value));
  }
  const outputs = node.output ?? [];
  return {
    name: node.name !== '' && node.name !== undefined && node.name !== null ? node.name : `(output ${outputs[0] ?? '?'})`,
    op: node.opType ?? '',
    domain: node.domain ?? '',
    inputs: node.input ?? [],
    outputs,
    attributes,
  };
}

/** Features of one row of a float32 value shaped [batch, count] or [count]; at most `max`. */
function rowLength(value: OnnxNamespace.IValueInfoProto, max: number, file: string): number {
  const type = value.type?.tensorType;
  const dims = (type?.shape?.dim ?? []).map((dim) => Number(dim.dimValue ?? 0));
  if (type?.elemType !== onnx.TensorProto.DataType.FLOAT) return refuse(file, `"${value.name}" is not a float32 tensor`);
  const last = dims[dims.length - 1] ?? 0;
  const batch = dims.length === 2 ? dims[0]! : 1;
  if (dims.length < 1 || dims.length > 2 || !(last > 0) || batch > 1) {
    return refuse(file, `"${value.name}" has shape [${dims.join(', ')}], expected [1, count] with a fixed count`);
  }
  if (last > max) return refuse(file, `"${value.name}" has ${last} elements, at most ${max} are supported`);
  return last;
}

function decodeTensor(tensor: OnnxNamespace.ITensorProto, file: string): Tensor {
  const name = tensor.name ?? '';
  const dims = (tensor.dims ?? []).map(Number);
  if (tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL || (tensor.externalData?.length ?? 0) > 0) {
    return refuse(file, `initializer "${name}" keeps its data in another file; save the model with its data inside`);
  }
  let elements = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0 || dim > ONNX_ELEMENTS_MAX) return refuse(file, `initializer "${name}" has dimension ${dim}`);
    elements *= dim;
  }
  if (elements > ONNX_ELEMENTS_MAX) return refuse(file, `initializer "${name}" has ${elements} elements, at most ${ONNX_ELEMENTS_MAX}`);
  const data = tensorData(tensor, elements);
  if (data === undefined) return refuse(file, `initializer "${name}" does not hold the ${elements} elements that its shape says`);
  return { name, dims, data };
}

/** Types the compiler has no use for (int64 axes, float64 ...) decode to an empty array: an operator that needs one is refused by name. */
function tensorData(tensor: OnnxNamespace.ITensorProto, elements: number): Tensor['data'] | undefined {
  const { DataType } = onnx.TensorProto;
  const raw = tensor.rawData ?? new Uint8Array(0);
  const copy = (bytes: number): ArrayBuffer | undefined => {
    if (raw.length !== elements * bytes) return undefined;
    const target = new ArrayBuffer(raw.length);
    new Uint8Array(target).set(raw);
    return target;
  };
  const listed = tensor.int32Data ?? [];
  const useList = raw.length === 0 && elements > 0;
  switch (tensor.dataType) {
    case DataType.FLOAT: {
      if (useList) return tensor.floatData?.length === elements ? Float32Array.from(tensor.floatData) : undefined;
      const buffer = copy(4);
      return buffer && new Float32Array(buffer);
    }
    case DataType.INT32: {
      if (useList) return listed.length === elements ? Int32Array.from(listed) : undefined;
      const buffer = copy(4);
      return buffer && new Int32Array(buffer);
    }
    case DataType.UINT8: {
      if (useList) return listed.length === elements ? Uint8Array.from(listed) : undefined;
      const buffer = copy(1);
      return buffer && new Uint8Array(buffer);
    }
    case DataType.INT8: {
      if (useList) return listed.length === elements ? Int8Array.from(listed) : undefined;
      const buffer = copy(1);
      return buffer && new Int8Array(buffer);
    }
    default:
      return new Uint8Array(0);
  }
}
