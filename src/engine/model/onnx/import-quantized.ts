import { MLAS_UNARY } from '../ir/mlas.ts';
import { type Quantization, sameQuantization } from '../ir/operators.ts';
import { tableOf } from '../ir/table.ts';
import type { DType, Value } from '../ir/types.ts';
import type { OnnxNode } from './graph.ts';
import { convAttributes } from './import-float.ts';
import type { Importer, ImportRule } from './importer.ts';

/**
 * Scales and zero points of a tensor of type `dtype` from the operands at `scale` and `zero`; `axis` counts for more than one
 * scale. Throws for values that are no constants or do not belong to the tensor.
 */
function quantization(
  node: OnnxNode,
  to: Importer,
  scale: number,
  zero: number,
  dtype: DType | undefined,
  shape?: readonly number[],
): Quantization {
  const scales = to.constant(node, scale);
  if (!(scales.data instanceof Float32Array)) throw to.unsupported(node, `scale "${scales.name}" is not float32`);
  if (scales.data.some((value) => !(value > 0) || !Number.isFinite(value)))
    throw to.unsupported(node, `a scale of "${scales.name}" is not positive`);
  const given = to.optional(node, zero) === undefined ? undefined : to.constant(node, zero);
  const type = given?.dtype ?? dtype ?? 'u8';
  if ((type !== 'u8' && type !== 'i8' && type !== 'i32') || (dtype !== undefined && type !== dtype)) {
    throw to.unsupported(node, `its values are ${dtype ?? type} and its zero point ${type}, expected uint8 or int8 for both`);
  }
  const zeros = given === undefined ? new Int32Array(scales.data.length) : Int32Array.from(given.data);
  if (zeros.length !== scales.data.length) throw to.unsupported(node, `${scales.data.length} scales and ${zeros.length} zero points`);
  const axis = shape === undefined || scales.data.length === 1 ? 0 : to.axis(node, to.number(node, 'axis', 1), shape.length);
  if (scales.data.length !== 1 && (shape === undefined || scales.shape.length !== 1 || shape[axis] !== scales.data.length)) {
    throw to.unsupported(node, `${scales.data.length} scales do not belong to axis ${axis} of [${(shape ?? []).join(', ')}]`);
  }
  return { dtype: type, scales: scales.data, zeros, axis };
}

/** The quantization of an operand that has one scale. */
function scalar(node: OnnxNode, to: Importer, scale: number, zero: number, dtype: DType | undefined): Quantization {
  const result = quantization(node, to, scale, zero, dtype);
  if (result.dtype === 'i32') throw to.unsupported(node, 'int32 where 8 bits are expected');
  return result;
}

/** The quantization of a weight: one scale, or one for each index of `axis`. */
function channels(node: OnnxNode, to: Importer, w: Value, scale: number, zero: number, axis: number): Quantization {
  const scales = to.constant(node, scale);
  const zeros = to.optional(node, zero) === undefined ? undefined : to.constant(node, zero);
  const count = scales.data.length;
  const type = zeros?.dtype ?? w.dtype;
  if (!(scales.data instanceof Float32Array) || (type !== 'u8' && type !== 'i8') || type !== w.dtype) {
    throw to.unsupported(node, `weights "${w.name}" are ${w.dtype} with ${type} zero points, expected uint8 or int8 for both`);
  }
  if (count !== 1 && count !== w.shape[axis]) throw to.unsupported(node, `${count} weight scales for ${w.shape[axis]} outputs`);
  const zero0 = zeros === undefined ? [0] : [...zeros.data];
  if (zero0.length !== 1 && zero0.length !== count) throw to.unsupported(node, `${count} weight scales and ${zero0.length} zero points`);
  return { dtype: type, scales: scales.data, zeros: Int32Array.from({ length: count }, (_, i) => zero0[i] ?? zero0[0]!), axis };
}

const quantizeLinear: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const attributes = { to: quantization(node, to, 1, 2, undefined, x.shape) };
  if (attributes.to.dtype === 'i32') throw to.unsupported(node, 'int32 where 8 bits are expected');
  to.produce(node, 'QuantizeLinear', attributes, [x]);
};

const dequantizeLinear: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  if (to.number(node, 'block_size', 0) !== 0) throw to.unsupported(node, 'blocks of scales are not compiled');
  to.produce(node, 'DequantizeLinear', { from: quantization(node, to, 1, 2, x.dtype, x.shape) }, [x]);
};

const dynamicQuantizeLinear: ImportRule = (node, to) => to.produce(node, 'DynamicQuantizeLinear', {}, [to.required(node, 0)]);

const matMulInteger: ImportRule = (node, to) => {
  to.produce(node, 'MatMulInteger', {}, [to.required(node, 0), to.required(node, 1), to.optional(node, 2), to.optional(node, 3)]);
};

const qLinearMatMul: ImportRule = (node, to) => {
  const [a, b] = [to.required(node, 0), to.required(node, 3)];
  const attributes = {
    transB: false,
    dequantize: false,
    a: scalar(node, to, 1, 2, a.dtype),
    b: channels(node, to, b, 4, 5, b.shape.length - 1),
    to: scalar(node, to, 6, 7, undefined),
  };
  to.produce(node, 'QGemm', attributes, [a, b]);
};

const matMulIntegerToFloat: ImportRule = (node, to) => {
  const [a, b] = [to.required(node, 0), to.required(node, 1)];
  if (to.optional(node, 6) !== undefined) throw to.unsupported(node, 'a float bias is not compiled');
  const attributes = {
    transB: false,
    dequantize: false,
    a: scalar(node, to, 2, 4, a.dtype),
    b: channels(node, to, b, 3, 5, b.shape.length - 1),
    to: undefined,
  };
  to.produce(node, 'QGemm', attributes, [a, b]);
};

const qGemm: ImportRule = (node, to) => {
  const [a, b, bias] = [to.required(node, 0), to.required(node, 3), to.optional(node, 6)];
  const transB = to.number(node, 'transB', 0) !== 0;
  if (to.number(node, 'transA', 0) !== 0 || to.number(node, 'alpha', 1) !== 1) throw to.unsupported(node, 'transA or alpha');
  const attributes = {
    transB,
    dequantize: false,
    a: scalar(node, to, 1, 2, a.dtype),
    b: channels(node, to, b, 4, 5, transB ? 0 : 1),
    to: to.optional(node, 7) === undefined ? undefined : scalar(node, to, 7, 8, undefined),
  };
  to.produce(node, 'QGemm', attributes, bias === undefined ? [a, b] : [a, b, bias]);
};

const qLinearConv: ImportRule = (node, to) => {
  const [x, w, bias] = [to.required(node, 0), to.required(node, 3), to.optional(node, 8)];
  const attributes = {
    ...convAttributes(node, to, x, w),
    a: scalar(node, to, 1, 2, x.dtype),
    b: channels(node, to, w, 4, 5, 0),
    to: scalar(node, to, 6, 7, undefined),
  };
  to.produce(node, 'QConv', attributes, bias === undefined ? [x, w] : [x, w, bias]);
};

const qLinearBinary =
  (kind: 'add' | 'mul'): ImportRule =>
  (node, to) => {
    const [a, b] = [to.required(node, 0), to.required(node, 3)];
    const attributes = {
      kind,
      a: scalar(node, to, 1, 2, a.dtype),
      b: scalar(node, to, 4, 5, b.dtype),
      to: scalar(node, to, 6, 7, undefined),
    };
    to.produce(node, 'QBinary', attributes, [a, b]);
  };

const qLinearSigmoid: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  const [from, quantization] = [scalar(node, to, 1, 2, x.dtype), scalar(node, to, 3, 4, undefined)];
  to.produce(node, 'QLookup', tableOf(from, quantization, MLAS_UNARY.Sigmoid), [x]);
};

const qLinearSoftmax: ImportRule = (node, to) => {
  const x = to.required(node, 0);
  if (to.number(node, 'opset', 13) < 13) throw to.unsupported(node, 'the softmax of opset 12');
  const axis = to.axis(node, to.number(node, 'axis', -1), x.shape.length);
  to.produce(node, 'QSoftmax', { axis, from: scalar(node, to, 1, 2, x.dtype), to: scalar(node, to, 3, 4, undefined) }, [x]);
};

const qLinearConcat: ImportRule = (node, to) => {
  const quantization = scalar(node, to, 0, 1, undefined);
  const parts: Value[] = [];
  for (let index = 2; index < node.inputs.length; index += 3) {
    const x = to.required(node, index);
    const from = scalar(node, to, index + 1, index + 2, x.dtype);
    if (sameQuantization(from, quantization)) parts.push(x);
    else
      parts.push(
        to.add(
          node,
          'QLookup',
          tableOf(from, quantization, (value) => value),
          [x],
          [`${x.name} requantized`],
        )[0]!,
      );
  }
  to.produce(node, 'Concat', { axis: to.axis(node, to.number(node, 'axis', 0), parts[0]?.shape.length ?? 0) }, parts);
};

export const QUANTIZED_RULES: Readonly<Record<string, ImportRule>> = {
  ':QuantizeLinear': quantizeLinear,
  ':DequantizeLinear': dequantizeLinear,
  ':DynamicQuantizeLinear': dynamicQuantizeLinear,
  ':MatMulInteger': matMulInteger,
  ':QLinearMatMul': qLinearMatMul,
  ':QLinearConv': qLinearConv,
  'com.microsoft:QGemm': qGemm,
  'com.microsoft:MatMulIntegerToFloat': matMulIntegerToFloat,
  'com.microsoft:QLinearAdd': qLinearBinary('add'),
  'com.microsoft:QLinearMul': qLinearBinary('mul'),
  'com.microsoft:QLinearSigmoid': qLinearSigmoid,
  'com.microsoft:QLinearSoftmax': qLinearSoftmax,
  'com.microsoft:QLinearConcat': qLinearConcat,
};
