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

/** Every bench of Tickpath alone, in the order of the path of a tick. */
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

/** Name that stands for all of COMPARE_BENCHES. */
export const COMPARE = 'compare';
/** Benches beside other programs, which need a compiler or packages: run when they are named. */
export const COMPARE_BENCHES: readonly Entry[] = [
  { name: 'itch-cpp', load: () => import('./compare/itch-cpp.bench.ts') },
  { name: 'dbn-cpp', load: () => import('./compare/dbn-cpp.bench.ts') },
  { name: 'peers', load: () => import('./compare/peers.bench.ts') },
];
