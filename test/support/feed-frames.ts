import { encode } from '@msgpack/msgpack';
import { type Instrument, instrumentFromText } from '../../src/core/instrument.ts';
import type { Prng } from '../../src/core/prng.ts';

export const FEED_INSTRUMENTS: readonly Instrument[] = [
  instrumentFromText(0, { symbol: 'BTCUSDT', tickSize: '0.10', lotSize: '0.001' }),
  instrumentFromText(1, { symbol: 'ES-spread', tickSize: '0.25', lotSize: '1' }),
];

/** A MessagePack integer of one of the widths that hold it, drawn by `prng`. */
export function anyWidth(value: bigint, prng: Prng): Uint8Array {
  const forms: Uint8Array[] = [];
  const form = (marker: number, bytes: number, low: bigint, high: bigint): void => {
    if (value < low || value > high) return;
    const out = new Uint8Array(1 + bytes);
    out[0] = marker;
    for (let i = 0; i < bytes; i++) out[bytes - i] = Number((value >> BigInt(8 * i)) & 0xffn);
    forms.push(out);
  };
  if (value >= 0n && value < 128n) forms.push(Uint8Array.of(Number(value)));
  if (value < 0n && value >= -32n) forms.push(Uint8Array.of(Number(value) & 0xff));
  [1, 2, 4, 8].forEach((bytes, i) => {
    const bits = BigInt(8 * bytes);
    form(0xcc + i, bytes, 0n, (1n << bits) - 1n);
    form(0xd0 + i, bytes, -(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n);
  });
  return forms[prng.nextInt(forms.length)]!;
}

function header(small: number, limit: number, markers: readonly [bytes: number, marker: number][], count: number, prng: Prng): Uint8Array {
  const forms: Uint8Array[] = count < limit ? [Uint8Array.of(small | count)] : [];
  for (const [bytes, marker] of markers) {
    if (count >= 2 ** (8 * bytes)) continue;
    const out = new Uint8Array(1 + bytes);
    out[0] = marker;
    for (let i = 0; i < bytes; i++) out[bytes - i] = (count / 256 ** i) & 0xff;
    forms.push(out);
  }
  return forms[prng.nextInt(forms.length)]!;
}

/** Packs integers, texts and arrays of them in widths drawn by `prng`. */
export function packAnyhow(value: unknown, prng: Prng): Uint8Array {
  if (typeof value === 'bigint' || typeof value === 'number') return anyWidth(BigInt(value), prng);
  if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    return Buffer.concat([
      header(
        0xa0,
        32,
        [
          [1, 0xd9],
          [2, 0xda],
          [4, 0xdb],
        ],
        text.length,
        prng,
      ),
      text,
    ]);
  }
  if (!Array.isArray(value)) return encode(value);
  return Buffer.concat([
    header(
      0x90,
      16,
      [
        [2, 0xdc],
        [4, 0xdd],
      ],
      value.length,
      prng,
    ),
    ...value.map((one) => packAnyhow(one, prng)),
  ]);
}

/** A message of every kind, as values. */
export function randomMessage(prng: Prng): unknown[] {
  const symbol = FEED_INSTRUMENTS[prng.nextInt(2)]!.symbol;
  const sequence = 1n + BigInt(prng.nextInt(2 ** 32)) * BigInt(1 + prng.nextInt(2 ** 21 - 1));
  const time = BigInt(prng.nextInt(4)) * 600_000_000_000_000_000n + BigInt(prng.nextInt(2 ** 32));
  const price = (): bigint => BigInt(prng.nextInt(2 ** prng.nextInt(32))) * (prng.nextInt(8) === 0 ? -1n : 1n);
  const qty = (): bigint => BigInt(prng.nextInt(2 ** prng.nextInt(32))) * (prng.nextInt(6) === 0 ? 2_000_000n : 1n);
  const side = (): bigint[] => Array.from({ length: prng.nextInt(12) }, () => [price(), qty()]).flat();
  const head = [symbol, sequence, time];
  switch (prng.nextInt(6)) {
    case 0:
      return [0, symbol, 2, 10, 3, 1, 1];
    case 1:
      return [1, ...head, side(), side()];
    case 2:
      return [2, ...head, side(), side()];
    case 3:
      return [3, ...head, sequence + 5n > 2n ** 53n - 1n ? 7n : sequence + 5n, prng.nextInt(2), price(), 1n + qty()];
    case 4:
      return [4, ...head, prng.nextInt(8), prng.nextInt(15)];
    default:
      return [5, ...head];
  }
}
