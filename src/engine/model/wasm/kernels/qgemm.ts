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
/** Rows side by side, where there are several. */
const TILE_ROWS = 2;

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
  const tiled = gemm.rows - (gemm.rows % TILE_ROWS);
  if (gemm.rows >= TILE_ROWS) emitRows(emitter, gemm, block, valid, 0, tiled / TILE_ROWS, TILE_ROWS);
  if (gemm.rows > tiled || gemm.rows < TILE_ROWS) emitRows(emitter, gemm, block, valid, tiled, gemm.rows - tiled, 1);
}

/** A block's outputs for `turns` times `tile` rows from `first` on; the rows of a tile share each load of weights. */
function emitRows(emitter: Emitter, gemm: QGemm, block: Block, valid: number, first: number, turns: number, tile: number): void {
  const { body } = emitter;
  const perRow = gemm.perRow ? 4 : 0;
  const sizes = [
    2 * gemm.inputs,
    sizeOf(gemm.format) * gemm.outputs,
    block.bias === undefined ? 0 : perRow,
    block.factors === undefined ? 0 : perRow,
  ];
  const ahead = (pointer: Pointer, bytes: number): Pointer => ({ ...pointer, offset: pointer.offset + bytes });
  const streams = [gemm.a, block.target, block.bias ?? gemm.a, block.factors ?? gemm.a].map((pointer, i) => ({
    from: ahead(pointer, first * sizes[i]!),
    bytes: tile * sizes[i]!,
  }));
  // Rows follow one another directly: what lies behind a row's last output is the next row.
  const exact = gemm.exact || (gemm.rows > 1 && valid < BLOCK_OUTPUTS);
  const sums = Array.from({ length: tile }, () => Array.from({ length: Math.ceil(valid / LANES) }, () => body.local()));
  // Tiles always in a loop: written out, their accumulators are spilled on Node 20 (255 against 146 ns a row).
  (tile > 1 ? loop : repeat)(body, turns, streams, (at) => {
    const rows = sums.map((own, row) => {
      const [a, target, bias, factors] = at.map((pointer, i) => ahead(pointer, row * sizes[i]!)) as [Pointer, Pointer, Pointer, Pointer];
      own.forEach((sum, j) => void startSum(emitter, sum, block.bias && bias, gemm.perRow, j));
      return { a, target, factors, sums: own };
    });
    accumulate(emitter, rows, block.weights, Math.ceil(gemm.inputs / 2));
    for (const row of rows) {
      if (block.factors !== undefined) finish(emitter, gemm.epilogue, row.sums, row.factors, gemm.perRow);
      if (gemm.format === 'q16') storeQuantized(emitter, row.sums, row.target, valid, exact);
      else row.sums.forEach((sum, j) => void store32(body, ahead(row.target, 16 * j), sum, valid - LANES * j, exact));
    }
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
function accumulate(
  { body }: Emitter,
  rows: readonly { readonly a: Pointer; readonly sums: readonly number[] }[],
  weights: Pointer,
  pairs: number,
): void {
  const values = rows.map(() => body.local());
  const weight = body.local();
  const stride = 16 * rows[0]!.sums.length;
  const unroll = rows.length === 1 ? UNROLL : 1;
  const step = (from: readonly Pointer[], p: number): void => {
    rows.forEach((_, row) => void body.loadSplat32(from[row]!, 4 * p).set(values[row]!));
    rows[0]!.sums.forEach((_, j) => {
      body.load(from[rows.length]!, stride * p + 16 * j);
      if (rows.length > 1) body.set(weight);
      rows.forEach(({ sums }, row) => {
        if (rows.length > 1) body.get(weight);
        body.get(values[row]!).op(V128.I32X4_DOT_I16X8_S).get(sums[j]!).op(V128.I32X4_ADD).set(sums[j]!);
      });
    });
  };
  const all = [...rows.map(({ a }) => a), weights];
  const looped = pairs - (pairs % unroll);
  if (looped <= UNROLL) {
    for (let p = 0; p < pairs; p++) step(all, p);
    return;
  }
  const streams = all.map((from, i) => ({ from, bytes: unroll * (i < rows.length ? 4 : stride) }));
  loop(body, looped / unroll, streams, (at) => {
    for (let p = 0; p < unroll; p++) step(at, p);
  });
  for (let p = looped; p < pairs; p++) step(all, p);
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
