import { broadcastStrides } from '../../ir/evaluate.ts';
import type { Shape } from '../../ir/types.ts';
import { countOf, sizeOf, type Tensor } from '../../lower/program.ts';
import type { Emitter } from '../emitter.ts';
import type { Pointer } from '../encoder.ts';
import { repeat, vectors } from '../loops.ts';
import { V128 } from '../opcodes.ts';
import { store32 } from '../store.ts';

export const BINARY = { Add: V128.F32X4_ADD, Sub: V128.F32X4_SUB, Mul: V128.F32X4_MUL, Div: V128.F32X4_DIV } as const;

/** A walk over two operands that broadcast: loops from the outside, the innermost over `count` elements. */
interface Walk {
  /** Turns of each loop and how many elements each operand moves in one. */
  readonly loops: readonly { readonly turns: number; readonly a: number; readonly b: number }[];
  readonly count: number;
  /** 1 where the operand moves along the innermost loop, 0 where it stays. */
  readonly a: 0 | 1;
  readonly b: 0 | 1;
}

/** Joins the axes of a broadcast into as few loops as possible. */
export function walkOf(a: Shape, b: Shape, shape: Shape): Walk {
  const [strideA, strideB] = [broadcastStrides(a, shape), broadcastStrides(b, shape)];
  const loops: { turns: number; a: number; b: number }[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const turns = shape[axis]!;
    if (turns === 1) continue;
    const inner = loops[0];
    const [ownA, ownB] = [strideA[axis]!, strideB[axis]!];
    if (inner !== undefined && ownA === inner.a * inner.turns && ownB === inner.b * inner.turns) inner.turns *= turns;
    else loops.unshift({ turns, a: ownA, b: ownB });
  }
  const inner = loops.pop() ?? { turns: 1, a: 0, b: 0 };
  return { loops, count: inner.turns, a: inner.a === 0 ? 0 : 1, b: inner.b === 0 ? 0 : 1 };
}

/** Runs `emit` for each innermost run of a walk. */
export function walk(
  emitter: Emitter,
  { loops, count }: Walk,
  at: readonly [Pointer, Pointer, Pointer],
  sizes: readonly [number, number, number],
  emit: (at: readonly Pointer[]) => void,
): void {
  const inner = count * loops.slice(1).reduce((product, { turns }) => product * turns, 1);
  const [first, ...rest] = loops;
  if (first === undefined) return emit(at);
  const streams = [
    { from: at[0], bytes: first.a * sizes[0] },
    { from: at[1], bytes: first.b * sizes[1] },
    { from: at[2], bytes: inner * sizes[2] },
  ];
  repeat(emitter.body, first.turns, streams, (pointers) => {
    walk(emitter, { loops: rest, count, a: 0, b: 0 }, pointers as unknown as [Pointer, Pointer, Pointer], sizes, emit);
  });
}

/** Sum, difference, product or quotient of float32 tensors that broadcast. */
export function emitBinary(emitter: Emitter, instruction: number, a: Tensor, b: Tensor, target: Tensor): void {
  const { body } = emitter;
  const local = body.local();
  const plan = walkOf(a.shape, b.shape, target.shape);
  const runs = countOf(target) / plan.count;
  // Runs follow one another directly: only the very last may write beyond its end.
  const exact = target.exact || (runs > 1 && plan.count % 4 !== 0);
  const size = sizeOf('f32');
  walk(emitter, plan, [emitter.pointer(a), emitter.pointer(b), emitter.pointer(target)], [size, size, size], ([x, y, to]) => {
    const streams = [
      { from: x!, bytes: plan.a * size },
      { from: y!, bytes: plan.b * size },
      { from: to!, bytes: size },
    ];
    vectors(body, plan.count, 4, streams, ([one, two, result], valid) => {
      for (const [pointer, moves] of [
        [one!, plan.a],
        [two!, plan.b],
      ] as const) {
        if (moves === 1) body.load(pointer);
        else body.loadSplat32(pointer);
      }
      body.op(instruction).set(local);
      store32(body, result!, local, valid, exact);
    });
  });
}
