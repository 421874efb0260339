import { EXIT, TickpathError } from '../../core/errors.ts';
import { FEATURE_SET, FEATURES } from '../features/feature-set.ts';
import { bindModel, type CompiledModel, compileModel } from './compile.ts';
import { refuseModel, UnsupportedModelError } from './errors.ts';
import { checkFeatures, type ModelManifest, type ModelProof, readManifest, readProof } from './manifest.ts';
import type { Model, ModelBackend } from './model.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { readOnnx } from './onnx/read.ts';
import { createOrtModel } from './ort.ts';

export interface LoadedModel {
  readonly file: string;
  readonly graph: OnnxGraph;
  readonly manifest: ModelManifest;
  readonly proof: ModelProof;
}

/** Reads a model, its manifest and its proof, and checks them against each other and the engine's features. Cold. */
export function loadModel(file: string): LoadedModel {
  const graph = readOnnx(file);
  const manifest = readManifest(file, graph.bytes);
  checkFeatures(
    file,
    manifest,
    FEATURE_SET.name,
    FEATURE_SET.version,
    FEATURES.map((feature) => feature.name),
  );
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1) {
    refuseModel(file, `${graph.inputs.length} inputs and ${graph.outputs.length} outputs, the engine feeds one and reads one`);
  }
  if (graph.inputCount !== manifest.features.names.length || graph.outputCount !== manifest.outputs.length) {
    throw new TickpathError(
      'ERR_MODEL_MANIFEST',
      `${file}: ${graph.inputCount} inputs and ${graph.outputCount} outputs, its manifest names ${manifest.features.names.length} and ${manifest.outputs.length}`,
      EXIT.DATA,
    );
  }
  return { file, graph, manifest, proof: readProof(file, manifest, graph.inputCount, graph.outputCount) };
}

/** A model ready to be bound on the engine's thread: compiled, or the file's bytes for ONNX Runtime. Plain data. */
export type PreparedModel =
  | { readonly backend: 'wasm'; readonly compiled: CompiledModel; readonly proof: ModelProof; readonly note: string }
  | { readonly backend: 'ort-cpu'; readonly graph: OnnxGraph; readonly proof: ModelProof; readonly note: string };

/**
 * Chooses the back end: `auto` compiles where every bit will be ONNX Runtime's and falls back to the runtime itself, saying
 * which operator was in the way. `baseOffset` is where the compiled model will lie.
 */
export function prepareModel(loaded: LoadedModel, backend: ModelBackend | 'auto', baseOffset: number): PreparedModel {
  const { graph, proof } = loaded;
  if (backend === 'ort-cpu') return { backend, graph, proof, note: 'ONNX Runtime, as configured' };
  try {
    const compiled = compileModel(graph, baseOffset);
    const { inexact } = compiled;
    if (inexact === undefined) return { backend: 'wasm', compiled, proof, note: 'compiled to WebAssembly SIMD' };
    if (backend === 'wasm') return { backend, compiled, proof, note: `compiled to WebAssembly SIMD, float32 sums of its own (${inexact})` };
    return { backend: 'ort-cpu', graph, proof, note: `ONNX Runtime, because float32 sums have other last bits when compiled (${inexact})` };
  } catch (error) {
    if (backend === 'wasm' || !(error instanceof UnsupportedModelError)) throw error;
    return { backend: 'ort-cpu', graph, proof, note: `ONNX Runtime, because the compiler does not cover it (${error.message})` };
  }
}

/**
 * Binds a prepared model on this thread and proves it: a single differing bit on the recorded rows refuses to start, or, for
 * a model with float32 sums that was asked to be compiled, a difference beyond FLOAT_TOLERANCE.
 */
export function bindPrepared(prepared: PreparedModel, memory: WebAssembly.Memory, file: string): Model {
  const model =
    prepared.backend === 'wasm'
      ? bindModel(prepared.compiled, memory)
      : createOrtModel(prepared.graph, new Float32Array(prepared.graph.inputCount));
  const exact = prepared.backend !== 'wasm' || prepared.compiled.inexact === undefined;
  proveModel(model, prepared.proof, file, exact ? 0 : FLOAT_TOLERANCE);
  return model;
}

/** Difference of a compiled float32 sum from ONNX Runtime's, over the largest output of its row. */
export const FLOAT_TOLERANCE = 1e-4;

/**
 * Compares the model with the recorded outputs, bit for bit when `tolerance` is 0; throws `ERR_MODEL_PROOF` naming the first
 * row that differs.
 */
export function proveModel(model: Model, proof: ModelProof, file: string, tolerance = 0): void {
  const { inputCount, outputCount } = model;
  for (let row = 0; row < proof.rows; row++) {
    for (let i = 0; i < inputCount; i++) model.input[i] = proof.inputs[row * inputCount + i]!;
    const status = model.run();
    let bound = tolerance === 0 ? Number.NaN : 0;
    for (let n = 0; n < outputCount; n++) bound = Math.max(bound, tolerance * Math.abs(proof.outputs[row * outputCount + n]!));
    for (let n = 0; n < outputCount; n++) {
      const expected = proof.outputs[row * outputCount + n]!;
      if (status === 0 && (Object.is(model.output[n], expected) || Math.abs(model.output[n]! - expected) <= bound)) continue;
      throw new TickpathError(
        'ERR_MODEL_PROOF',
        `${file}: row ${row} of its proof gives ${model.output[n]} at output ${n} on ${model.backend}, ONNX Runtime gave ${expected}; refusing to trade on it`,
        EXIT.DATA,
      );
    }
  }
  model.input.fill(0);
}
