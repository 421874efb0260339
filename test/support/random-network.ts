import type { Prng } from '../../src/core/prng.ts';
import { type DrawnRange, ModelBuilder } from './onnx-build.ts';

interface Piece {
  /** A float value whose DequantizeLinear may be shared. */
  readonly name: string;
  readonly range: DrawnRange;
  readonly rows: number;
  readonly width: number;
}

export interface RandomNetwork {
  readonly bytes: Uint8Array;
  readonly range: DrawnRange;
}

/**
 * A quantized network of random operators as a quantizer would write it: each result quantized and dequantized, with
 * residuals, values read twice, layouts between, Relu that fold and Relu that do not.
 */
export function randomNetwork(random: Prng): RandomNetwork {
  const build = new ModelBuilder();
  const signed = random.nextInt(3) === 0;
  const low = signed ? -128 : 0;
  const range = build.drawRange(random, signed, 0.03);
  const [rows, width] = [1 + random.nextInt(6), 1 + random.nextInt(20)];
  const pieces: Piece[] = [{ name: build.requantize(build.input([1, rows, width]), range), range, rows, width }];
  const steps = 2 + random.nextInt(7);
  for (let i = 0; i < steps; i++) {
    const piece = pieces[random.nextInt(3) === 0 ? random.nextInt(pieces.length) : pieces.length - 1]!;
    const made = step(build, random, piece, pieces);
    // Quantizers give a layout operation the range of its operand.
    const relu = made.scale > 0 && random.nextInt(4) === 0;
    const to =
      made.scale === 0
        ? piece.range
        : relu && random.nextInt(2) === 0
          ? build.range(0.05, low, signed)
          : build.drawRange(random, signed, made.scale * (0.5 + random.nextFloat()));
    const name = relu ? build.node('Relu', [made.name]) : made.name;
    pieces.push({ ...made, name: build.requantize(name, to), range: to });
  }
  const last = pieces[pieces.length - 1]!;
  return { bytes: build.build([{ name: last.name, dims: [1, last.rows, last.width] }]), range };
}

/** A float value, and the scale that suits it; 0 for that of the operand. */
type Made = Omit<Piece, 'range'> & { readonly scale: number };

function step(build: ModelBuilder, random: Prng, piece: Piece, pieces: readonly Piece[]): Made {
  const { name, rows, width } = piece;
  const same = pieces.filter((other) => other.rows === rows && other.width === width);
  switch (random.nextInt(10)) {
    case 0:
    case 1: {
      const outputs = 1 + random.nextInt(24);
      const y = build.node('MatMul', [name, weights(build, random, [width, outputs], 1)]);
      const bias =
        random.nextInt(2) === 0
          ? y
          : build.node('Add', [y, build.constant(Float32Array.from({ length: outputs }, () => random.nextNormal()))]);
      return { name: bias, rows, width: outputs, scale: 0.05 * Math.sqrt(width) };
    }
    case 2: {
      const outputs = 1 + random.nextInt(9);
      const y = build.node('MatMul', [weights(build, random, [outputs, rows], undefined), name]);
      return { name: y, rows: outputs, width, scale: 0.05 * Math.sqrt(rows) };
    }
    case 3: {
      const kernel = 1 + random.nextInt(Math.min(3, width));
      const outputs = 1 + random.nextInt(6);
      const y = build.node('Conv', [name, weights(build, random, [outputs, rows, kernel], 0)], { pads: [kernel - 1, 0] });
      return { name: y, rows: outputs, width, scale: 0.05 * Math.sqrt(rows * kernel) };
    }
    case 4:
      return { name: build.node('Add', [name, same[random.nextInt(same.length)]!.name]), rows, width, scale: 0.06 };
    case 5:
      return { name: build.node('Mul', [name, same[random.nextInt(same.length)]!.name]), rows, width, scale: 0.1 };
    case 6:
      return { name: build.node(['Sigmoid', 'Tanh'][random.nextInt(2)]!, [name]), rows, width, scale: 0.01 };
    case 7:
      return { name: build.node('Transpose', [name], { perm: [0, 2, 1] }), rows: width, width: rows, scale: 0 };
    case 8: {
      const other = same[random.nextInt(same.length)]!.name;
      return { name: build.node('Concat', [name, other], { axis: 1 }), rows: 2 * rows, width, scale: 0.05 };
    }
    default: {
      const turned = build.node('Reshape', [name, build.integers(0, width, rows)]);
      return { name: turned, rows: width, width: rows, scale: 0 };
    }
  }
}

/** Dequantized int8 constants; one scale for each index of `axis` in half of the cases, when there is an axis. */
function weights(build: ModelBuilder, random: Prng, dims: readonly number[], axis: number | undefined): string {
  const data = Int8Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => random.nextInt(255) - 127);
  const channels = axis !== undefined && random.nextInt(2) === 0;
  const count = channels ? dims[axis]! : 1;
  const scales = build.constant(
    Float32Array.from({ length: count }, () => 0.002 + 0.01 * random.nextFloat()),
    channels ? [count] : [],
  );
  const zeros = build.constant(new Int8Array(count), channels ? [count] : []);
  return build.node('DequantizeLinear', [build.constant(data, dims), scales, zeros], { axis: axis ?? 0 });
}
