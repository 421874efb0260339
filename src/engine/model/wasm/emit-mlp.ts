import type { QuantizedLayer, QuantizedMlp, QuantizedRange } from '../quantized-mlp.ts';
import { ADDRESS, assembleModule, FunctionBody, V128 } from './encoder.ts';

/** Outputs computed side by side: four accumulators of four lanes; more would spill registers on Node 20. */
const BLOCK_OUTPUTS = 16;
const LANES = 4;
/** Input pairs a turn of the inner loop. */
const UNROLL = 2;
/** 1.5 * 2^23: adding it to a float32 below 2^22 rounds to an integer, half to even, in the low bits of the sum. */
const ROUNDING = 12_582_912;
const ROUNDING_BITS = 0x4b400000;

/** Constants at their place in the model's memory region; `offset` is relative to the region. */
export interface DataSegment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A compiled model before it is bound to a memory. */
export interface CompiledMlp {
  /** The module; its addresses contain `baseOffset`. */
  readonly module: Uint8Array;
  readonly segments: readonly DataSegment[];
  /** Offsets of the float32 input and output relative to the region. */
  readonly inputOffset: number;
  readonly outputOffset: number;
  /** Bytes of the region. */
  readonly bytes: number;
}

/**
 * Emits SIMD code for `mlp`: one loop a block of outputs, everything else straight-line. Arithmetic (all float32, round to nearest even; equal to ONNX Runtime's):
 *
 *   quantize    q - zero = rne(clamp(x / scale, min - zero, max - zero)); NaN becomes min
 *   accumulate  int32, exact: activations (q - zero) and weights as int16 pairs through i32x4.dot_i16x8_s
 *   requantize  q - zero = rne(clamp(float(acc) * multiplier, min - zero, max - zero))
 *   dequantize  float(q - zero) * scale
 *
 * Activations stay int16 with the zero point subtracted, which is what the next layer multiplies. Weights lie in order of
 * use: [block of 16 outputs][pair of inputs][16 outputs x 2 inputs] int16.
 */
export function emitMlp(mlp: QuantizedMlp, baseOffset: number): CompiledMlp {
  return new MlpEmitter(mlp, baseOffset).emit();
}

class MlpEmitter {
  private readonly mlp: QuantizedMlp;
  private readonly base: number;
  private readonly body = new FunctionBody();
  private readonly segments: DataSegment[] = [];
  private readonly constants = new Map<string, number>();
  private top = 0;

  constructor(mlp: QuantizedMlp, base: number) {
    this.mlp = mlp;
    this.base = base;
  }

  emit(): CompiledMlp {
    const { input, layers } = this.mlp;
    const inputs = layers[0]!.inputs;
    const outputs = layers[layers.length - 1]!.outputs;
    const inputOffset = this.allocate(4 * roundUp(inputs, 8));
    const outputOffset = this.allocate(4 * roundUp(outputs, LANES));
    let activations = this.quantizeInput(input, inputs, inputOffset);
    layers.forEach((layer, index) => {
      const last = index === layers.length - 1;
      const target = last ? outputOffset : this.allocate(2 * roundUp(layer.outputs, 8));
      this.layer(layer, activations, target, last);
      activations = target;
    });
    const module = assembleModule(new Map([['run', this.body]]));
    return { module, segments: this.segments, inputOffset, outputOffset, bytes: roundUp(this.top, 128) };
  }

  private quantizeInput(range: QuantizedRange, count: number, inputOffset: number): number {
    const { body } = this;
    const target = this.allocate(2 * roundUp(count, 8));
    const scale = this.splatFloat(range.scale);
    const low = body.local();
    const high = body.local();
    for (let i = 0; i < count; i += 8) {
      for (const [half, local] of [low, high].entries()) {
        body
          .load(this.base + inputOffset + 4 * (i + LANES * half))
          .load(scale)
          .op(V128.F32X4_DIV)
          .set(local);
        this.clampAndRound(local, range);
      }
      body
        .get(low)
        .get(high)
        .op(V128.I16X8_NARROW_I32X4_S)
        .set(low)
        .store(this.base + target + 2 * i, low);
    }
    return target;
  }

  private layer(layer: QuantizedLayer, activations: number, target: number, last: boolean): void {
    const { body } = this;
    const padded = roundUp(layer.outputs, LANES);
    const weights = this.put(packWeights(layer));
    const bias = this.put(padInt32(layer.bias, padded));
    const multiplier = this.put(padFloat32(layer.multiplier, padded));
    const pairs = Math.ceil(layer.inputs / 2);
    const pair = body.local();
    let weight = weights;
    for (let first = 0; first < padded; first += BLOCK_OUTPUTS) {
      const count = Math.min(BLOCK_OUTPUTS, padded - first) / LANES;
      const sums = Array.from({ length: count }, () => body.local());
      sums.forEach((sum, j) => void body.load(bias + 4 * (first + LANES * j)).set(sum));
      this.accumulate(sums, pair, this.base + activations, weight, pairs);
      weight += 16 * count * pairs;
      sums.forEach((sum, j) => {
        body
          .get(sum)
          .op(V128.F32X4_CONVERT_I32X4_S)
          .load(multiplier + 4 * (first + LANES * j))
          .op(V128.F32X4_MUL)
          .set(sum);
        if (last) this.dequantize(sum, layer.range, this.base + target + 4 * (first + LANES * j));
        else this.clampAndRound(sum, layer.range);
      });
      if (!last) this.storeActivations(sums, target + 2 * first);
    }
  }

  /**
   * sums += activations * weights over all input pairs: a loop of UNROLL pairs, then the rest. A loop, because the register
   * allocator of Node 20 spills every accumulator of a long basic block.
   */
  private accumulate(sums: readonly number[], pair: number, activations: number, weights: number, pairs: number): void {
    const { body } = this;
    const stride = 16 * sums.length;
    const looped = pairs - (pairs % UNROLL);
    const step = (p: number): void => {
      body.loadSplat32At(ADDRESS.ACTIVATIONS, 4 * p).set(pair);
      sums.forEach((sum, j) => {
        body
          .loadAt(ADDRESS.WEIGHTS, stride * p + 16 * j)
          .get(pair)
          .op(V128.I32X4_DOT_I16X8_S)
          .get(sum)
          .op(V128.I32X4_ADD)
          .set(sum);
      });
    };
    body.setAddress(ADDRESS.ACTIVATIONS, activations).setAddress(ADDRESS.WEIGHTS, weights);
    if (looped > 0) {
      body.loopWhileBelow(ADDRESS.ACTIVATIONS, activations + 4 * looped, () => {
        for (let p = 0; p < UNROLL; p++) step(p);
        body.addToAddress(ADDRESS.ACTIVATIONS, 4 * UNROLL).addToAddress(ADDRESS.WEIGHTS, stride * UNROLL);
      });
    }
    for (let p = 0; p < pairs - looped; p++) step(p);
  }

  /** float32 in `local` becomes int32 q - zero. The operand order makes NaN the minimum, as in MLAS. */
  private clampAndRound(local: number, range: QuantizedRange): void {
    this.clamp(local, range);
    this.body.load(this.splatFloat(ROUNDING)).op(V128.F32X4_ADD).load(this.splatInt(ROUNDING_BITS)).op(V128.I32X4_SUB).set(local);
  }

  private clamp(local: number, range: QuantizedRange): void {
    const { body } = this;
    body
      .load(this.splatFloat(range.min - range.zeroPoint))
      .get(local)
      .op(V128.F32X4_PMAX)
      .set(local);
    body
      .load(this.splatFloat(range.max - range.zeroPoint))
      .get(local)
      .op(V128.F32X4_PMIN);
  }

  private dequantize(local: number, range: QuantizedRange, address: number): void {
    this.clamp(local, range);
    const { body } = this;
    const rounding = this.splatFloat(ROUNDING);
    body
      .load(rounding)
      .op(V128.F32X4_ADD)
      .load(rounding)
      .op(V128.F32X4_SUB)
      .load(this.splatFloat(range.scale))
      .op(V128.F32X4_MUL)
      .set(local);
    body.store(address, local);
  }

  private storeActivations(sums: readonly number[], offset: number): void {
    const { body } = this;
    for (let j = 0; j < sums.length; j += 2) {
      const low = sums[j]!;
      body
        .get(low)
        .get(sums[j + 1] ?? low)
        .op(V128.I16X8_NARROW_I32X4_S)
        .set(low)
        .store(this.base + offset + 8 * j, low);
    }
  }

  private splatFloat(value: number): number {
    return this.constant(`f${value}`, () => new Float32Array(LANES).fill(value));
  }

  private splatInt(value: number): number {
    return this.constant(`i${value}`, () => new Int32Array(LANES).fill(value));
  }

  private constant(key: string, make: () => Float32Array | Int32Array): number {
    let address = this.constants.get(key);
    if (address === undefined) {
      address = this.put(make());
      this.constants.set(key, address);
    }
    return address;
  }

  /** Places constant data and returns its address in the memory. */
  private put(data: Float32Array | Int32Array | Int16Array): number {
    const offset = this.allocate(data.byteLength);
    this.segments.push({ offset, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    return this.base + offset;
  }

  private allocate(bytes: number): number {
    const offset = this.top;
    this.top = roundUp(offset + bytes, 64);
    return offset;
  }
}

function packWeights(layer: QuantizedLayer): Int16Array {
  const padded = roundUp(layer.outputs, LANES);
  const pairs = Math.ceil(layer.inputs / 2);
  const packed = new Int16Array(padded * pairs * 2);
  let at = 0;
  for (let first = 0; first < padded; first += BLOCK_OUTPUTS) {
    const end = Math.min(first + BLOCK_OUTPUTS, padded);
    for (let pair = 0; pair < pairs; pair++) {
      for (let n = first; n < end; n++) {
        for (let k = 2 * pair; k < 2 * pair + 2; k++) {
          packed[at++] = n < layer.outputs && k < layer.inputs ? layer.weights[k * layer.outputs + n]! : 0;
        }
      }
    }
  }
  return packed;
}

function padInt32(source: Int32Array, length: number): Int32Array {
  const target = new Int32Array(length);
  target.set(source);
  return target;
}

function padFloat32(source: Float32Array, length: number): Float32Array {
  const target = new Float32Array(length);
  target.set(source);
  return target;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
