import { quantizeOne } from './evaluate.ts';
import type { Quantization } from './operators.ts';

/**
 * An 8-bit function by its values: dequantized, `apply`, quantized with a true division. Entry `i` belongs to the byte `i`.
 * `apply` takes and gives float32.
 */
export function tableOf(
  from: Quantization,
  to: Quantization,
  apply: (x: number) => number,
): { readonly to: Quantization; readonly table: Uint8Array } {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => {
    const q = from.dtype === 'i8' ? (byte << 24) >> 24 : byte;
    const x = Math.fround((q - from.zeros[0]!) * from.scales[0]!);
    return quantizeOne(Math.fround(apply(x) / to.scales[0]!), to) & 0xff;
  });
  return { to, table };
}
