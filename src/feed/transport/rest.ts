import { FRAME_BYTES_MAX } from '../../core/limits.ts';

/** A request that takes longer is given up and made again. */
const TIMEOUT_MS = 10_000;
/** Statuses of a venue that wants to be left alone, and for how long where it does not say (Binance: bans last from 2 minutes). */
const DEFAULT_WAIT_MS: Readonly<Record<number, number>> = { 403: 600_000, 418: 120_000, 429: 60_000 };
/** A venue that asks for a longer wait is asked again after this. */
const WAIT_MS_MAX = 3 * 86_400_000;

/** A venue refused a request and says, or its status implies, when to ask again. */
export class RestRefusal extends Error {
  /** Nothing may be asked of the venue before this long from now. */
  readonly waitMs: number;

  constructor(message: string, waitMs: number) {
    super(message);
    this.name = 'RestRefusal';
    this.waitMs = waitMs;
  }
}

/** The body of a GET request. Rejects with a reason that names the URL; RestRefusal where the venue wants time. */
export async function fetchBody(url: string, signal: AbortSignal, bytesMax = FRAME_BYTES_MAX): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  if (!response.ok) {
    await response.body?.cancel();
    const waitMs = refusalMs(response.status, response.headers);
    const message = `${url}: status ${response.status}`;
    throw waitMs === undefined ? new Error(message) : new RestRefusal(`${message}, asked to wait ${waitMs} ms`, waitMs);
  }
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length > bytesMax) throw new Error(`${url}: ${body.length} bytes; expected at most ${bytesMax}`);
  return body;
}

/** `Retry-After` in seconds or as a date, which is compared with the venue's own `Date`; else what the status implies. */
function refusalMs(status: number, headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(WAIT_MS_MAX, Math.trunc(+text) * 1_000);
  const untilMs = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  if (Number.isFinite(untilMs)) return Math.min(WAIT_MS_MAX, Math.max(0, untilMs));
  return DEFAULT_WAIT_MS[status];
}
