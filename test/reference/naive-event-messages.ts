import type { NaiveRecord, NaiveRecordLevel } from './naive-tardis.ts';

/** A message of hftbacktest's events; `clears`: through which tick levels of a side go first, infinite where all do. */
export interface NaiveEventMessage extends NaiveRecord {
  readonly clearBids?: number;
  readonly clearAsks?: number;
}

/** Tick and lot size as fractions: units of 10^-decimals. */
export interface NaiveGrid {
  readonly priceDecimals: number;
  readonly tickUnits: number;
  readonly qtyDecimals: number;
  readonly lotUnits: number;
}

const TWO_52 = 2n ** 52n;

const bits = new DataView(new ArrayBuffer(8));
/** The rational number that a finite float64 is, as numerator and denominator. */
function fraction(value: number): readonly [bigint, bigint] {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const mantissa = exponent === 0n ? word % TWO_52 : (word % TWO_52) + TWO_52;
  const shift = (exponent === 0n ? 1n : exponent) - 1075n;
  const sign = word >> 63n === 1n ? -1n : 1n;
  return shift >= 0n ? [sign * mantissa * 2n ** shift, 1n] : [sign * mantissa, 2n ** -shift];
}

/**
 * The whole number of steps that a value lies within 1e-6 and 2^-50 of its size of, by exact arithmetic. `slack`: -1 or 1 for
 * 2^-51 of its size less or more, which is what float64 arithmetic may miss the limit by.
 */
function steps(value: number, decimals: number, stepUnits: number, max: bigint, slack: number): number | undefined {
  // Far beyond the largest and far below the tolerance: big integers of a thousand bits would only take long.
  if (!(Math.abs(value) < 1e20)) return undefined;
  if (Math.abs(value) < 1e-20) return 0;
  const [top, bottom] = fraction(value);
  const numerator = top * 10n ** BigInt(decimals);
  const denominator = bottom * BigInt(stepUnits);
  const doubled = 2n * numerator + denominator;
  const floor = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);
  const count = floor(doubled, 2n * denominator);
  const size = count < 0n ? -count : count;
  if (size > max) return undefined;
  const off = numerator - count * denominator;
  const allowed = denominator * (2n ** 51n + size * 1_000_000n * BigInt(2 + slack));
  return (off < 0n ? -off : off) * 1_000_000n * 2n ** 51n <= allowed ? Number(count) : undefined;
}

/** What rows that stand together mean; undefined when they are refused or of a kind that is not used. */
export function naiveEventMessage(bytes: Uint8Array, grid: NaiveGrid, slack = 0): NaiveEventMessage | 'other' | undefined {
  if (bytes.length === 0 || bytes.length % 64 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const exchNs = view.getBigInt64(8, true);
  const common = { instrument: 0, ...(exchNs > 0n ? { timeNs: `${exchNs}` } : {}) };
  const kinds = Array.from({ length: bytes.length / 64 }, (_, i) => bytes[64 * i]!);
  if (![1, 2, 3, 4].includes(kinds[0]!)) return 'other';
  const tick = (at: number): number | undefined =>
    steps(view.getFloat64(at + 24, true), grid.priceDecimals, grid.tickUnits, 2n ** 31n - 1n, slack);
  const lot = (at: number): number | undefined => {
    const lots = steps(view.getFloat64(at + 32, true), grid.qtyDecimals, grid.lotUnits, 2n ** 48n, slack);
    return lots !== undefined && lots < 0 ? undefined : lots;
  };
  const sideOf = (at: number): number => Number((view.getBigUint64(at, true) >> 28n) & 3n);
  if (kinds[0] === 2) {
    const [ticks, lots, side] = [tick(0), lot(0), sideOf(0)];
    if (kinds.length > 1 || side === 3 || ticks === undefined || lots === undefined || lots === 0) return undefined;
    return { kind: 'trade', ...common, side: side === 2 ? 'buy' : side === 1 ? 'sell' : 'unknown', trade: [ticks, lots] };
  }
  let bids: NaiveRecordLevel[] = [];
  let asks: NaiveRecordLevel[] = [];
  let [clearBids, clearAsks, snapshot] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false];
  for (let at = 0; at < bytes.length; at += 64) {
    const kind = bytes[at]!;
    const side = sideOf(at);
    if (side === 3 || ![1, 3, 4].includes(kind)) return undefined;
    if (kind === 3) {
      const all = !Number.isFinite(view.getFloat64(at + 24, true));
      const ticks = tick(at);
      if (!all && ticks === undefined) return undefined;
      if (side !== 1) {
        const through = all ? -(2 ** 31) : ticks!;
        bids = bids.filter(([price]) => price < through);
        clearBids = Math.min(clearBids, through);
      }
      if (side !== 2) {
        const through = all ? 2 ** 31 - 1 : ticks!;
        asks = asks.filter(([price]) => price > through);
        clearAsks = Math.max(clearAsks, through);
      }
      continue;
    }
    const [ticks, lots] = [tick(at), lot(at)];
    if (side === 0 || ticks === undefined || lots === undefined) return undefined;
    snapshot ||= kind === 4;
    (side === 2 ? bids : asks).push([ticks, lots]);
  }
  return {
    kind: 'changes',
    ...common,
    snapshot,
    bids,
    asks,
    ...(Number.isFinite(clearBids) ? { clearBids } : {}),
    ...(Number.isFinite(clearAsks) ? { clearAsks } : {}),
  };
}
