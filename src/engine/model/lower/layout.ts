import type { NodeOf } from '../ir/graph.ts';
import { elementsOf, stridesOf } from '../ir/types.ts';
import { emitStridedCopy } from '../wasm/kernels/strided-copy.ts';
import type { LowerTable } from './lower.ts';
import { formatOf, type Lowering } from './lowering.ts';
import { sizeOf, type Tensor } from './program.ts';
import { centred } from './quantized.ts';

/** Nothing moves: the result is the operand with another shape, unless it has to be somewhere else. */
function lowerReshape(node: NodeOf<'Reshape'>, to: Lowering): void {
  const [x, y] = [to.tensor(node.inputs[0]!), node.outputs[0]!];
  view(to, node.name, x, 0, y, x.exact);
}

/** Makes `y` the part of `x` that begins at an element: an alias, or a copy into the memory chosen for `y`. */
function view(to: Lowering, name: string, x: Tensor, first: number, y: NodeOf<'Reshape'>['outputs'][number], exact: boolean): void {
  const part: Tensor = { ...x, offset: x.offset + first * sizeOf(x.format), shape: y.shape, exact };
  const placement = to.placementOf(y);
  const there = placement !== undefined && placement.buffer === part.buffer && placement.offset === part.offset;
  if (placement === undefined || there) return to.alias(y, part);
  copy(to, name, part, stridesOf(part.shape), 0, to.result(y, x.format, x.zero), stridesOf(part.shape), 0);
}

/** A step that copies `from.shape` elements between strided layouts, beginning at an element of each. */
function copy(
  to: Lowering,
  name: string,
  from: Tensor,
  fromStrides: readonly number[],
  fromFirst: number,
  target: Tensor,
  toStrides: readonly number[],
  toFirst: number,
  shape = target.shape,
): void {
  const bytes = sizeOf(from.format);
  to.step({
    name,
    reads: [from],
    writes: [target],
    emit: (emitter) => {
      emitStridedCopy(emitter, {
        from: emitter.pointer(from, fromFirst * bytes),
        to: emitter.pointer(target, toFirst * bytes),
        shape,
        fromStrides,
        toStrides,
        bytes,
      });
    },
  });
}

function lowerTranspose(node: NodeOf<'Transpose'>, to: Lowering): void {
  const [x, y] = [to.tensor(node.inputs[0]!), node.outputs[0]!];
  const { order } = node.attributes;
  const strides = stridesOf(x.shape);
  // Only axes of one element move: the elements stay where they are.
  const moving = order.filter((axis) => x.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1]!)) return view(to, node.name, x, 0, y, x.exact);
  const target = to.result(y, x.format, x.zero);
  copy(
    to,
    node.name,
    x,
    order.map((axis) => strides[axis]!),
    0,
    target,
    stridesOf(target.shape),
    0,
  );
}

function lowerSlice(node: NodeOf<'Slice'>, to: Lowering): void {
  const [x, y] = [to.tensor(node.inputs[0]!), node.outputs[0]!];
  const { starts, steps, counts } = node.attributes;
  const strides = stridesOf(x.shape);
  const first = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  // A part of one axis with nothing but single elements before it lies in one piece.
  const cut = counts.findIndex((count, axis) => count !== x.shape[axis]);
  const whole = steps.every((step) => step === 1) && counts.every((count, axis) => axis <= cut || count === x.shape[axis]);
  if (whole && elementsOf(counts.slice(0, Math.max(cut, 0))) === 1) return view(to, node.name, x, first, y, true);
  const target = to.result(y, x.format, x.zero);
  copy(
    to,
    node.name,
    x,
    strides.map((stride, axis) => stride * steps[axis]!),
    first,
    target,
    stridesOf(target.shape),
    0,
  );
}

function lowerConcat(node: NodeOf<'Concat'>, to: Lowering): void {
  const y = node.outputs[0]!;
  const { axis } = node.attributes;
  const format = formatOf(y);
  const zero = to.tensor(node.inputs[0]!).zero;
  const target = to.result(y, format, zero);
  const toStrides = stridesOf(target.shape);
  let before = 0;
  for (const value of node.inputs) {
    const x = format === 'q16' ? centred(to, value!, zero) : to.tensor(value!);
    const first = before * toStrides[axis]!;
    before += x.shape[axis]!;
    // Written in place by whoever made it.
    if (x.buffer === target.buffer && x.offset === target.offset + first * sizeOf(format)) continue;
    copy(to, node.name, x, stridesOf(x.shape), 0, target, toStrides, first, x.shape);
  }
}

export const LAYOUT: LowerTable = {
  Reshape: lowerReshape,
  Transpose: lowerTranspose,
  Slice: lowerSlice,
  Concat: lowerConcat,
};
