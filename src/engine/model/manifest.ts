import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { EXIT, TickpathError } from '../../core/errors.ts';

const finite = z.number().refine(Number.isFinite, 'expected a finite number');

/**
 * The manifest beside a model: which file, which features in which order, how they are normalised, what the outputs mean.
 * x' = clamp((x - mean) * scale, -clamp, clamp) in float32. `card` says what it was trained on and how well it does.
 */
const ManifestSchema = z.strictObject({
  version: z.literal(1),
  model: z.strictObject({ file: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits') }),
  features: z.strictObject({ set: z.string().min(1), version: z.int().positive(), names: z.array(z.string().min(1)).min(1) }),
  normalization: z.strictObject({ mean: z.array(finite), scale: z.array(finite), clamp: z.number().positive() }),
  outputs: z.array(z.string().min(1)).min(1),
  /** What the outputs predict: the sign of the mid price's move over this time. */
  horizon_ms: z.number().positive(),
  proof: z.strictObject({ file: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits') }),
  thresholds: z.record(z.string(), finite).optional(),
  card: z.record(z.string(), z.unknown()),
});

export type ModelManifest = z.infer<typeof ManifestSchema>;

function refuse(file: string, text: string): never {
  throw new TickpathError('ERR_MODEL_MANIFEST', `${file}: ${text}`, EXIT.DATA);
}

/** The manifest's path of a model: `reference.onnx` has `reference.json`. */
export function manifestPath(modelFile: string): string {
  return `${modelFile.replace(/\.onnx$/, '')}.json`;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads and checks the manifest of `modelFile`. Throws `ERR_MODEL_MANIFEST` naming the file and field: unknown or missing
 * keys, a wrong digest, lists of different lengths.
 */
export function readManifest(modelFile: string, modelBytes: Uint8Array): ModelManifest {
  const file = manifestPath(modelFile);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return refuse(file, `not found; a model needs its manifest beside it (features, normalisation, sha256)`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return refuse(file, `is not JSON (${(error as Error).message})`);
  }
  const parsed = ManifestSchema.safeParse(document);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`);
    return refuse(file, issues.join('; '));
  }
  const manifest = parsed.data;
  if (manifest.model.file !== basename(modelFile))
    return refuse(file, `model.file is "${manifest.model.file}", expected "${basename(modelFile)}"`);
  const sha256 = sha256Of(modelBytes);
  if (manifest.model.sha256 !== sha256)
    return refuse(file, `model.sha256 is ${manifest.model.sha256}, but ${basename(modelFile)} has ${sha256}`);
  const count = manifest.features.names.length;
  for (const key of ['mean', 'scale'] as const) {
    const length = manifest.normalization[key].length;
    if (length !== count) return refuse(file, `normalization.${key} has ${length} values, features.names has ${count}`);
  }
  return manifest;
}

/** Refuses a manifest whose features are not, by name, order and version, those that the engine computes. */
export function checkFeatures(modelFile: string, manifest: ModelManifest, set: string, version: number, names: readonly string[]): void {
  const file = manifestPath(modelFile);
  const own = manifest.features;
  if (own.set !== set || own.version !== version) {
    refuse(file, `wants feature set ${own.set} version ${own.version}, this engine computes ${set} version ${version}`);
  }
  for (let i = 0; i < Math.max(names.length, own.names.length); i++) {
    if (own.names[i] !== names[i])
      refuse(file, `feature ${i} is "${own.names[i] ?? '(none)'}", the engine computes "${names[i] ?? '(none)'}" there`);
  }
}

/** Recorded inputs and ONNX Runtime's outputs on them: float32 rows. */
export interface ModelProof {
  readonly rows: number;
  /** [rows, inputs]. */
  readonly inputs: Float32Array;
  /** [rows, outputs]. */
  readonly outputs: Float32Array;
}

const PROOF_MAGIC = 'TPPROOF1';
const PROOF_HEADER_BYTES = 32;

/**
 * Proof file: bytes 0-7 "TPPROOF1", u32 rows, u32 inputs, u32 outputs, 12 zero bytes, then the input rows and the output
 * rows as little-endian float32.
 */
export function readProof(modelFile: string, manifest: ModelManifest, inputCount: number, outputCount: number): ModelProof {
  const file = join(dirname(modelFile), manifest.proof.file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch {
    return refuse(file, 'not found; the manifest names it as the proof that the compiled model equals ONNX Runtime');
  }
  const sha256 = sha256Of(bytes);
  if (sha256 !== manifest.proof.sha256) return refuse(file, `has sha256 ${sha256}, the manifest says ${manifest.proof.sha256}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, 8));
  const [rows, inputs, outputs] =
    bytes.length < PROOF_HEADER_BYTES ? [0, 0, 0] : ([8, 12, 16].map((at) => view.getUint32(at, true)) as [number, number, number]);
  const expected = PROOF_HEADER_BYTES + 4 * rows * (inputs + outputs);
  if (magic !== PROOF_MAGIC || inputs !== inputCount || outputs !== outputCount || rows === 0 || bytes.length !== expected) {
    return refuse(file, `is not a proof of ${inputCount} inputs and ${outputCount} outputs`);
  }
  const floats = new Float32Array(rows * (inputs + outputs));
  for (let i = 0; i < floats.length; i++) floats[i] = view.getFloat32(PROOF_HEADER_BYTES + 4 * i, true);
  return { rows, inputs: floats.slice(0, rows * inputs), outputs: floats.slice(rows * inputs) };
}

/** Bytes of a proof file. */
export function encodeProof(proof: ModelProof): Uint8Array {
  const inputs = proof.inputs.length / proof.rows;
  const outputs = proof.outputs.length / proof.rows;
  const bytes = new Uint8Array(PROOF_HEADER_BYTES + 4 * (proof.inputs.length + proof.outputs.length));
  bytes.set(new TextEncoder().encode(PROOF_MAGIC));
  const view = new DataView(bytes.buffer);
  [proof.rows, inputs, outputs].forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  [...proof.inputs, ...proof.outputs].forEach((value, i) => view.setFloat32(PROOF_HEADER_BYTES + 4 * i, value, true));
  return bytes;
}
