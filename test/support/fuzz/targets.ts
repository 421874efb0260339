import type { FuzzTarget } from './target.ts';

/** Every decoder, by the name of its format; Binance's SBE and Coinbase's order-by-order channel are decoders of their own. */
export const FUZZ_TARGETS = {
  'binance-usdm': async () => (await import('./binance.ts')).usdmTarget(),
  'binance-coinm': async () => (await import('./binance.ts')).coinmTarget(),
  'binance-spot': async () => (await import('./binance.ts')).spotTarget('spot'),
  'binance-spot-partial': async () => (await import('./binance.ts')).spotTarget('spot-partial'),
  'binance-spot-sbe': async () => (await import('./sbe.ts')).sbeTarget(),
  coinbase: async () => (await import('./levels.ts')).coinbaseTarget(),
  'coinbase-full': async () => (await import('./coinbase-full.ts')).coinbaseFullTarget(),
  kraken: async () => (await import('./levels.ts')).krakenTarget(),
  okx: async () => (await import('./levels.ts')).okxTarget(),
  bybit: async () => (await import('./levels.ts')).bybitTarget(),
  deribit: async () => (await import('./levels.ts')).deribitTarget(),
  hyperliquid: async () => (await import('./levels.ts')).hyperliquidTarget(),
  itch: async () => (await import('./itch.ts')).itchTarget(),
  'mold-pcap': async () => (await import('./itch.ts')).moldTarget(),
  lobster: async () => (await import('./lobster.ts')).lobsterTarget(),
  dbn: async () => (await import('./dbn.ts')).dbnTarget(),
  tardis: async () => (await import('./tardis.ts')).tardisTarget(),
  lean: async () => (await import('./lean.ts')).leanTarget(),
  hftbacktest: async () => (await import('./events.ts')).eventsTarget(),
} as const satisfies Readonly<Record<string, () => Promise<FuzzTarget>>>;

export type FuzzName = keyof typeof FUZZ_TARGETS;
