import type { UnaryKind } from '../../ir/operators.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { loop, repeat, STRAIGHT_TURNS_MAX } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { store32 } from '../store.ts';
import { unaryCode } from './activations.ts';

const LANES = 4;
/** Outputs computed side by side, as in the quantized product. */
export const FLOAT_BLOCK = 16;
const UNROLL = 4;

export interface Gemm {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** [rows, inputs]. */
  readonly a: Pointer;
  /** Row `k` of block `b` begins at b * blockBytes + k * rowBytes. */
  readonly weights: Pointer;
  readonly rowBytes: number;
  readonly blockBytes: number;
  readonly alpha: number;
  /** Added at the end: for each output (padded to 4), or for each row. */
  readonly bias: Pointer | undefined;
  readonly perRow: boolean;
  readonly activation: UnaryKind | undefined;
  /** [rows, outputs]. */
  readonly target: Pointer;
  readonly exact: boolean;
}

/** Float product of matrices: each output a sum over the inputs in their order, multiplied and added with one rounding each. */
export function emitGemm(emitter: Emitter, gemm: Gemm): void {
  const { outputs, bias, perRow } = gemm;
  const perBlock = perRow ? 0 : 4 * FLOAT_BLOCK;
  const at = (pointer: Pointer, bytes: number): Pointer => ({ ...pointer, offset: pointer.offset + bytes });
  const activate = gemm.activation === undefined ? undefined : unaryCode(emitter, gemm.activation);
  const full = Math.floor(outputs / FLOAT_BLOCK);
  let done = 0;
  if (full > STRAIGHT_TURNS_MAX) {
    const streams = [
      { from: gemm.weights, bytes: gemm.blockBytes },
      { from: gemm.target, bytes: 4 * FLOAT_BLOCK },
      { from: bias ?? gemm.weights, bytes: bias === undefined ? 0 : perBlock },
    ];
    loop(emitter.body, full, streams, ([weights, target, biasAt]) => {
      emitBlock(emitter, gemm, weights!, target!, bias && biasAt, FLOAT_BLOCK, activate);
    });
    done = full;
  }
  for (let index = done; index * FLOAT_BLOCK < outputs; index++) {
    const valid = Math.min(FLOAT_BLOCK, outputs - index * FLOAT_BLOCK);
    const biasAt = bias && at(bias, perBlock * index);
    emitBlock(emitter, gemm, at(gemm.weights, index * gemm.blockBytes), at(gemm.target, 4 * FLOAT_BLOCK * index), biasAt, valid, activate);
  }
}

function emitBlock(
  emitter: Emitter,
  gemm: Gemm,
  weights: Pointer,
  targetAt: Pointer,
  biasAt: Pointer | undefined,
  valid: number,
  activate: ((local: number) => void) | undefined,
): void {
  const { body } = emitter;
  const sums = Array.from({ length: Math.ceil(valid / LANES) }, () => body.local());
  const exact = gemm.exact || (gemm.rows > 1 && valid < FLOAT_BLOCK);
  const streams = [
    { from: gemm.a, bytes: 4 * gemm.inputs },
    { from: targetAt, bytes: 4 * gemm.outputs },
    { from: biasAt ?? gemm.a, bytes: biasAt !== undefined && gemm.perRow ? 4 : 0 },
  ];
  repeat(body, gemm.rows, streams, ([a, target, bias]) => {
    for (const sum of sums) body.int(0).op(V128.I32X4_SPLAT).set(sum);
    accumulate(emitter, gemm, sums, a!, weights);
    sums.forEach((sum, j) => {
      if (gemm.alpha !== 1) body.get(sum).load(emitter.splat(gemm.alpha)).op(V128.F32X4_MUL).set(sum);
      if (biasAt !== undefined) {
        body.get(sum);
        if (gemm.perRow) body.loadSplat32(bias!);
        else body.load(bias!, 16 * j);
        body.op(V128.F32X4_ADD).set(sum);
      }
      activate?.(sum);
      store32(body, { ...target!, offset: target!.offset + 16 * j }, sum, valid - LANES * j, exact);
    });
  });
}

function accumulate({ body }: Emitter, gemm: Gemm, sums: readonly number[], a: Pointer, weights: Pointer): void {
  const value = body.local();
  const step = (x: Pointer, from: Pointer, k: number): void => {
    body.loadSplat32(x, 4 * k).set(value);
    sums.forEach((sum, j) => {
      body
        .load(from, gemm.rowBytes * k + 16 * j)
        .get(value)
        .op(V128.F32X4_MUL)
        .get(sum)
        .op(V128.F32X4_ADD)
        .set(sum);
    });
  };
  const looped = gemm.inputs - (gemm.inputs % UNROLL);
  if (looped <= UNROLL) {
    for (let k = 0; k < gemm.inputs; k++) step(a, weights, k);
    return;
  }
  const streams = [
    { from: a, bytes: 4 * UNROLL },
    { from: weights, bytes: gemm.rowBytes * UNROLL },
  ];
  loop(body, looped / UNROLL, streams, ([x, from]) => {
    for (let k = 0; k < UNROLL; k++) step(x!, from!, k);
  });
  for (let k = looped; k < gemm.inputs; k++) step(a, weights, k);
}

/** Weights [inputs, outputs] in order of use: [block of 16 outputs][input][outputs of the block], padded to a multiple of 4. */
export function packFloatWeights(inputs: number, outputs: number, weight: (k: number, n: number) => number): Float32Array {
  const padded = Math.ceil(outputs / LANES) * LANES;
  // Every block has the row length of a whole one, so that blocks stand at equal distances.
  const blocks = Math.ceil(padded / FLOAT_BLOCK);
  const packed = new Float32Array(blocks * inputs * FLOAT_BLOCK);
  for (let n = 0; n < outputs; n++) {
    const [block, lane] = [Math.floor(n / FLOAT_BLOCK), n % FLOAT_BLOCK];
    for (let k = 0; k < inputs; k++) packed[(block * inputs + k) * FLOAT_BLOCK + lane] = weight(k, n);
  }
  return packed;
}
