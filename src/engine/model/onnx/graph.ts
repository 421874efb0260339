import type { ConstantData, DType } from '../ir/types.ts';

/** A constant of the file, decoded to the typed array of its element type (int64 and bool to int32). */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Undefined for an element type the compiler has no use for: an operator that needs it is refused by name. */
  readonly dtype: DType | undefined;
  readonly data: ConstantData;
}

/** What an attribute may hold; graphs and sparse tensors are not read. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Tensor;

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** '' is ONNX's own. */
  readonly domain: string;
  /** An optional input that is not given is ''. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** An input or output of the graph. A dimension of 0 is open (symbolic or absent). */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/** A model file as it was read: nodes in the file's order, constants decoded, nothing inferred. */
export interface OnnxGraph {
  /** For messages. */
  readonly file: string;
  /** Bytes of the file. */
  readonly bytes: Uint8Array;
  /** The same model with external data put inside: what ONNX Runtime is given. */
  readonly selfContained: Uint8Array;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The first input and output: the features and the scores. */
  readonly input: string;
  readonly output: string;
  /** Elements of one row of them. */
  readonly inputCount: number;
  readonly outputCount: number;
}
