import { type Quantization, rangeFor } from '../ir/operators.ts';

const FLOAT_MAX = 3.4028234663852886e38;
/** Powers of e kept free, so that a sum of the largest entries stays finite. */
const RESERVE = 5;

/**
 * The tables of ONNX Runtime's quantized softmax: exp of the distance to the maximum times the input's scale, shifted up as
 * far as a sum of `width` entries allows, and the same times floor(1 / output scale). Entry 255 belongs to the maximum.
 * Double precision but for the logarithm, rounded to float32. Undefined where the multiples leave the range of float32 (one or two elements and a
 * fine output): what the runtime makes of that is not worth imitating.
 */
export function softmaxTable(from: Quantization, to: Quantization, width: number) {
  const scale = from.scales[0]!;
  const shift = Math.max(0, Math.fround(Math.log(Math.fround(FLOAT_MAX / width))) - RESERVE) / scale;
  const table = Float32Array.from({ length: 256 }, (_, i) => Math.exp((i - 255 + shift) * scale));
  const levels = Math.floor(Math.fround(1 / to.scales[0]!));
  const multiples = table.map((entry) => entry * levels);
  return Number.isFinite(multiples[255]) ? { table, multiples, zero: to.zeros[0]!, max: rangeFor(to.dtype).max } : undefined;
}
