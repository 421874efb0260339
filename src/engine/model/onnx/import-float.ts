import { REDUCE_KINDS, UNARY_KINDS } from '../ir/operators.ts';
import type { Value } from '../ir/types.ts';
import type { OnnxNode } from './graph.ts';
import type { Importer, ImportRule } from './importer.ts';

/** Bounds of float32: a Clip without a bound on one side. */
const FLOAT_MAX = 3.4028234663852886e38;

const binary =
  (op: 'Add' | 'Sub' | 'Mul' | 'Div'): ImportRule =>
  (node, to) =>
    to.produce(node, op, {}, [to.required(node, 0), to.required(node, 1)]);

const matMul: ImportRule = (node, to) => {
  to.produce(node, 'Gemm', { transA: false, transB: false, alpha: 1, beta: 1 }, [to.required(node, 0), to.required(node, 1)]);
};

const gemm: ImportRule = (node, to) => {
  const attributes = {
    transA: to.number(node, 'transA', 0) !== 0,
    transB: to.number(node, 'transB', 0) !== 0,
    alpha: Math.fround(to.number(node, 'alpha', 1)),
    beta: Math.fround(to.number(node, 'beta', 1)),
  };
  const [a, b, c] = [to.required(node, 0), to.required(node, 1), to.optional(node, 2)];
  if (a.shape.length !== 2 || b.shape.length !== 2) throw to.unsupported(node, 'its operands are not matrices');
  to.produce(node, 'Gemm', attributes, c === undefined ? [a, b] : [a, b, c]);
};

const clip: ImportRule = (node, to) => {
  const bound = (index: number, otherwise: number): number =>
    to.optional(node, index) === undefined ? otherwise : to.constant(node, index).data[0]!;
  to.produce(node, 'Clip', { min: bound(1, -FLOAT_MAX), max: bound(2, FLOAT_MAX) }, [to.required(node, 0)]);
};

const softmax: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  to.produce(node, 'Softmax', { axis: to.axis(node, to.number(node, 'axis', -1), x.shape.length) }, [x]);
};

const layerNormalization: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  if (node.outputs.slice(1).some((name) => name !== '')) throw to.unsupported(node, 'its mean or deviation is used');
  const attributes = {
    axis: to.axis(node, to.number(node, 'axis', -1), x.shape.length),
    epsilon: Math.fround(to.number(node, 'epsilon', 1e-5)),
  };
  const bias = to.optional(node, 2);
  to.produce(node, 'LayerNormalization', attributes, [x, to.required(node, 1), ...(bias === undefined ? [] : [bias])]);
};

const reduce =
  (kind: (typeof REDUCE_KINDS)[number]): ImportRule =>
  (node, to) => {
    const x = to.required(node, 0);
    const rank = x.shape.length;
    const given = to.numbers(node, 'axes') ?? to.integers(node, 1) ?? [];
    const keepDims = to.number(node, 'keepdims', 1) !== 0;
    if (given.length === 0 && to.number(node, 'noop_with_empty_axes', 0) !== 0) return to.define(node.outputs[0] ?? '', x);
    const axes = given.length === 0 ? x.shape.map((_, axis) => axis) : given.map((axis) => to.axis(node, axis, rank)).sort((a, b) => a - b);
    to.produce(node, 'Reduce', { kind, axes: [...new Set(axes)], keepDims }, [x]);
  };

const conv: ImportRule = (node, to) => {
  const [x, w, bias] = [to.required(node, 0), to.required(node, 1), to.optional(node, 2)];
  to.produce(node, 'Conv', convAttributes(node, to, x, w), [x, w, ...(bias === undefined ? [] : [bias])]);
};

/** Attributes of a 1-D convolution. */
export function convAttributes(node: OnnxNode, to: Importer, x: Value, w: Value) {
  if (x.shape.length !== 3 || w.shape.length !== 3)
    throw to.unsupported(node, `${w.shape.length - 2}-D; only 1-D convolutions are compiled`);
  const one = (name: string): number => to.numbers(node, name)?.[0] ?? 1;
  const [stride, dilation, groups] = [one('strides'), one('dilations'), to.number(node, 'group', 1)];
  if (![stride, dilation, groups].every((value) => Number.isInteger(value) && value >= 1 && value <= 65_536)) {
    throw to.unsupported(node, `stride ${stride}, dilation ${dilation}, ${groups} groups`);
  }
  const reach = dilation * (w.shape[2]! - 1) + 1;
  const pads = padsOf(node, to, x.shape[2]!, stride, reach);
  if (!pads.every((pad) => Number.isInteger(pad) && pad >= 0 && pad <= 65_536)) throw to.unsupported(node, `padding ${pads.join(' and ')}`);
  return { stride, dilation, groups, padBegin: pads[0]!, padEnd: pads[1]! };
}

function padsOf(node: OnnxNode, to: Importer, length: number, stride: number, reach: number): readonly number[] {
  const mode = to.text(node, 'auto_pad', 'NOTSET');
  if (mode === 'NOTSET') return to.numbers(node, 'pads') ?? [0, 0];
  if (mode === 'VALID') return [0, 0];
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  const small = Math.floor(total / 2);
  return mode === 'SAME_LOWER' ? [total - small, small] : [small, total - small];
}

/** x to a constant power that products and roots give exactly as ONNX Runtime does. */
const pow: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const exponent = to.constant(node, 1).data;
  if (exponent.length === 1 && exponent[0] === 2) return to.produce(node, 'Mul', {}, [x, x]);
  if (exponent.length === 1 && exponent[0] === 0.5) return to.produce(node, 'Unary', { kind: 'Sqrt' }, [x]);
  throw to.unsupported(node, 'only the exponents 2 and 0.5 are compiled');
};

export const FLOAT_RULES: Readonly<Record<string, ImportRule>> = {
  ':Add': binary('Add'),
  ':Sub': binary('Sub'),
  ':Mul': binary('Mul'),
  ':Div': binary('Div'),
  ':MatMul': matMul,
  ':Gemm': gemm,
  ':Clip': clip,
  ':Softmax': softmax,
  ':LayerNormalization': layerNormalization,
  ':Conv': conv,
  ':Pow': pow,
  ...Object.fromEntries(
    UNARY_KINDS.map((kind): [string, ImportRule] => [
      `:${kind}`,
      (node, to) => to.produce(node, 'Unary', { kind }, [to.required(node, 0)]),
    ]),
  ),
  ...Object.fromEntries(REDUCE_KINDS.map((kind): [string, ImportRule] => [`:${kind}`, reduce(kind)])),
};
