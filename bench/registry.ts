import type { Bench } from './harness/bench.ts';

interface Entry {
  readonly name: string;
  readonly load: () => Promise<{ readonly bench: Bench }>;
}

/** Every bench, in the order of the path of a tick. */
export const BENCHES: readonly Entry[] = [
  { name: 'ring', load: () => import('./micro/ring.bench.ts') },
  { name: 'decode', load: () => import('./micro/decode.bench.ts') },
  { name: 'book', load: () => import('./micro/book.bench.ts') },
  { name: 'features', load: () => import('./micro/features.bench.ts') },
  { name: 'model', load: () => import('./micro/model.bench.ts') },
  { name: 'risk', load: () => import('./micro/risk.bench.ts') },
  { name: 'path', load: () => import('./pipeline/path.bench.ts') },
];
