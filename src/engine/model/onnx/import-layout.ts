import { constant, elementsOf, newData, type Shape, type Value } from '../ir/types.ts';
import type { OnnxNode } from './graph.ts';
import type { Importer, ImportRule } from './importer.ts';
import { dtypeOf } from './tensor.ts';

/** Results that are the operand itself. */
const same: ImportRule = (node, to) => to.define(node.outputs[0] ?? '', to.required(node, 0));

const constantNode: ImportRule = (node, to) => {
  const name = node.outputs[0] ?? '';
  const tensor = to.tensor(node, 'value');
  if (tensor !== undefined) {
    if (tensor.dtype === undefined) throw to.unsupported(node, 'its element type is not compiled');
    return to.define(name, constant(name, tensor.dtype, tensor.dims, tensor.data));
  }
  const list = (attribute: string): readonly number[] | undefined => {
    const value = node.attributes.get(attribute);
    return typeof value === 'number' ? [value] : to.numbers(node, attribute);
  };
  const floats = list('value_floats') ?? list('value_float');
  const ints = list('value_ints') ?? list('value_int');
  const scalar = node.attributes.has('value_float') || node.attributes.has('value_int');
  if (floats !== undefined) return to.define(name, constant(name, 'f32', scalar ? [] : [floats.length], Float32Array.from(floats)));
  if (ints !== undefined) return to.define(name, constant(name, 'i64', scalar ? [] : [ints.length], Int32Array.from(ints)));
  throw to.unsupported(node, 'its value is neither a tensor nor numbers');
};

const shapeOf: ImportRule = (node, to) => {
  const { shape } = to.required(node, 0);
  const from = to.number(node, 'start', 0);
  const part = shape.slice(from, to.number(node, 'end', shape.length));
  to.define(node.outputs[0] ?? '', constant(node.outputs[0] ?? '', 'i64', [part.length], Int32Array.from(part)));
};

const cast: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const dtype = dtypeOf(to.number(node, 'to', 0));
  if (dtype === x.dtype) return same(node, to);
  if (dtype === undefined || (dtype !== 'f32' && x.data === undefined)) throw to.unsupported(node, 'only casts to float32 are compiled');
  to.produce(node, 'Cast', { to: dtype }, [x]);
};

function reshapeTo(node: OnnxNode, to: Importer, x: Value, shape: Shape): void {
  to.produce(node, 'Reshape', { shape }, [x]);
}

const reshape: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const target = [...to.constant(node, 1).data];
  const keepZero = to.number(node, 'allowzero', 0) !== 0;
  const shape = target.map((dim, axis) => (dim === 0 && !keepZero ? (x.shape[axis] ?? 0) : dim));
  // A literal first dimension of 1 in a model exported for one row follows the batch.
  if (
    to.batch > 1 &&
    shape[0] === 1 &&
    x.shape[0] === to.batch &&
    !shape.includes(-1) &&
    elementsOf(shape) * to.batch === elementsOf(x.shape)
  ) {
    shape[0] = to.batch;
  }
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const known = elementsOf(shape.filter((_, axis) => axis !== open));
    shape[open] = known > 0 ? elementsOf(x.shape) / known : 0;
  }
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0))
    throw to.unsupported(node, `[${x.shape.join(', ')}] to [${target.join(', ')}]`);
  reshapeTo(node, to, x, shape);
};

const flatten: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const axis = to.number(node, 'axis', 1);
  const at = axis < 0 ? axis + x.shape.length : axis;
  reshapeTo(node, to, x, [elementsOf(x.shape.slice(0, at)), elementsOf(x.shape.slice(at))]);
};

const squeeze: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const axes = to.integers(node, 1)?.map((axis) => to.axis(node, axis, x.shape.length));
  const gone = (dim: number, axis: number): boolean => (axes === undefined ? dim === 1 : axes.includes(axis));
  reshapeTo(
    node,
    to,
    x,
    x.shape.filter((dim, axis) => !gone(dim, axis)),
  );
};

const unsqueeze: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const given = to.integers(node, 1) ?? [];
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => to.axis(node, axis, rank));
  const rest = [...x.shape];
  reshapeTo(
    node,
    to,
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
  );
};

const transpose: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const order = to.numbers(node, 'perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  if (order.length !== x.shape.length || order.some((_, axis) => !order.includes(axis)))
    throw to.unsupported(node, `perm [${order.join(', ')}]`);
  to.produce(node, 'Transpose', { order }, [x]);
};

const concat: ImportRule = (node, to) => {
  const inputs = node.inputs.map((_, index) => to.required(node, index));
  const axis = to.axis(node, to.number(node, 'axis', 0), inputs[0]?.shape.length ?? 0);
  if (inputs.length === 1) return same(node, to);
  to.produce(node, 'Concat', { axis }, inputs);
};

const slice: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const [from, until] = [to.integers(node, 1) ?? [], to.integers(node, 2) ?? []];
  const axes = (to.integers(node, 3) ?? from.map((_, i) => i)).map((axis) => to.axis(node, axis, x.shape.length));
  const steps = to.integers(node, 4) ?? from.map(() => 1);
  if (until.length !== from.length || axes.length !== from.length || steps.length !== from.length || steps.includes(0)) {
    throw to.unsupported(node, 'starts, ends, axes and steps do not fit together');
  }
  const attributes = { starts: x.shape.map(() => 0), steps: x.shape.map(() => 1), counts: [...x.shape] };
  axes.forEach((axis, i) => {
    const [dim, step] = [x.shape[axis]!, steps[i]!];
    const inside = (at: number, low: number, high: number): number => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
    const [start, end] =
      step > 0 ? [inside(from[i]!, 0, dim), inside(until[i]!, 0, dim)] : [inside(from[i]!, 0, dim - 1), inside(until[i]!, -1, dim - 1)];
    attributes.starts[axis] = start;
    attributes.steps[axis] = step;
    attributes.counts[axis] = Math.max(0, Math.ceil((end - start) / step));
  });
  if (attributes.counts.includes(0)) throw to.unsupported(node, 'its result is empty');
  to.produce(node, 'Slice', attributes, [x]);
};

const split: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const axis = to.axis(node, to.number(node, 'axis', 0), x.shape.length);
  const dim = x.shape[axis]!;
  const even = Math.ceil(dim / node.outputs.length);
  const sizes = to.integers(node, 1) ?? node.outputs.map((_, i) => Math.min(even, dim - i * even));
  if (sizes.length !== node.outputs.length || sizes.some((size) => size < 1) || sizes.reduce((sum, size) => sum + size, 0) !== dim) {
    throw to.unsupported(node, `${dim} elements split to [${sizes.join(', ')}]`);
  }
  let start = 0;
  node.outputs.forEach((name, i) => {
    const attributes = {
      starts: x.shape.map((_, at) => (at === axis ? start : 0)),
      steps: x.shape.map(() => 1),
      counts: x.shape.map((size, at) => (at === axis ? sizes[i]! : size)),
    };
    start += sizes[i]!;
    if (name !== '') to.define(name, to.add(node, 'Slice', attributes, [x], [name])[0]!);
  });
};

/** Constant numbers before and behind each axis, joined to it. */
const pad: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const rank = x.shape.length;
  if (to.text(node, 'mode', 'constant') !== 'constant') throw to.unsupported(node, 'only constant padding is compiled');
  const amounts = to.integers(node, 1) ?? [];
  const axes = to.integers(node, 3)?.map((axis) => to.axis(node, axis, rank)) ?? x.shape.map((_, axis) => axis);
  const fill = to.optional(node, 2) === undefined ? 0 : to.constant(node, 2).data[0]!;
  if (amounts.length !== 2 * axes.length || amounts.some((amount) => amount < 0 || amount > 65_536))
    throw to.unsupported(node, `pads [${amounts.join(', ')}]`);
  let current = x;
  axes.forEach((axis, i) => {
    const [before, behind] = [amounts[i]!, amounts[axes.length + i]!];
    const part = (amount: number): Value[] => {
      if (amount === 0) return [];
      const shape = current.shape.map((dim, at) => (at === axis ? amount : dim));
      return [constant(`${node.name} padding`, x.dtype, shape, newData(x.dtype, elementsOf(shape)).fill(fill) as Float32Array)];
    };
    if (before + behind > 0) current = to.add(node, 'Concat', { axis }, [...part(before), current, ...part(behind)])[0]!;
  });
  to.define(node.outputs[0] ?? '', current);
};

/** One row of an axis, or a list of rows that stand one after another. */
const gather: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const axis = to.axis(node, to.number(node, 'axis', 0), x.shape.length);
  const indices = to.constant(node, 1);
  const dim = x.shape[axis]!;
  const rows = [...indices.data].map((row) => (row < 0 ? row + dim : row));
  const step = rows.length > 1 ? rows[1]! - rows[0]! : 1;
  if (rows.length === 0 || step === 0 || rows.some((row, i) => row < 0 || row >= dim || row !== rows[0]! + i * step)) {
    throw to.unsupported(node, `indices [${rows.join(', ')}] do not follow one another evenly`);
  }
  const at = (values: number[], value: number): number[] => values.map((other, i) => (i === axis ? value : other));
  const attributes = {
    starts: at(
      x.shape.map(() => 0),
      rows[0]!,
    ),
    steps: at(
      x.shape.map(() => 1),
      step,
    ),
    counts: at([...x.shape], rows.length),
  };
  const [part] = to.add(node, 'Slice', attributes, [x], [`${node.outputs[0] ?? ''} rows`]);
  reshapeTo(node, to, part!, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
};

export const LAYOUT_RULES: Readonly<Record<string, ImportRule>> = {
  ':Identity': same,
  ':Dropout': same,
  ':Constant': constantNode,
  ':Shape': shapeOf,
  ':Cast': cast,
  ':Reshape': reshape,
  ':Flatten': flatten,
  ':Squeeze': squeeze,
  ':Unsqueeze': unsqueeze,
  ':Transpose': transpose,
  ':Concat': concat,
  ':Slice': slice,
  ':Split': split,
  ':Gather': gather,
  ':Pad': pad,
};
