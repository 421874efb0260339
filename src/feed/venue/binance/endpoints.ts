/** URLs of one venue of Binance below its bases, and what the feed asks for there. */
export interface BinanceEndpoints {
  /** Streams of one symbol that the feed reads. */
  readonly streams: readonly string[];
  /** Path of the REST depth snapshot. */
  readonly depthPath: string;
  /** Levels a side asked for, the most that the venue gives. */
  readonly depthLevels: number;
  /** Snapshots asked for in a minute: four fifths of what the weight limit of an address allows (futures 2,400 at 20, spot 6,000 at 250). 0: none is. */
  readonly depthPerMinute: number;
}

export const USDM_ENDPOINTS: BinanceEndpoints = {
  streams: ['depth@100ms', 'bookTicker', 'trade'],
  depthPath: '/fapi/v1/depth',
  depthLevels: 1_000,
  depthPerMinute: 96,
};
export const COINM_ENDPOINTS: BinanceEndpoints = { ...USDM_ENDPOINTS, depthPath: '/dapi/v1/depth' };
export const SPOT_ENDPOINTS: BinanceEndpoints = {
  ...USDM_ENDPOINTS,
  depthPath: '/api/v3/depth',
  depthLevels: 5_000,
  depthPerMinute: 19,
};
/** Spot's 20 best levels, whole in every message: no snapshot is asked for. */
export const SPOT_PARTIAL_ENDPOINTS: BinanceEndpoints = {
  ...SPOT_ENDPOINTS,
  streams: ['depth20@100ms', 'bookTicker', 'trade'],
  depthPerMinute: 0,
};

/** Binary streams; they need an API key. Snapshots are asked for as JSON. */
export const SPOT_SBE_ENDPOINTS: BinanceEndpoints = { ...SPOT_ENDPOINTS, streams: ['depth', 'bestBidAsk', 'trade'] };
export const SPOT_SBE_PARTIAL_ENDPOINTS: BinanceEndpoints = {
  ...SPOT_PARTIAL_ENDPOINTS,
  streams: ['depth20', 'bestBidAsk', 'trade'],
};

/** Names of the streams of `symbols`, e.g. `btcusdt@depth@100ms`. */
export function streamNames(venue: BinanceEndpoints, symbols: readonly string[]): string[] {
  return symbols.flatMap((symbol) => venue.streams.map((stream) => `${symbol.toLowerCase()}@${stream}`));
}

/** URL of a combined stream below `base`, e.g. `wss://host/public/stream?streams=btcusdt@depth@100ms/btcusdt@trade`. */
export function streamUrl(venue: BinanceEndpoints, base: string, symbols: readonly string[]): string {
  return `${withoutSlash(base)}/stream?streams=${streamNames(venue, symbols).join('/')}`;
}

/** Request to subscribe on an open connection; answered with `{"result":null,"id":1}`. */
export function subscribeRequest(venue: BinanceEndpoints, symbols: readonly string[], id = 1): string {
  return JSON.stringify({ method: 'SUBSCRIBE', params: streamNames(venue, symbols), id });
}

/** URL of a REST depth snapshot below `base`. */
export function snapshotUrl(venue: BinanceEndpoints, base: string, symbol: string): string {
  return `${withoutSlash(base)}${venue.depthPath}?symbol=${symbol}&limit=${venue.depthLevels}`;
}

/** A snapshot body as a frame that names its symbol: the combined-stream wrapper around the bytes as received. */
export function snapshotFrame(symbol: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`{"stream":"${symbol.toLowerCase()}@depthSnapshot","data":`);
  const frame = new Uint8Array(head.length + body.length + 1);
  frame.set(head);
  frame.set(body, head.length);
  frame[frame.length - 1] = 0x7d;
  return frame;
}

function withoutSlash(base: string): string {
  return base.replace(/\/$/, '');
}
