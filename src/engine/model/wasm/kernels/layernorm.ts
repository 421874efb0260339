import type { Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import { repeat, vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { store32 } from '../store.ts';
import { rowCode } from './reduce.ts';

export interface LayerNorm {
  readonly rows: number;
  readonly width: number;
  readonly epsilon: number;
}

/** (x - mean) / sqrt(variance + epsilon) * scale + bias over rows; the variance from the differences, in a second pass. */
export function emitLayerNorm(
  emitter: Emitter,
  { rows, width, epsilon }: LayerNorm,
  x: Tensor,
  scale: Tensor,
  bias: Tensor | undefined,
  target: Tensor,
): void {
  const { body } = emitter;
  const [mean, factor, value] = [body.local(), body.local(), body.local()];
  const sum = rowCode(emitter, 'ReduceSum', width);
  const squares = rowCode(emitter, 'ReduceSumSquare', width);
  const exact = target.exact || (rows > 1 && width % 4 !== 0);
  const count = emitter.splat(width);
  const streams = [
    { from: emitter.pointer(x), bytes: 4 * width },
    { from: emitter.pointer(target), bytes: 4 * width },
  ];
  repeat(body, rows, streams, ([from, to]) => {
    sum(from!);
    body.op(V128.F32X4_SPLAT).load(count).op(V128.F32X4_DIV).set(mean);
    const both = [
      { from: from!, bytes: 4 },
      { from: to!, bytes: 4 },
    ];
    vectors(body, width, 4, both, ([source, result], valid) => {
      body.load(source!).get(mean).op(V128.F32X4_SUB).set(value);
      store32(body, result!, value, valid, exact);
    });
    squares(to!);
    body
      .op(V128.F32X4_SPLAT)
      .load(count)
      .op(V128.F32X4_DIV)
      .load(emitter.splat(epsilon))
      .op(V128.F32X4_ADD)
      .op(V128.F32X4_SQRT)
      .set(factor);
    const parts = [
      { from: to!, bytes: 4 },
      { from: emitter.pointer(scale), bytes: 4 },
      { from: emitter.pointer(bias ?? scale), bytes: 4 },
    ];
    vectors(body, width, 4, parts, ([result, scaleAt, biasAt], valid) => {
      body.load(result!).get(factor).op(V128.F32X4_DIV).load(scaleAt!).op(V128.F32X4_MUL);
      if (bias !== undefined) body.load(biasAt!).op(V128.F32X4_ADD);
      body.set(value);
      store32(body, result!, value, valid, exact);
    });
  });
}
