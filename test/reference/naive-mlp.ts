import type { QuantizedMlp, QuantizedRange } from '../../src/engine/model/quantized-mlp.ts';

/** The arithmetic of a quantized perceptron written out with plain numbers, one output at a time. */
export class NaiveMlp {
  private readonly mlp: QuantizedMlp;

  constructor(mlp: QuantizedMlp) {
    this.mlp = mlp;
  }

  run(input: ArrayLike<number>): number[] {
    let values = Array.from(input, (x) => quantize(Math.fround(Math.fround(x) / this.mlp.input.scale), this.mlp.input));
    for (const layer of this.mlp.layers) {
      const next: number[] = [];
      for (let n = 0; n < layer.outputs; n++) {
        let sum = layer.bias[n]!;
        for (let k = 0; k < layer.inputs; k++) sum = (sum + values[k]! * layer.weights[k * layer.outputs + n]!) | 0;
        next.push(quantize(Math.fround(Math.fround(sum) * layer.multiplier[n]!), layer.range));
      }
      values = next;
    }
    const { scale } = this.mlp.layers[this.mlp.layers.length - 1]!.range;
    return values.map((value) => Math.fround(value * scale));
  }
}

/** Quantized value less the zero point; NaN becomes the smallest. */
function quantize(value: number, range: QuantizedRange): number {
  const [low, high] = [range.min - range.zeroPoint, range.max - range.zeroPoint];
  if (Number.isNaN(value) || value <= low) return low;
  if (value >= high) return high;
  const floor = Math.floor(value);
  const rest = value - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (up ? floor + 1 : floor) + 0;
}
