import { createRequire } from 'node:module';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { MODEL_FAILED, type Model } from './model.ts';
import type { OnnxGraph } from './onnx/graph.ts';

/**
 * ONNX Runtime through onnxruntime-node. Its public `run()` defers the same synchronous native call to a later turn of the
 * event loop; an engine thread needs the answer now, so this uses the package's own binding module directly.
 */
export interface OrtTensor {
  readonly data: Float32Array;
}
export interface OrtSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  run(feeds: object, fetches: object, options: object): Record<string, OrtTensor>;
  dispose(): void;
}
export interface OrtPublicSession {
  run(feeds: object): Promise<Record<string, OrtTensor>>;
}
export interface OrtRuntime {
  readonly createSession: (bytes: Uint8Array, options: object) => OrtSession;
  readonly tensor: (data: Float32Array, dims: readonly number[]) => OrtTensor;
  /** The public module, for comparison in benches. */
  readonly publicApi: {
    readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<OrtPublicSession> };
  };
}

/** One thread, no spinning, every graph optimisation: the runtime tuned for the latency of one small call. */
export const ORT_FAST = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' } } },
} as const;

/**
 * The same with exact sums: `x64quantprecision` makes the AVX2 kernels of processors without VNNI accumulate uint8 x int8
 * exactly (their default saturates at 16 bits when weights use all 8 bits), so that results do not depend on the processor.
 * Models with 7-bit weights, the shipped one among them, are exact either way.
 */
export const ORT_EXACT = { ...ORT_FAST, extra: { session: { intra_op: { allow_spinning: '0' }, x64quantprecision: '1' } } } as const;

let runtime: OrtRuntime | undefined;

/** Loads onnxruntime-node (about 40 MB); throws `ERR_ORT_ABSENT` with the line that installs it. */
export function loadOrt(): OrtRuntime {
  if (runtime !== undefined) return runtime;
  const require = createRequire(import.meta.url);
  try {
    const publicApi = require('onnxruntime-node');
    const { binding, initOrt } = require('onnxruntime-node/dist/binding');
    initOrt();
    runtime = {
      createSession: (bytes, options) => {
        const session = new binding.InferenceSession() as OrtSession;
        session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options);
        return session;
      },
      tensor: (data, dims) => new publicApi.Tensor('float32', data, dims) as OrtTensor,
      publicApi,
    };
    return runtime;
  } catch (error) {
    const why = (error as Error).message.split('\n')[0];
    throw new TickpathError(
      'ERR_ORT_ABSENT',
      `onnxruntime-node cannot be loaded (${why}); install it with: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`,
      EXIT.FAILURE,
    );
  }
}

/** Shape of one row of the first input. */
export function rowDims(graph: OnnxGraph): number[] {
  return graph.inputs[0]!.dims.map((dim, axis) => (axis === 0 ? Math.max(1, dim) : dim));
}

class OrtModel implements Model {
  readonly backend = 'ort-cpu';
  readonly inputCount: number;
  readonly outputCount: number;
  readonly input: Float32Array;
  readonly output: Float32Array;
  private readonly session: OrtSession;
  private readonly feeds: Record<string, OrtTensor>;
  private readonly fetches: Record<string, null>;
  private readonly staged: Float32Array;
  private readonly outputName: string;

  constructor(graph: OnnxGraph, ort: OrtRuntime, input: Float32Array) {
    this.inputCount = graph.inputCount;
    this.outputCount = graph.outputCount;
    this.input = input;
    this.output = new Float32Array(graph.outputCount);
    this.session = ort.createSession(graph.selfContained, ORT_EXACT);
    // The runtime refuses tensors on shared memory on Node 20: inputs are staged in private memory.
    this.staged = new Float32Array(graph.inputCount);
    this.feeds = { [graph.input]: ort.tensor(this.staged, rowDims(graph)) };
    this.fetches = { [graph.output]: null };
    this.outputName = graph.output;
  }

  run(): number {
    this.staged.set(this.input);
    try {
      this.output.set(this.session.run(this.feeds, this.fetches, {})[this.outputName]!.data);
      return 0;
    } catch {
      return MODEL_FAILED;
    }
  }

  close(): void {
    this.session.dispose();
  }
}

/** The model on ONNX Runtime; `input` is where its features are written. Throws `ERR_MODEL_ONNX` when the runtime refuses it. */
export function createOrtModel(graph: OnnxGraph, input: Float32Array): Model {
  const ort = loadOrt();
  try {
    return new OrtModel(graph, ort, input);
  } catch (error) {
    throw new TickpathError(
      'ERR_MODEL_ONNX',
      `${graph.file}: ONNX Runtime refuses it: ${(error as Error).message.split('\n')[0]}`,
      EXIT.DATA,
    );
  }
}
