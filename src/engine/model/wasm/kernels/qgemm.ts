import type { Tensor } from '../../lower/program.ts';
import { sizeOf } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { loop, repeat, STRAIGHT_TURNS_MAX } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { type Clamp, clampAndRound, clampRoundAndScale } from '../rounding.ts';
import { store16, store32 } from '../store.ts';

/** Outputs computed side by side: four accumulators of four lanes; more would spill registers on Node 20. */
export const BLOCK_OUTPUTS = 16;
const LANES = 4;
/** Input pairs a turn of the inner loop. */
const UNROLL = 2;

/** What becomes of the int32 sums. */
export type Epilogue =
  /** q - zero = rne(clamp(float(sum) * factor)). */
  | { readonly kind: 'requantize'; readonly range: Clamp }
  /** The same, times `scale`: float32. */
  | { readonly kind: 'dequantize'; readonly range: Clamp; readonly scale: number }
  /** float(sum) * factor. */
  | { readonly kind: 'scale' }
  /** The sums. */
  | { readonly kind: 'sum' };

export interface QGemm {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** [rows, inputs] q16. */
  readonly a: Pointer;
  /** Packed as `packWeights` does. */
  readonly weights: Pointer;
  /** int32 added to the sums. Padded to a multiple of 4 (`padInt32`). */
  readonly bias: Pointer | undefined;
  /** float32 of the epilogue; undefined for sums. Padded likewise. */
  readonly factors: Pointer | undefined;
  /** Bias and factors are given for each row instead of each output. */
  readonly perRow: boolean;
  readonly epilogue: Epilogue;
  /** [rows, outputs] in `format`. */
  readonly target: Pointer;
  readonly format: Tensor['format'];
  readonly exact: boolean;
}

interface Block {
  readonly weights: Pointer;
  readonly bias: Pointer | undefined;
  readonly factors: Pointer | undefined;
  readonly target: Pointer;
}

/**
 * Product of a q16 matrix with weights, exact in int32: input pairs and weight pairs through i32x4.dot_i16x8_s, a block of 16
 * outputs at a time, its weights once for all rows while they are in the nearest cache.
 */
export function emitQGemm(emitter: Emitter, gemm: QGemm): void {
  const { inputs, outputs, bias, factors, perRow } = gemm;
  const size = sizeOf(gemm.format);
  const blockBytes = 4 * BLOCK_OUTPUTS * Math.ceil(inputs / 2);
  const perBlock = perRow ? 0 : 4 * BLOCK_OUTPUTS;
  const at = (pointer: Pointer, bytes: number): Pointer => ({ ...pointer, offset: pointer.offset + bytes });
  const blockAt = (index: number): Block => ({
    weights: at(gemm.weights, index * blockBytes),
    bias: bias && at(bias, perBlock * index),
    factors: factors && at(factors, perBlock * index),
    target: at(gemm.target, size * BLOCK_OUTPUTS * index),
  });
  const full = Math.floor(outputs / BLOCK_OUTPUTS);
  let done = 0;
  if (full > STRAIGHT_TURNS_MAX) {
    const first = blockAt(0);
    const streams = [
      { from: first.weights, bytes: blockBytes },
      { from: first.target, bytes: size * BLOCK_OUTPUTS },
      { from: first.bias ?? first.weights, bytes: bias === undefined ? 0 : perBlock },
      { from: first.factors ?? first.weights, bytes: factors === undefined ? 0 : perBlock },
    ];
    loop(emitter.body, full, streams, ([weights, target, biasAt, factorsAt]) => {
      emitBlock(emitter, gemm, { weights: weights!, target: target!, bias: bias && biasAt, factors: factors && factorsAt }, BLOCK_OUTPUTS);
    });
    done = full;
  }
  for (let index = done; index * BLOCK_OUTPUTS < outputs; index++) {
    emitBlock(emitter, gemm, blockAt(index), Math.min(BLOCK_OUTPUTS, outputs - index * BLOCK_OUTPUTS));
  }
}

function emitBlock(emitter: Emitter, gemm: QGemm, block: Block, valid: number): void {
  const perRow = gemm.perRow ? 4 : 0;
  const streams = [
    { from: gemm.a, bytes: 2 * gemm.inputs },
    { from: block.target, bytes: sizeOf(gemm.format) * gemm.outputs },
    { from: block.bias ?? gemm.a, bytes: block.bias === undefined ? 0 : perRow },
    { from: block.factors ?? gemm.a, bytes: block.factors === undefined ? 0 : perRow },
  ];
  // Rows follow one another directly: what lies behind a row's last output is the next row.
  const exact = gemm.exact || (gemm.rows > 1 && valid < BLOCK_OUTPUTS);
  const sums = Array.from({ length: Math.ceil(valid / LANES) }, () => emitter.body.local());
  repeat(emitter.body, gemm.rows, streams, ([a, target, bias, factors]) => {
    sums.forEach((sum, j) => void startSum(emitter, sum, block.bias && bias!, gemm.perRow, j));
    accumulate(emitter, sums, a!, block.weights, Math.ceil(gemm.inputs / 2));
    if (block.factors !== undefined) finish(emitter, gemm.epilogue, sums, factors!, gemm.perRow);
    if (gemm.format === 'q16') storeQuantized(emitter, sums, target!, valid, exact);
    else
      sums.forEach((sum, j) => void store32(emitter.body, { ...target!, offset: target!.offset + 16 * j }, sum, valid - LANES * j, exact));
  });
}

function startSum({ body }: Emitter, sum: number, bias: Pointer | undefined, perRow: boolean, j: number): void {
  if (bias === undefined) body.int(0).op(V128.I32X4_SPLAT).set(sum);
  else if (perRow) body.loadSplat32(bias).set(sum);
  else body.load(bias, 16 * j).set(sum);
}

/**
 * sums += activations * weights over all input pairs: a loop of UNROLL pairs, then the rest. A loop, because the register
 * allocator of Node 20 spills every accumulator of a long basic block.
 */
function accumulate({ body }: Emitter, sums: readonly number[], a: Pointer, weights: Pointer, pairs: number): void {
  const pair = body.local();
  const stride = 16 * sums.length;
  const step = (activations: Pointer, from: Pointer, p: number): void => {
    body.loadSplat32(activations, 4 * p).set(pair);
    sums.forEach((sum, j) => {
      body
        .load(from, stride * p + 16 * j)
        .get(pair)
        .op(V128.I32X4_DOT_I16X8_S)
        .get(sum)
        .op(V128.I32X4_ADD)
        .set(sum);
    });
  };
  const looped = pairs - (pairs % UNROLL);
  if (looped <= UNROLL) {
    for (let p = 0; p < pairs; p++) step(a, weights, p);
    return;
  }
  const streams = [
    { from: a, bytes: 4 * UNROLL },
    { from: weights, bytes: stride * UNROLL },
  ];
  loop(body, looped / UNROLL, streams, ([activations, from]) => {
    for (let p = 0; p < UNROLL; p++) step(activations!, from!, p);
  });
  for (let p = looped; p < pairs; p++) step(a, weights, p);
}

function finish(emitter: Emitter, epilogue: Epilogue, sums: readonly number[], factors: Pointer, perRow: boolean): void {
  const { body } = emitter;
  sums.forEach((sum, j) => {
    body.get(sum).op(V128.F32X4_CONVERT_I32X4_S);
    if (perRow) body.loadSplat32(factors);
    else body.load(factors, 16 * j);
    body.op(V128.F32X4_MUL).set(sum);
    if (epilogue.kind === 'requantize') clampAndRound(emitter, sum, epilogue.range);
    else if (epilogue.kind === 'dequantize') clampRoundAndScale(emitter, sum, epilogue.range, epilogue.scale);
  });
}

/** Narrows int32 accumulators to q16 and stores them, eight at a time. */
export function storeQuantized({ body }: Emitter, sums: readonly number[], target: Pointer, valid: number, exact: boolean): void {
  for (let j = 0; j < sums.length; j += 2) {
    const low = sums[j]!;
    body
      .get(low)
      .get(sums[j + 1] ?? low)
      .op(V128.I16X8_NARROW_I32X4_S)
      .set(low);
    store16(body, { ...target, offset: target.offset + 8 * j }, low, valid - LANES * j, exact);
  }
}

/**
 * Weights [inputs, outputs] in order of use: [block of 16 outputs][pair of inputs][outputs of the block x 2 inputs] int16,
 * outputs padded to a multiple of 4, odd inputs with zeros.
 */
export function packWeights(inputs: number, outputs: number, weight: (k: number, n: number) => number): Int16Array {
  const padded = Math.ceil(outputs / LANES) * LANES;
  const pairs = Math.ceil(inputs / 2);
  const packed = new Int16Array(padded * pairs * 2);
  let at = 0;
  for (let first = 0; first < padded; first += BLOCK_OUTPUTS) {
    const end = Math.min(first + BLOCK_OUTPUTS, padded);
    for (let pair = 0; pair < pairs; pair++) {
      for (let n = first; n < end; n++) {
        for (let k = 2 * pair; k < 2 * pair + 2; k++) packed[at++] = n < outputs && k < inputs ? weight(k, n) : 0;
      }
    }
  }
  return packed;
}

/** `source` with zeros up to `length`. */
export function padInt32(source: Int32Array, length: number): Int32Array {
  const target = new Int32Array(length);
  target.set(source);
  return target;
}

export function padFloat32(source: Float32Array, length: number): Float32Array {
  const target = new Float32Array(length);
  target.set(source);
  return target;
}
