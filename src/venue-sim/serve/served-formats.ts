import { EXIT, TickpathError } from '../../core/errors.ts';
import type { RecordedSource } from '../../feed/discovery.ts';
import { type Format, recordedFormat } from '../../feed/formats.ts';
import { COINM_ENDPOINTS, SPOT_ENDPOINTS, SPOT_PARTIAL_ENDPOINTS, USDM_ENDPOINTS } from '../../feed/venue/binance/endpoints.ts';
import { createCoinmFeed } from '../../feed/venue/binance-coinm/feed.ts';
import { createSpotFeed, createSpotPartialFeed } from '../../feed/venue/binance-spot/feed.ts';
import { createUsdmFeed } from '../../feed/venue/binance-usdm/feed.ts';
import { ServedBinance, type ServedBinanceKind } from './binance.ts';
import { ServedBybit } from './bybit.ts';
import { servedCoinbase } from './coinbase.ts';
import { ServedCoinbaseFull } from './coinbase-full.ts';
import { ServedDeribit } from './deribit.ts';
import { ServedHyperliquid } from './hyperliquid.ts';
import { servedKraken } from './kraken.ts';
import { ServedOkx } from './okx.ts';
import type { ServedSource, ServedVenue } from './served-venue.ts';
import { ServedTickpath } from './tickpath.ts';

const binance =
  (kind: ServedBinanceKind) =>
  (source: ServedSource): ServedVenue =>
    new ServedBinance(source, kind);

const SPOT = { hasTimes: false, hasPair: false };

const SERVED: Partial<Record<Format, (source: ServedSource) => ServedVenue>> = {
  'binance-usdm': binance({ endpoints: USDM_ENDPOINTS, createFeed: createUsdmFeed, hasTimes: true, hasPair: false }),
  'binance-coinm': binance({ endpoints: COINM_ENDPOINTS, createFeed: createCoinmFeed, hasTimes: true, hasPair: true }),
  'binance-spot': binance({ ...SPOT, endpoints: SPOT_ENDPOINTS, createFeed: createSpotFeed }),
  'binance-spot-partial': binance({ ...SPOT, endpoints: SPOT_PARTIAL_ENDPOINTS, createFeed: createSpotPartialFeed }),
  coinbase: servedCoinbase,
  'coinbase-full': (source) => new ServedCoinbaseFull(source),
  kraken: servedKraken,
  okx: (source) => new ServedOkx(source),
  bybit: (source) => new ServedBybit(source),
  deribit: (source) => new ServedDeribit(source),
  hyperliquid: (source) => new ServedHyperliquid(source),
};

/** Formats whose recordings can be served in the protocol of their venue. */
export const SERVED_FORMATS = Object.keys(SERVED) as readonly Format[];

/** How a recording is served: in the protocol of its venue, or in Tickpath's own. */
export const SERVE_PROTOCOLS = ['venue', 'tickpath'] as const;
export type ServeProtocol = (typeof SERVE_PROTOCOLS)[number];

/** Makes what serves a recording; `recorded`: what was discovered of it. */
export function servedProtocol(
  protocol: ServeProtocol,
  format: Format,
  recorded: RecordedSource | undefined,
): (source: ServedSource) => ServedVenue {
  if (protocol === 'venue') return servedFormat((recorded?.venue ?? format) as Format);
  const { createFeed } = recordedFormat(format, recorded);
  return (source) => new ServedTickpath(source, createFeed);
}

/** Makes the venue of a format; throws ERR_SERVE naming those there are. */
export function servedFormat(format: Format): (source: ServedSource) => ServedVenue {
  const create = SERVED[format];
  if (create === undefined)
    throw new TickpathError('ERR_SERVE', `format ${format} cannot be served; expected one of: ${SERVED_FORMATS.join(', ')}`, EXIT.USAGE);
  return create;
}
