import { assert } from '../../core/assert.ts';
import { UnsupportedModelError } from './errors.ts';
import { firstInexact } from './ir/exactness.ts';
import { macsOf } from './ir/macs.ts';
import { elementsOf } from './ir/types.ts';
import { lower } from './lower/lower.ts';
import { planMemory } from './lower/memory-plan.ts';
import type { Model } from './model.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { importOnnx } from './onnx/import.ts';
import { runPasses } from './passes/run.ts';
import { type EmittedProgram, Emitter } from './wasm/emitter.ts';

/** Multiply-adds of a row that is compiled; larger models run on ONNX Runtime, whose fixed cost is small beside them. */
export const COMPILED_MACS_MAX = 1 << 19;

/** An input or output of a compiled model: float32 in the model's region. */
export interface ModelTensor {
  readonly name: string;
  /** Relative to the region. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** A model compiled to WebAssembly for one place in memory; plain data, so it can be handed to a worker. */
export interface CompiledModel extends EmittedProgram {
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
  readonly macs: number;
  readonly baseOffset: number;
  /** Rows that one run computes. */
  readonly batch: number;
  /** The first operator whose float32 sums differ from ONNX Runtime's in the last bits; undefined when no bit differs. */
  readonly inexact: string | undefined;
}

/**
 * Compiles `graph` for the memory region at `baseOffset` (a multiple of 16) and `batch` rows. Throws UnsupportedModelError,
 * naming operator and node, for what the compiler does not cover.
 */
export function compileModel(graph: OnnxGraph, baseOffset: number, batch = 1): CompiledModel {
  assert(baseOffset % 16 === 0, 'Invariant: a model region begins on a 16-byte boundary');
  const optimized = runPasses(importOnnx(graph, batch));
  const work = macsOf(optimized);
  if (work > COMPILED_MACS_MAX * batch) {
    throw new UnsupportedModelError(graph.file, `${work} multiply-adds, the compiler takes at most ${COMPILED_MACS_MAX} a row`);
  }
  const inexact = firstInexact(optimized);
  const program = lower(optimized);
  const plan = planMemory(program);
  const place = (values: typeof optimized.inputs, tensors: typeof program.inputs): ModelTensor[] =>
    values.map(({ name, dtype, shape }, i) => {
      if (dtype !== 'f32')
        throw new UnsupportedModelError(graph.file, `"${name}" is ${dtype}; only float32 inputs and outputs are compiled`);
      return { name, offset: plan.offsets.get(tensors[i]!.buffer)!, shape };
    });
  return {
    ...new Emitter(plan, baseOffset).emit(program),
    inputs: place(optimized.inputs, program.inputs),
    outputs: place(optimized.outputs, program.outputs),
    macs: work,
    baseOffset,
    batch,
    inexact: inexact && `operator ${inexact.op}, node ${inexact.name}`,
  };
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
    this.input = viewOf(compiled, buffer, compiled.inputs[0]!);
    this.output = viewOf(compiled, buffer, compiled.outputs[0]!);
    this.inputCount = this.input.length;
    this.outputCount = this.output.length;
    this.kernel = kernel;
  }

  run(): number {
    this.kernel();
    return 0;
  }

  close(): void {}
}

/** A view of an input or output of a compiled model in the memory that it is bound to. */
export function viewOf(compiled: CompiledModel, buffer: SharedArrayBuffer, tensor: ModelTensor): Float32Array {
  return new Float32Array(buffer, compiled.baseOffset + tensor.offset, elementsOf(tensor.shape));
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
