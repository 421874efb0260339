import { EXIT, TickpathError } from '../core/errors.ts';
import { BOOK_STATE } from '../core/records/market.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { chooseLive, type LivePorts, type LiveSettings, type LiveVenue } from './live.ts';
import type { VenueConnection } from './transport/connection.ts';
import type { RateBudget } from './transport/rate-budget.ts';
import { WsTransport, type WsTransportOptions } from './transport/ws.ts';
import { coinmLive, sbeLive, spotLive, spotPartialLive, usdmLive } from './venue/binance/live-venues.ts';
import { bybitLive } from './venue/bybit/live.ts';
import { coinbaseAdvancedLive, coinbaseLive } from './venue/coinbase/live.ts';
import { coinbaseFullLive } from './venue/coinbase-full/live.ts';
import { deribitLive } from './venue/deribit/live.ts';
import { hyperliquidLive } from './venue/hyperliquid/live.ts';
import { krakenLive } from './venue/kraken/live.ts';
import { okxLive } from './venue/okx/live.ts';
import { tickpathLive } from './venue/tickpath/live.ts';

/** Venues that this build connects to, named as the formats that record them. */
export const LIVE_VENUES = [
  'binance-usdm',
  'binance-coinm',
  'binance-spot',
  'binance-spot-partial',
  'binance-spot-sbe',
  'coinbase',
  'coinbase-advanced',
  'coinbase-full',
  'kraken',
  'okx',
  'bybit',
  'deribit',
  'hyperliquid',
  'tickpath',
] as const;
export type LiveName = (typeof LIVE_VENUES)[number];

const LIVE: Readonly<Record<LiveName, LiveVenue>> = {
  'binance-usdm': usdmLive,
  'binance-coinm': coinmLive,
  'binance-spot': spotLive,
  'binance-spot-partial': spotPartialLive,
  'binance-spot-sbe': sbeLive,
  coinbase: coinbaseLive,
  'coinbase-advanced': coinbaseAdvancedLive,
  'coinbase-full': coinbaseFullLive,
  kraken: krakenLive,
  okx: okxLive,
  bybit: bybitLive,
  deribit: deribitLive,
  hyperliquid: hyperliquidLive,
  tickpath: tickpathLive,
};

export function liveVenue(name: LiveName): LiveVenue {
  return LIVE[name];
}

/** `text` as a live venue; throws ERR_LIVE naming those there are. */
export function liveNameFromText(text: string): LiveName {
  const name = LIVE_VENUES.find((one) => one === text);
  if (name === undefined)
    throw new TickpathError('ERR_LIVE', `unknown live venue "${text}"; expected one of: ${LIVE_VENUES.join(', ')}`, EXIT.USAGE);
  return name;
}

/** What the user of a connection adds to its settings. */
export interface LiveUse extends Pick<WsTransportOptions, 'isLive' | 'onWatch'> {
  /** Attempts that connections to one venue share. */
  readonly attempts?: RateBudget;
}

/**
 * A connection to a venue that hands over its frames as received. It is a SnapshotPort too: frames of snapshots that are asked
 * for come among the others. Throws ERR_LIVE when the settings are not what the venue offers.
 */
export function openLive(name: LiveName, settings: LiveSettings, ports: LivePorts, use: LiveUse = {}): WsTransport {
  const venue = LIVE[name];
  const choice = chooseLive(name, venue, settings);
  const { clock, timers, random, onTrouble } = ports;
  const connection = venue.connection(choice, ports);
  checkSigning(name, connection);
  return new WsTransport({
    ...connection,
    clock,
    timers,
    random,
    silenceMs: choice.silenceMs,
    ...use,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}

/** Signs once in advance: a key that cannot sign is an error of the settings, not of the first connection. */
function checkSigning(name: LiveName, { greetings }: VenueConnection): void {
  if (typeof greetings !== 'function') return;
  try {
    greetings();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TickpathError('ERR_LIVE', `live ${name}: keys.secret cannot sign (${reason}): expected it as the venue gives it`, EXIT.USAGE);
  }
}

/**
 * A connection and the feed that keeps its books: the feed asks the connection for snapshots, and the connection's watch makes
 * books STALE that get no events although the connection is alive. `transport.run(feed)` starts both.
 */
export function openLiveFeed(
  name: LiveName,
  settings: LiveSettings,
  ports: LivePorts,
  options: Omit<FeedOptions, 'instruments' | 'snapshots' | 'clock'>,
  attempts?: RateBudget,
): { readonly transport: WsTransport; readonly feed: Feed } {
  const { instruments } = settings;
  const choice = chooseLive(name, LIVE[name], settings);
  const transport = openLive(name, settings, ports, {
    isLive: () => instruments.every(({ id }) => feed.state(id) === BOOK_STATE.LIVE),
    onWatch: (nowNs) => feed.checkAge(nowNs, choice.bookAgeMs * 1e6),
    ...(attempts === undefined ? {} : { attempts }),
  });
  const feed = LIVE[name].createFeed({ ...options, instruments, clock: ports.clock, snapshots: transport }, choice);
  return { transport, feed };
}
