import type { Instrument } from '../../../core/instrument.ts';
import { FRAME_BYTES_MAX } from '../../../core/limits.ts';
import type { WsTransportOptions } from '../../transport/ws.ts';
import { type BinanceEndpoints, snapshotFrame, snapshotUrl, streamUrl } from './endpoints.ts';

/** A snapshot that takes longer is given up and asked for again. */
const SNAPSHOT_TIMEOUT_MS = 10_000;

export interface BinanceLiveOptions {
  readonly venue: BinanceEndpoints;
  /** e.g. `wss://stream.binance.com:9443`, `wss://fstream.binance.com/public`, `wss://dstream.binance.com`. */
  readonly streamBase: string;
  /** e.g. `https://api.binance.com`, `https://fapi.binance.com`, `https://dapi.binance.com`. */
  readonly restBase: string;
  readonly instruments: readonly Instrument[];
  /** Key of the SBE streams. */
  readonly apiKey?: string;
}

/** What the websocket transport needs to know of a Binance venue. */
export function binanceConnection(options: BinanceLiveOptions): Pick<WsTransportOptions, 'url' | 'headers' | 'fetchSnapshot'> {
  const { venue, streamBase, restBase, instruments, apiKey } = options;
  const symbols = instruments.map((one) => one.symbol);
  return {
    url: streamUrl(venue, streamBase, symbols),
    ...(apiKey === undefined ? {} : { headers: { 'X-MBX-APIKEY': apiKey } }),
    fetchSnapshot: (instrument) => fetchSnapshot(snapshotUrl(venue, restBase, symbols[instrument]!), symbols[instrument]!),
  };
}

/** The snapshot as a frame that names its symbol; rejects with a reason that names the URL. */
async function fetchSnapshot(url: string, symbol: string): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(SNAPSHOT_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length > FRAME_BYTES_MAX) throw new Error(`${url}: ${body.length} bytes; expected at most ${FRAME_BYTES_MAX}`);
  return snapshotFrame(symbol, body);
}
