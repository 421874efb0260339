import type { Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat, vectors } from '../loops.ts';
import { MEMORY, SCALAR, V128 } from '../opcodes.ts';
import { store32 } from '../store.ts';
import { exponentialOfSum } from './activations.ts';

/** Sums that MLAS keeps side by side (one AVX-512 register); the order of additions is part of the result. */
const SUMS = 4;
const NEAREST_MAX = 255;

/** exp(x - max) / sum over rows of `width`, with the order of additions of MLAS. `x` and `target` may be one. */
export function emitSoftmax(emitter: Emitter, x: Tensor, target: Tensor, rows: number, width: number): void {
  const { body } = emitter;
  const value = body.local();
  const [maximum, scale] = [body.local(), body.local()];
  const sums = Array.from({ length: SUMS }, () => body.local());
  const exponential = exponentialOfSum(emitter);
  const exact = target.exact || (rows > 1 && width % 4 !== 0);
  const streams = [
    { from: emitter.pointer(x), bytes: 4 * width },
    { from: emitter.pointer(target), bytes: 4 * width },
  ];
  repeat(body, rows, streams, ([from, to]) => {
    emitMaximum(emitter, from!, width, maximum);
    for (const sum of sums) body.load(emitter.splat(0)).set(sum);
    const element = (source: Pointer, result: Pointer, sum: number, valid: number): void => {
      body.load(source).get(maximum).op(V128.F32X4_SUB).set(value);
      exponential(value);
      if (valid < 4) body.get(value).load(maskOf(emitter, valid)).op(V128.AND).set(value);
      body.get(sum).get(value).op(V128.F32X4_ADD).set(sum);
      store32(body, result, value, valid, exact);
    };
    const group = (pointers: readonly Pointer[], valid: number): void => {
      for (let j = 0; 4 * j < valid; j++) {
        const at = (pointer: Pointer): Pointer => ({ ...pointer, offset: pointer.offset + 16 * j });
        element(at(pointers[0]!), at(pointers[1]!), sums[j]!, Math.min(4, valid - 4 * j));
      }
    };
    const elements = [
      { from: from!, bytes: 4 },
      { from: to!, bytes: 4 },
    ];
    vectors(body, width, 4 * SUMS, elements, group);
    emitSum(emitter, sums, scale);
    body.load(emitter.splat(1)).get(scale).op(V128.F32X4_DIV).set(scale);
    vectors(body, width, 4, [elements[1]!], ([result], valid) => {
      body.load(result!).get(scale).op(V128.F32X4_MUL).set(value);
      store32(body, result!, value, valid, exact);
    });
  });
}

/** The first `valid` lanes set. */
export function maskOf(emitter: Emitter, valid: number): Pointer {
  const mask = new Int32Array(4).fill(-1, 0, valid);
  return emitter.put(mask);
}

/** The largest element in all lanes of `maximum`. */
function emitMaximum(emitter: Emitter, from: Pointer, width: number, maximum: number): void {
  const { body } = emitter;
  body.loadSplat32(from).set(maximum);
  vectors(body, width, 4, [{ from, bytes: 4 }], ([at], valid) => {
    const lanes = valid === 4 ? [-1] : Array.from({ length: valid }, (_, i) => i);
    for (const lane of lanes) {
      body.get(maximum);
      if (lane < 0) body.load(at!);
      else body.loadSplat32(at!, 4 * lane);
      body.op(V128.F32X4_MAX).set(maximum);
    }
  });
  for (const order of [
    [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
    [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11],
  ]) {
    body.get(maximum).get(maximum).get(maximum).shuffle(order).op(V128.F32X4_MAX).set(maximum);
  }
}

/** ((0+1)+(2+3)) of the sums 8 apart, then 4 apart: in all lanes of `sum`. */
function emitSum(emitter: Emitter, sums: readonly number[], sum: number): void {
  const { body } = emitter;
  for (const j of [0, 1])
    body
      .get(sums[j]!)
      .get(sums[j + 2]!)
      .op(V128.F32X4_ADD)
      .set(sums[j]!);
  const lane = (vector: number, at: number): void => void body.get(vector).lane(V128.F32X4_EXTRACT_LANE, at);
  for (const j of [0, 1]) {
    lane(sums[j]!, 0);
    lane(sums[j]!, 1);
    body.scalar(SCALAR.F32_ADD);
    lane(sums[j]!, 2);
    lane(sums[j]!, 3);
    body.scalar(SCALAR.F32_ADD).scalar(SCALAR.F32_ADD);
  }
  body.scalar(SCALAR.F32_ADD).op(V128.F32X4_SPLAT).set(sum);
}

export interface QSoftmax {
  readonly rows: number;
  readonly width: number;
  /** exp of the distance to the maximum, scaled up: entry 255 is the maximum's. */
  readonly table: Float32Array;
  /** The same times the steps of the output from 0 to 1. */
  readonly multiples: Float32Array;
  readonly zero: number;
  /** Largest value of the type. */
  readonly max: number;
}

/** min(rne(multiple / sum) + zero, max) with the summands from a table by the distance to the row's maximum, one element at a time. */
export function emitQSoftmax(emitter: Emitter, operation: QSoftmax, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const { rows, width, zero, max } = operation;
  const [entries, multiples] = [emitter.put(operation.table), emitter.put(operation.multiples)];
  const [maximum, value] = [body.local('I32'), body.local('I32')];
  const sum = body.local('F32');
  const streams = [
    { from: emitter.pointer(x), bytes: 2 * width },
    { from: emitter.pointer(target), bytes: 2 * width },
  ];
  repeat(body, rows, streams, ([from, to]) => {
    const each = (emit: (source: Pointer, result: Pointer) => void): void => {
      const elements = [
        { from: from!, bytes: 2 },
        { from: to!, bytes: 2 },
      ];
      vectors(body, width, 1, elements, ([source, result]) => emit(source!, result!));
    };
    body.loadInt16(from!).set(maximum);
    each((source) => {
      body.loadInt16(source).tee(value).get(maximum).get(value).get(maximum).scalar(SCALAR.I32_GT_S).scalar(SCALAR.SELECT).set(maximum);
    });
    body.float(0).set(sum);
    const entry = (source: Pointer, table: Pointer): void => {
      body.loadInt16(source).get(maximum).scalar(SCALAR.I32_SUB).int(2).scalar(SCALAR.I32_SHL);
      // The distance is not positive: it is added before the load, whose own offset does not wrap around.
      body
        .int(table.offset + 4 * NEAREST_MAX)
        .scalar(SCALAR.I32_ADD)
        .memory(MEMORY.F32_LOAD, 4, 0);
    };
    each((source) => {
      body.get(sum);
      entry(source, entries);
      body.scalar(SCALAR.F32_ADD).set(sum);
    });
    each((source, result) => {
      body.address(result);
      entry(source, multiples);
      body.get(sum).scalar(SCALAR.F32_DIV).scalar(SCALAR.F32_NEAREST).scalar(SCALAR.I32_TRUNC_F32_S);
      body.int(zero).scalar(SCALAR.I32_ADD).tee(value).int(max).get(value).int(max).scalar(SCALAR.I32_LT_S).scalar(SCALAR.SELECT);
      body.int(zero).scalar(SCALAR.I32_SUB).memory(MEMORY.I32_STORE16, 2, result.offset);
    });
  });
}
