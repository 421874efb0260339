import type { Bench } from './harness/bench.ts';

/** Formats whose decoders are also measured on recordings below `TICKPATH_DATA`. */
export const MEASURED_FORMATS = [
  'binance-usdm',
  'binance-coinm',
  'binance-spot',
  'coinbase',
  'coinbase-full',
  'kraken',
  'okx',
  'bybit',
  'deribit',
  'hyperliquid',
] as const;
export type MeasuredFormat = (typeof MEASURED_FORMATS)[number];

interface Entry {
  readonly name: string;
  readonly load: () => Promise<{ readonly bench: Bench }>;
}

/** Every bench, in the order of the path of a tick. */
export const BENCHES: readonly Entry[] = [
  { name: 'ring', load: () => import('./micro/ring.bench.ts') },
  { name: 'decode', load: () => import('./micro/decode.bench.ts') },
  ...MEASURED_FORMATS.map((format) => ({
    name: `decode-${format}`,
    load: async () => ({ bench: (await import('./micro/decode-recorded.bench.ts')).benchOf(format) }),
  })),
  { name: 'book', load: () => import('./micro/book.bench.ts') },
  { name: 'features', load: () => import('./micro/features.bench.ts') },
  { name: 'model', load: () => import('./micro/model.bench.ts') },
  { name: 'risk', load: () => import('./micro/risk.bench.ts') },
  { name: 'path', load: () => import('./pipeline/path.bench.ts') },
];
