import { EXP, LOGISTIC, TANH } from '../../ir/mlas-constants.ts';
import type { UnaryKind } from '../../ir/operators.ts';
import { countOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { Fused } from '../fused.ts';
import { vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { store32 } from '../store.ts';

/** Makes code that replaces the float32 vector in a local by its function; the locals are shared by all uses. */
export function unaryCode(emitter: Emitter, kind: UnaryKind): (local: number) => void {
  const { body } = emitter;
  switch (kind) {
    case 'Relu':
      // NaN and -0 pass, as in MLAS.
      return (local) => void body.get(local).load(emitter.splat(0)).op(V128.F32X4_PMAX).set(local);
    case 'Sqrt':
      return (local) => void body.get(local).op(V128.F32X4_SQRT).set(local);
    case 'Neg':
      return (local) => void body.get(local).op(V128.F32X4_NEG).set(local);
    case 'Abs':
      return (local) => void body.get(local).op(V128.F32X4_ABS).set(local);
    case 'Sigmoid':
      return rational(emitter, LOGISTIC, (local) => {
        body.get(local).load(emitter.splat(0.5)).op(V128.F32X4_ADD).set(local);
        body.get(local).load(emitter.splat(0)).op(V128.F32X4_PMAX).load(emitter.splat(1)).op(V128.F32X4_PMIN).set(local);
      });
    case 'Tanh':
      return rational(emitter, TANH, () => {});
    case 'Exp':
      return exponential(emitter);
  }
}

interface Rational {
  readonly range: number;
  readonly p: readonly number[];
  readonly q: readonly number[];
}

/** v * P(v^2) / Q(v^2) of the value held inside the range, then `end`. */
function rational(emitter: Emitter, { range, p, q }: Rational, end: (local: number) => void): (local: number) => void {
  const { body } = emitter;
  const fused = new Fused(emitter);
  const [square, value, above, below] = [fused.halves(), fused.halves(), fused.halves(), fused.halves()];
  const squared = body.local();
  return (local) => {
    body.get(local).load(emitter.splat(-range)).op(V128.F32X4_PMAX).load(emitter.splat(range)).op(V128.F32X4_PMIN).set(local);
    body.get(local).get(local).op(V128.F32X4_MUL).set(squared);
    fused.widen(squared, square);
    fused.widen(local, value);
    fused.horner(p, above, square);
    fused.multiply(above, value);
    fused.horner(q, below, square);
    fused.narrow(above);
    fused.narrow(below);
    body.op(V128.F32X4_DIV).set(local);
    end(local);
  };
}

function exponential(emitter: Emitter): (local: number) => void {
  const { body } = emitter;
  const reduce = reduction(emitter);
  const fused = new Fused(emitter);
  const [sum, factor] = [fused.halves(), fused.halves()];
  const [normal, overflow] = [body.local(), body.local()];
  const maximum = emitter.splatInt(EXP.exponentMax);
  return (local) => {
    body.get(local).load(emitter.splat(EXP.low)).op(V128.F32X4_PMAX).load(emitter.splat(EXP.high)).op(V128.F32X4_PMIN).set(local);
    const { rest, exponent } = reduce(local);
    // Two factors of 2^m: one float32 cannot hold the exponents of denormal results.
    body.get(exponent).load(maximum).op(V128.I32X4_MIN_S).load(emitter.splatInt(EXP.exponentMin)).op(V128.I32X4_MAX_S).set(normal);
    body.get(exponent).get(normal).op(V128.I32X4_SUB).load(maximum).op(V128.I32X4_ADD).set(overflow);
    body.get(normal).load(maximum).op(V128.I32X4_ADD).set(normal);
    fused.horner(EXP.p, sum, rest);
    fused.narrow(rest);
    body.get(overflow).op(V128.F32X4_MUL).set(local);
    fused.widen(local, rest);
    fused.widen(overflow, factor);
    fused.multiplyAdd(sum, rest, factor);
    fused.narrow(sum);
    body.get(normal).op(V128.F32X4_MUL).set(local);
  };
}

/** exp of values at or below 0, as MLAS sums them up in a softmax: what lies below its smaller range is held there. */
export function exponentialOfSum(emitter: Emitter): (local: number) => void {
  const { body } = emitter;
  const reduce = reduction(emitter);
  const fused = new Fused(emitter);
  const sum = fused.halves();
  return (local) => {
    body.get(local).load(emitter.splat(EXP.lowOfSum)).op(V128.F32X4_PMAX).set(local);
    const { rest, exponent } = reduce(local);
    fused.horner([...EXP.p, 1], sum, rest);
    fused.narrow(sum);
    body.get(exponent).load(emitter.splatInt(EXP.exponentMax)).op(V128.I32X4_ADD).op(V128.F32X4_MUL).set(local);
  };
}

/** v = m ln 2 + rest; `exponent` is m shifted to where a float32 has its exponent. */
function reduction(emitter: Emitter): (local: number) => { rest: ReturnType<Fused['halves']>; exponent: number } {
  const { body } = emitter;
  const fused = new Fused(emitter);
  const [value, biased, rest] = [fused.halves(), fused.halves(), fused.halves()];
  const [whole, exponent] = [body.local(), body.local()];
  return (local) => {
    fused.widen(local, value);
    fused.scaleAdd(biased, value, EXP.log2Reciprocal, EXP.rounding);
    fused.narrow(biased);
    body.tee(whole).int(23).op(V128.I32X4_SHL).set(exponent);
    body.get(whole).load(emitter.splat(EXP.rounding)).op(V128.F32X4_SUB).set(whole);
    fused.widen(whole, biased);
    fused.scaleAdd(rest, biased, EXP.log2High, value);
    fused.scaleAdd(rest, biased, EXP.log2Low, rest);
    return { rest, exponent };
  };
}

/** A function of each element of a float32 tensor. */
export function emitUnary(emitter: Emitter, x: Tensor, target: Tensor, kind: UnaryKind): void {
  const local = emitter.body.local();
  const apply = unaryCode(emitter, kind);
  elements(emitter, x, target, local, () => apply(local));
}

/** min(max(x, low), high); NaN passes. */
export function emitClip(emitter: Emitter, x: Tensor, target: Tensor, low: number, high: number): void {
  const { body } = emitter;
  const local = body.local();
  elements(emitter, x, target, local, () => {
    body.get(local).load(emitter.splat(low)).op(V128.F32X4_PMAX).load(emitter.splat(high)).op(V128.F32X4_PMIN).set(local);
  });
}

/** int32 to float32. */
export function emitToFloat(emitter: Emitter, x: Tensor, target: Tensor): void {
  const local = emitter.body.local();
  elements(emitter, x, target, local, () => void emitter.body.get(local).op(V128.F32X4_CONVERT_I32X4_S).set(local));
}

function elements(emitter: Emitter, x: Tensor, target: Tensor, local: number, apply: () => void): void {
  const { body } = emitter;
  const streams = [
    { from: emitter.pointer(x), bytes: 4 },
    { from: emitter.pointer(target), bytes: 4 },
  ];
  vectors(body, countOf(x), 4, streams, ([from, to], valid) => {
    body.load(from!).set(local);
    apply();
    store32(body, to!, local, valid, target.exact);
  });
}
