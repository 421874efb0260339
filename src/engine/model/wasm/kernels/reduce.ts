import type { ReduceKind } from '../../ir/operators.ts';
import type { Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat, vectors } from '../loops.ts';
import { MEMORY, SCALAR, V128 } from '../opcodes.ts';
import { store16, store32 } from '../store.ts';

/** Lanes 2 and 3 first. */
const SWAP_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

/** A reduction of the middle of [outer, length, inner]. */
export interface Reduction {
  readonly kind: ReduceKind;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

interface Arithmetic {
  readonly vector: number;
  readonly scalar: number;
}

function arithmeticOf(kind: ReduceKind): Arithmetic {
  if (kind === 'ReduceMax') return { vector: V128.F32X4_MAX, scalar: SCALAR.F32_MAX };
  if (kind === 'ReduceMin') return { vector: V128.F32X4_MIN, scalar: SCALAR.F32_MIN };
  return { vector: V128.F32X4_ADD, scalar: SCALAR.F32_ADD };
}

/** Turns the vector on the stack into what is summed; `local` is free. */
function prepare({ body }: Emitter, kind: ReduceKind, local: number): void {
  if (kind === 'ReduceSumSquare' || kind === 'ReduceL2') body.tee(local).get(local).op(V128.F32X4_MUL);
  else if (kind === 'ReduceL1') body.op(V128.F32X4_ABS);
}

/** Turns the vector on the stack, sums, into results. */
function conclude(emitter: Emitter, { kind, length }: Reduction): void {
  if (kind === 'ReduceMean') emitter.body.load(emitter.splat(length)).op(V128.F32X4_DIV);
  else if (kind === 'ReduceL2') emitter.body.op(V128.F32X4_SQRT);
}

/** Reduces float32: along rows when they are contiguous, else side by side. */
export function emitReduce(emitter: Emitter, reduction: Reduction, x: Tensor, target: Tensor): void {
  if (reduction.inner === 1) emitRows(emitter, reduction, x, target);
  else emitColumns(emitter, reduction, x, target);
}

function emitColumns(emitter: Emitter, reduction: Reduction, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const { kind, outer, length, inner } = reduction;
  const { vector } = arithmeticOf(kind);
  const [sum, free] = [body.local(), body.local()];
  const exact = target.exact || (outer > 1 && inner % 4 !== 0);
  const blocks = [
    { from: emitter.pointer(x), bytes: 4 * length * inner },
    { from: emitter.pointer(target), bytes: 4 * inner },
  ];
  repeat(body, outer, blocks, ([block, result]) => {
    const columns = [
      { from: block!, bytes: 4 },
      { from: result!, bytes: 4 },
    ];
    vectors(body, inner, 4, columns, ([column, to], valid) => {
      body.load(column!);
      prepare(emitter, kind, free);
      body.set(sum);
      if (length > 1) {
        repeat(body, length - 1, [{ from: { ...column!, offset: column!.offset + 4 * inner }, bytes: 4 * inner }], ([row]) => {
          body.load(row!);
          prepare(emitter, kind, free);
          body.get(sum).op(vector).set(sum);
        });
      }
      body.get(sum);
      conclude(emitter, reduction);
      body.set(sum);
      store32(body, to!, sum, valid, exact);
    });
  });
}

function emitRows(emitter: Emitter, reduction: Reduction, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const { outer, length } = reduction;
  const sum = body.local();
  const code = rowCode(emitter, reduction.kind, length);
  const rows = [
    { from: emitter.pointer(x), bytes: 4 * length },
    { from: emitter.pointer(target), bytes: 4 },
  ];
  repeat(body, outer, rows, ([row, to]) => {
    code(row!);
    body.op(V128.F32X4_SPLAT);
    conclude(emitter, reduction);
    body.set(sum);
    body.address(to!).get(sum).lane(V128.F32X4_EXTRACT_LANE, 0).memory(MEMORY.F32_STORE, 4, to!.offset);
  });
}

/** Pushes the float32 reduction of a row: four lanes side by side, (0+2)+(1+3), then what is left over, one by one. */
export function rowCode(emitter: Emitter, kind: ReduceKind, length: number): (row: Pointer) => void {
  const { body } = emitter;
  const { vector, scalar } = arithmeticOf(kind);
  const [sum, free] = [body.local(), body.local()];
  const total = body.local('F32');
  const whole = length - (length % 4);
  const single = (row: Pointer, at: number): void => {
    body.loadSplat32(row, 4 * at);
    prepare(emitter, kind, free);
    body.lane(V128.F32X4_EXTRACT_LANE, 0);
  };
  return (row) => {
    if (whole === 0) single(row, 0);
    else {
      body.load(row);
      prepare(emitter, kind, free);
      body.set(sum);
      vectors(body, whole - 4, 4, [{ from: { ...row, offset: row.offset + 16 }, bytes: 4 }], ([at]) => {
        body.get(sum).load(at!);
        prepare(emitter, kind, free);
        body.op(vector).set(sum);
      });
      body.get(sum).get(sum).get(sum).shuffle(SWAP_HALVES).op(vector).set(sum);
      body.get(sum).lane(V128.F32X4_EXTRACT_LANE, 0).get(sum).lane(V128.F32X4_EXTRACT_LANE, 1).scalar(scalar);
    }
    body.set(total);
    for (let at = Math.max(whole, whole === 0 ? 1 : whole); at < length; at++) {
      body.get(total);
      single(row, at);
      body.scalar(scalar).set(total);
    }
    body.get(total);
  };
}

/** Largest or smallest of q16 side by side: [outer, length, inner]. */
export function emitReduceQuantized(emitter: Emitter, reduction: Reduction, x: Tensor, target: Tensor): void {
  const { body } = emitter;
  const { kind, outer, length, inner } = reduction;
  const instruction = kind === 'ReduceMax' ? V128.I16X8_MAX_S : V128.I16X8_MIN_S;
  const best = body.local();
  const blocks = [
    { from: emitter.pointer(x), bytes: 2 * length * inner },
    { from: emitter.pointer(target), bytes: 2 * inner },
  ];
  repeat(body, outer, blocks, ([block, result]) => {
    const columns = [
      { from: block!, bytes: 2 },
      { from: result!, bytes: 2 },
    ];
    vectors(body, inner, 8, columns, ([column, to], valid) => {
      body.load(column!).set(best);
      if (length > 1) {
        repeat(body, length - 1, [{ from: { ...column!, offset: column!.offset + 2 * inner }, bytes: 2 * inner }], ([row]) => {
          body.get(best).load(row!).op(instruction).set(best);
        });
      }
      store16(body, to!, best, valid, target.exact || outer > 1);
    });
  });
}
