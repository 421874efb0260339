import { assert } from '../../core/assert.ts';
import { Arena, CACHE_PAIR_BYTES } from '../../core/memory.ts';
import { Prng } from '../../core/prng.ts';
import { bindModel, compileModel } from './compile.ts';
import { rangeFor } from './ir/operators.ts';
import { FLOAT_TOLERANCE } from './load.ts';
import type { Model } from './model.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { importOnnx } from './onnx/import.ts';
import { withOpenBatch } from './onnx/read.ts';
import { loadOrt, ORT_EXACT } from './ort.ts';

/** Rows that the oracle scores in one call. */
const BATCH_ROWS = 4_096;

export interface VerifyReport {
  readonly inferences: number;
  readonly mismatches: number;
  /** Allowed difference over the largest output of a row, for a model with float32 sums; without it bits were compared. */
  readonly tolerance?: number;
  /** The first difference: its row's inputs, what was expected, what came. */
  readonly first?: { readonly input: number[]; readonly expected: number[]; readonly got: number[] };
}

/** True when each output of a row is near the expected one; what is no number has to be so on both sides. */
function stands(got: Float32Array, expected: Float32Array, tolerance: number): boolean {
  let largest = 0;
  for (let n = 0; n < got.length; n++) largest = Math.max(largest, Number.isFinite(expected[n]) ? Math.abs(expected[n]!) : 0);
  return got.every((value, n) => {
    const wanted = expected[n]!;
    return Number.isFinite(value) && Number.isFinite(wanted)
      ? Math.abs(value - wanted) <= tolerance * largest
      : !Number.isFinite(value) && !Number.isFinite(wanted);
  });
}

/** A compiled model in memory of its own. */
export interface AloneModel extends Model {
  /** What may lie between its outputs and ONNX Runtime's: 0, or FLOAT_TOLERANCE where there are float32 sums. */
  readonly tolerance: number;
}

/** The compiled form of `graph` in memory of its own. */
export function compiledAlone(graph: OnnxGraph): AloneModel {
  const compiled = compileModel(graph, CACHE_PAIR_BYTES);
  const arena = new Arena(CACHE_PAIR_BYTES + compiled.bytes);
  const offset = arena.allocate('model', compiled.bytes);
  assert(offset === compiled.baseOffset, 'Invariant: the first region of an arena stands behind one pair of cache lines');
  return Object.assign(bindModel(compiled, arena.memory), { tolerance: compiled.inexact === undefined ? 0 : FLOAT_TOLERANCE });
}

/**
 * Compares the compiled model with ONNX Runtime bit for bit on `samples` seeded rows: random ones at several magnitudes and
 * adversarial ones (halfway between two quantized values, both saturations, zeros of both signs, denormals, the largest
 * floats, infinities, NaN). `progress` is called with the rows done.
 */
export function verifyModel(graph: OnnxGraph, samples: number, seed: number, progress: (done: number) => void = () => {}): VerifyReport {
  const model = compiledAlone(graph);
  const { tolerance } = model;
  const oracle = loadOrt().createSession(withOpenBatch(graph), ORT_EXACT);
  const ort = loadOrt();
  const rows = new RowMaker(graph, seed);
  const rowShape = graph.inputs[0]!.dims.slice(1);
  let mismatches = 0;
  let first: VerifyReport['first'];
  for (let done = 0; done < samples; ) {
    const count = Math.min(BATCH_ROWS, samples - done);
    const batch = new Float32Array(count * graph.inputCount);
    for (let row = 0; row < count; row++) rows.fill(batch, row * graph.inputCount);
    const expected = oracle.run({ [graph.input]: ort.tensor(batch, [count, ...rowShape]) }, { [graph.output]: null }, {})[graph.output]!
      .data;
    const bits = new Uint32Array(expected.buffer, expected.byteOffset, expected.length);
    const outputBits = new Uint32Array(model.output.buffer, model.output.byteOffset, model.outputCount);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < graph.inputCount; i++) model.input[i] = batch[row * graph.inputCount + i]!;
      model.run();
      let equal = true;
      for (let n = 0; n < graph.outputCount; n++) if (outputBits[n] !== bits[row * graph.outputCount + n]) equal = false;
      if (!equal && tolerance > 0) equal = stands(model.output, expected.subarray(row * graph.outputCount), tolerance);
      if (equal) continue;
      mismatches++;
      first ??= {
        input: [...batch.slice(row * graph.inputCount, (row + 1) * graph.inputCount)],
        expected: [...expected.slice(row * graph.outputCount, (row + 1) * graph.outputCount)],
        got: [...model.output],
      };
    }
    done += count;
    progress(done);
  }
  oracle.dispose();
  model.close();
  return { inferences: samples, mismatches, ...(tolerance === 0 ? {} : { tolerance }), ...(first === undefined ? {} : { first }) };
}

const EXTREMES = [
  0,
  -0,
  1e-45,
  -1e-45,
  1.1754944e-38,
  3.4028235e38,
  -3.4028235e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Step between the inputs drawn for a model that does not quantize them. */
const FLOAT_STEP = 1 / 32;

/** Draws input rows; every kind appears in every batch. */
class RowMaker {
  private readonly random: Prng;
  private readonly scale: number;
  /** The lowest quantized value less the zero point. */
  private readonly low: number;
  private readonly width: number;
  private row = 0;

  constructor(graph: OnnxGraph, seed: number) {
    this.random = new Prng(seed);
    this.width = graph.inputCount;
    const imported = importOnnx(graph);
    const quantize = imported.nodes.find((node) => node.op === 'QuantizeLinear' && node.inputs[0] === imported.inputs[0]);
    const to = quantize?.op === 'QuantizeLinear' ? quantize.attributes.to : undefined;
    this.scale = to?.scales[0] ?? FLOAT_STEP;
    this.low = to === undefined ? -128 : rangeFor(to.dtype).min - to.zeros[0]!;
  }

  fill(target: Float32Array, at: number): void {
    const kind = this.row++ % 8;
    for (let i = 0; i < this.width; i++) target[at + i] = this.value(kind);
  }

  private value(kind: number): number {
    const { random, scale } = this;
    switch (kind) {
      case 0:
        // Half way between two quantized values: ties of the rounding.
        return Math.fround((random.nextInt(256) + this.low + 0.5) * scale);
      case 1:
        return random.nextInt(2) === 0 ? -1000 * scale : 1000 * scale;
      case 2:
        return random.nextInt(8) === 0 ? EXTREMES[random.nextInt(EXTREMES.length)]! : random.nextNormal();
      case 3:
        return (random.nextInt(256) + this.low) * scale;
      case 4:
        return random.nextNormal() * 100 * scale;
      default:
        return random.nextNormal() * 40 * scale * 2 ** (random.nextInt(5) - 3);
    }
  }
}
