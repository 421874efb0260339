import { assert } from '../../core/assert.ts';
import type { Model } from './model.ts';
import type { OnnxGraph } from './onnx.ts';
import { lowerToMlp, macs, UnsupportedModelError } from './quantized-mlp.ts';
import { type CompiledMlp, emitMlp } from './wasm/emit-mlp.ts';

/** Multiply-adds of a model that is compiled; larger ones run on ONNX Runtime, whose fixed cost is small beside them. */
export const COMPILED_MACS_MAX = 1 << 19;

/** A model compiled to WebAssembly for one place in memory; plain data, so it can be handed to a worker. */
export interface CompiledModel extends CompiledMlp {
  readonly inputCount: number;
  readonly outputCount: number;
  readonly macs: number;
  readonly baseOffset: number;
}

/**
 * Compiles `graph` for the memory region at `baseOffset` (a multiple of 128). Throws UnsupportedModelError, naming operator
 * and node, for what the compiler does not cover.
 */
export function compileModel(graph: OnnxGraph, baseOffset: number): CompiledModel {
  assert(baseOffset % 16 === 0, 'Invariant: a model region begins on a 16-byte boundary');
  const mlp = lowerToMlp(graph);
  const work = macs(mlp);
  if (work > COMPILED_MACS_MAX) {
    throw new UnsupportedModelError(graph, `${work} multiply-adds, the compiler takes at most ${COMPILED_MACS_MAX}`);
  }
  return { ...emitMlp(mlp, baseOffset), inputCount: graph.inputCount, outputCount: graph.outputCount, macs: work, baseOffset };
}

/** Bytes of the region that the compiled model needs. */
export function modelMemoryBytes(graph: OnnxGraph): number {
  return compileModel(graph, 0).bytes;
}

class WasmModel implements Model {
  readonly backend = 'wasm';
  readonly inputCount: number;
  readonly outputCount: number;
  readonly input: Float32Array;
  readonly output: Float32Array;
  private readonly kernel: () => void;

  constructor(compiled: CompiledModel, buffer: SharedArrayBuffer, kernel: () => void) {
    this.inputCount = compiled.inputCount;
    this.outputCount = compiled.outputCount;
    this.input = new Float32Array(buffer, compiled.baseOffset + compiled.inputOffset, compiled.inputCount);
    this.output = new Float32Array(buffer, compiled.baseOffset + compiled.outputOffset, compiled.outputCount);
    this.kernel = kernel;
  }

  run(): number {
    this.kernel();
    return 0;
  }

  close(): void {}
}

/** Writes the constants into `memory` and instantiates the module there. */
export function bindModel(compiled: CompiledModel, memory: WebAssembly.Memory): Model {
  const buffer = memory.buffer as SharedArrayBuffer;
  assert(compiled.baseOffset + compiled.bytes <= buffer.byteLength, 'Invariant: the memory holds the model region');
  const bytes = new Uint8Array(buffer, compiled.baseOffset, compiled.bytes);
  bytes.fill(0);
  for (const segment of compiled.segments) bytes.set(segment.bytes, segment.offset);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.module), { env: { memory } });
  return new WasmModel(compiled, buffer, instance.exports['run'] as () => void);
}
