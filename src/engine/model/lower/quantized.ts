import type { NodeOf } from '../ir/graph.ts';
import { type QGemmAttributes, type Quantization, rangeFor } from '../ir/operators.ts';
import { elementsOf, type Value } from '../ir/types.ts';
import { type Epilogue, emitQGemm, packWeights } from '../wasm/kernels/qgemm.ts';
import { emitDequantize, emitQuantize, emitRecentre } from '../wasm/kernels/quantize.ts';
import type { Clamp } from '../wasm/rounding.ts';
import type { LowerTable } from './lower.ts';
import type { Lowering } from './lowering.ts';
import type { Tensor } from './program.ts';

/** The range of a quantized value less its zero point. */
export function clampOf(to: Quantization): Clamp {
  const { min, max } = rangeFor(to.dtype);
  return { low: min - to.zeros[0]!, high: max - to.zeros[0]! };
}

/** `value` as q16 less `zero`: as it lies, or moved. */
export function centred(to: Lowering, value: Value, zero: number): Tensor {
  const x = to.tensor(value);
  if (x.zero === zero) return x;
  const target = to.scratch('q16', x.shape, zero);
  to.step({ name: `centre ${value.name}`, reads: [x], writes: [target], emit: (emitter) => emitRecentre(emitter, x, target) });
  return target;
}

function lowerQuantize(node: NodeOf<'QuantizeLinear'>, to: Lowering): void {
  const quantization = node.attributes.to;
  if (quantization.scales.length > 1) throw to.unsupported(node, 'more than one scale for activations');
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'q16', quantization.zeros[0]!);
  to.step({
    name: node.name,
    reads: [x],
    writes: [target],
    emit: (emitter) => emitQuantize(emitter, x, target, quantization.scales[0]!, clampOf(quantization)),
  });
}

function lowerDequantize(node: NodeOf<'DequantizeLinear'>, to: Lowering): void {
  const { from } = node.attributes;
  if (from.scales.length > 1) throw to.unsupported(node, 'more than one scale for activations');
  if (from.dtype === 'i32') throw to.unsupported(node, 'int32 activations');
  const x = to.tensor(node.inputs[0]!);
  const target = to.result(node.outputs[0]!, 'f32');
  to.step({
    name: node.name,
    reads: [x],
    writes: [target],
    emit: (emitter) => emitDequantize(emitter, x, target, from.scales[0]!, from.zeros[0]!),
  });
}

/** What becomes of the sums; `outputs` factors. */
function epilogueOf(attributes: Pick<QGemmAttributes, 'a' | 'b' | 'to' | 'dequantize'>, outputs: number): Epilogue {
  const { a, b, to, dequantize } = attributes;
  const combined = Float32Array.from({ length: outputs }, (_, n) => a.scales[0]! * (b.scales[n] ?? b.scales[0]!));
  if (to === undefined) return { kind: 'scale', factors: combined };
  const factors = combined.map((scale) => scale / to.scales[0]!);
  const range = clampOf(to);
  return dequantize ? { kind: 'dequantize', factors, range, scale: to.scales[0]! } : { kind: 'requantize', factors, range };
}

function lowerQGemm(node: NodeOf<'QGemm'>, to: Lowering): void {
  const { attributes } = node;
  const [aValue, bValue, biasValue] = node.inputs as [Value, Value, Value | undefined];
  if (bValue.data === undefined || bValue.shape.length !== 2) throw to.unsupported(node, 'its weights are not a constant matrix');
  const [inputs, outputs] = attributes.transB ? [bValue.shape[1]!, bValue.shape[0]!] : [bValue.shape[0]!, bValue.shape[1]!];
  const rows = elementsOf(aValue.shape) / inputs;
  const a = centred(to, aValue, attributes.a.zeros[0]!);
  const { zeros } = attributes.b;
  const data = bValue.data;
  const weights = packWeights(
    inputs,
    outputs,
    (k, n) => data[attributes.transB ? n * inputs + k : k * outputs + n]! - (zeros[n] ?? zeros[0]!),
  );
  const epilogue = epilogueOf(attributes, outputs);
  const y = node.outputs[0]!;
  const target = epilogue.kind === 'requantize' ? to.result(y, 'q16', attributes.to!.zeros[0]!) : to.result(y, 'f32');
  const bias = biasValue === undefined ? undefined : biasOf(to, node, biasValue, outputs);
  to.step({
    name: node.name,
    reads: [a],
    writes: [target],
    emit: (emitter) => {
      emitQGemm(emitter, {
        rows,
        inputs,
        outputs,
        a: emitter.pointer(a),
        weights: emitter.put(weights),
        bias,
        epilogue,
        target: emitter.pointer(target),
        format: target.format,
        exact: target.exact,
      });
    },
  });
}

function biasOf(to: Lowering, node: NodeOf<'QGemm'>, value: Value, outputs: number): Int32Array {
  const { data } = value;
  if (!(data instanceof Int32Array) || data.length !== outputs) throw to.unsupported(node, `its bias is not ${outputs} int32 constants`);
  return data;
}

export const QUANTIZED: LowerTable = {
  QuantizeLinear: lowerQuantize,
  DequantizeLinear: lowerDequantize,
  QGemm: lowerQGemm,
};
