/** Streams of one symbol that the feed reads. */
export const USDM_STREAMS = ['depth@100ms', 'bookTicker', 'trade'] as const;

/** URL of a combined stream below `base`, e.g. `wss://host/public/stream?streams=btcusdt@depth@100ms/btcusdt@trade`. */
export function usdmStreamUrl(base: string, symbols: readonly string[], streams: readonly string[] = USDM_STREAMS): string {
  const names = symbols.flatMap((symbol) => streams.map((stream) => `${symbol.toLowerCase()}@${stream}`));
  return `${base.replace(/\/$/, '')}/stream?streams=${names.join('/')}`;
}

/** URL of a REST depth snapshot below `base`. */
export function usdmSnapshotUrl(base: string, symbol: string, levels = 1_000): string {
  return `${base.replace(/\/$/, '')}/fapi/v1/depth?symbol=${symbol}&limit=${levels}`;
}

/** A snapshot body as a frame that names its symbol: the combined-stream wrapper around the bytes as received. */
export function usdmSnapshotFrame(symbol: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`{"stream":"${symbol.toLowerCase()}@depthSnapshot","data":`);
  const frame = new Uint8Array(head.length + body.length + 1);
  frame.set(head);
  frame.set(body, head.length);
  frame[frame.length - 1] = 0x7d;
  return frame;
}
