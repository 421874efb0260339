import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { MODEL_BYTES_MAX, MODEL_ELEMENTS_MAX, MODEL_RANK_MAX } from '../../../core/limits.ts';
import { refuseModel } from '../errors.ts';
import type { ConstantData, DType } from '../ir/types.ts';
import type { Tensor } from './graph.ts';
import { type OnnxNamespace, onnx } from './protobuf.ts';

const INT32_MAX = 2 ** 31 - 1;

/** Decodes a tensor; `file` names the model in messages and says where external data lies. */
export function decodeTensor(tensor: OnnxNamespace.ITensorProto, file: string): Tensor {
  const name = tensor.name ?? '';
  const dims = (tensor.dims ?? []).map(Number);
  if (dims.length > MODEL_RANK_MAX) refuseModel(file, `tensor "${name}" has ${dims.length} axes, at most ${MODEL_RANK_MAX}`);
  let elements = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0 || dim > MODEL_ELEMENTS_MAX) refuseModel(file, `tensor "${name}" has dimension ${dim}`);
    elements *= dim;
  }
  if (elements > MODEL_ELEMENTS_MAX) refuseModel(file, `tensor "${name}" has ${elements} elements, at most ${MODEL_ELEMENTS_MAX}`);
  const raw = isExternal(tensor) ? externalBytes(tensor, file) : (tensor.rawData ?? new Uint8Array(0));
  const dtype = dtypeOf(tensor.dataType);
  if (dtype === undefined) return { name, dims, dtype, data: new Uint8Array(0) };
  const data = tensorData(tensor, dtype, raw, elements);
  if (data === undefined) return refuseModel(file, `tensor "${name}" does not hold the ${elements} elements that its shape says`);
  return { name, dims, dtype, data };
}

export function isExternal(tensor: OnnxNamespace.ITensorProto): boolean {
  return tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL || (tensor.externalData?.length ?? 0) > 0;
}

/** The element type of the compiler for ONNX's number; undefined for those it does not know. */
export function dtypeOf(type: number | null | undefined): DType | undefined {
  const { DataType } = onnx.TensorProto;
  switch (type) {
    case DataType.FLOAT:
      return 'f32';
    case DataType.UINT8:
      return 'u8';
    case DataType.INT8:
      return 'i8';
    case DataType.INT32:
      return 'i32';
    case DataType.INT64:
    case DataType.BOOL:
      return 'i64';
    default:
      return undefined;
  }
}

function tensorData(tensor: OnnxNamespace.ITensorProto, dtype: DType, raw: Uint8Array, elements: number): ConstantData | undefined {
  const listed = raw.length === 0 && elements > 0;
  const int32 = tensor.int32Data ?? [];
  const copy = (bytes: number): ArrayBuffer | undefined => (raw.length === elements * bytes ? new Uint8Array(raw).buffer : undefined);
  const isBool = tensor.dataType === onnx.TensorProto.DataType.BOOL;
  switch (dtype) {
    case 'f32': {
      if (listed) return tensor.floatData?.length === elements ? Float32Array.from(tensor.floatData) : undefined;
      const buffer = copy(4);
      return buffer && new Float32Array(buffer);
    }
    case 'i64': {
      if (isBool) return listed ? fromList(Int32Array, int32, elements) : raw.length === elements ? Int32Array.from(raw) : undefined;
      if (listed)
        return fromList(
          Int32Array,
          (tensor.int64Data ?? []).map((value) => saturate(BigInt(value.toString()))),
          elements,
        );
      const buffer = copy(8);
      return buffer && Int32Array.from(new BigInt64Array(buffer), saturate);
    }
    case 'i32': {
      if (listed) return fromList(Int32Array, int32, elements);
      const buffer = copy(4);
      return buffer && new Int32Array(buffer);
    }
    case 'u8':
      return listed ? fromList(Uint8Array, int32, elements) : copyOf(Uint8Array, copy(1));
    case 'i8':
      return listed ? fromList(Int8Array, int32, elements) : copyOf(Int8Array, copy(1));
  }
}

function fromList<T>(type: { from(list: ArrayLike<number>): T }, list: readonly number[], elements: number): T | undefined {
  return list.length === elements ? type.from(list) : undefined;
}

function copyOf<T>(type: new (buffer: ArrayBuffer) => T, buffer: ArrayBuffer | undefined): T | undefined {
  return buffer && new type(buffer);
}

/** int64 to the range of int32: what exceeds it stands for "to the end" (slices). */
function saturate(value: bigint): number {
  return Number(value > 2147483647n ? INT32_MAX : value < -2147483647n ? -INT32_MAX : value);
}

/** Bytes of a tensor that lie in a file beside the model: `location` is a path below the model's folder. */
export function externalBytes(tensor: OnnxNamespace.ITensorProto, file: string): Uint8Array {
  const name = tensor.name ?? '';
  const entries = new Map((tensor.externalData ?? []).map((entry) => [entry.key ?? '', entry.value ?? '']));
  const location = entries.get('location') ?? '';
  const outside = (): never => refuseModel(file, `tensor "${name}" keeps its data in "${location}", which is not below the model's folder`);
  if (location === '' || isAbsolute(location) || location.split(/[\\/]/).includes('..') || location.includes('\0')) outside();
  const count = (key: string, otherwise: number): number => {
    const text = entries.get(key);
    if (text === undefined) return otherwise;
    if (!/^\d{1,15}$/.test(text)) refuseModel(file, `tensor "${name}" has external ${key} "${text}", expected a number of bytes`);
    return Number(text);
  };
  let descriptor: number | undefined;
  try {
    const folder = realpathSync(dirname(file));
    const path = realpathSync(join(folder, location));
    if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) outside();
    descriptor = openSync(path, 'r');
    const status = fstatSync(descriptor);
    const offset = count('offset', 0);
    const length = count('length', Math.max(0, status.size - offset));
    if (!status.isFile() || offset + length > status.size || length > MODEL_BYTES_MAX) {
      refuseModel(file, `tensor "${name}" wants ${length} bytes at ${offset} of "${location}", which has ${status.size}`);
    }
    const bytes = new Uint8Array(length);
    let read = 0;
    while (read < length) {
      const got = readSync(descriptor, bytes, read, length - read, offset + read);
      if (got === 0) refuseModel(file, `"${location}" became shorter while it was read`);
      read += got;
    }
    return bytes;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_MODEL') === true) throw error;
    return refuseModel(file, `tensor "${name}" keeps its data in "${location}", which cannot be read (${code ?? 'unknown error'})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
