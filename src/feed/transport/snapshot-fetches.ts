import type { Clock } from '../../core/time.ts';
import { backoffMs } from './backoff.ts';
import type { ClientMessage, VenueConnection } from './connection.ts';
import { RateBudget } from './rate-budget.ts';
import { RestRefusal } from './rest.ts';
import type { Timers } from './timers.ts';

/** An instrument whose snapshots were not asked for so long begins with no delay again. */
const CALM_MS = 10_000;

export interface SnapshotFetchesOptions {
  readonly venue: VenueConnection;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  /** Takes a snapshot that was fetched for an instrument. */
  readonly deliver: (frame: Uint8Array, instrument: number) => void;
  /** Sends the messages that make the venue send a snapshot. */
  readonly send: (messages: readonly ClientMessage[]) => void;
  readonly onTrouble: (text: string) => void;
}

interface Asking {
  /** Requests in a row, and when the last one was made. */
  attempts: number;
  askedNs: number;
  /** Cancels what is under way; undefined when nothing is. */
  cancel: (() => void) | undefined;
}

/**
 * Snapshots that books ask for: fetched by request, or by messages that make the venue send them. A repeated request waits
 * with growing, jittered delay, within the venue's budget; a venue that wants time (`RestRefusal`) gets it for all instruments.
 */
export class SnapshotFetches {
  private readonly options: SnapshotFetchesOptions;
  private readonly budget: RateBudget | undefined;
  private asking = new Map<number, Asking>();
  private notBeforeNs = 0;

  constructor(options: SnapshotFetchesOptions) {
    this.options = options;
    const { requests } = options.venue;
    this.budget = requests === undefined ? undefined : new RateBudget(requests);
  }

  request(instrument: number): void {
    const { clock, timers, random, venue } = this.options;
    if (venue.fetchSnapshot === undefined && venue.resubscribe === undefined) return;
    const nowNs = clock.nowNs();
    let one = this.asking.get(instrument);
    if (one?.cancel !== undefined) return;
    if (one === undefined || nowNs - one.askedNs > CALM_MS * 1e6) one = { attempts: 0, askedNs: nowNs, cancel: undefined };
    this.asking.set(instrument, one);
    const asked = one;
    const delayMs = asked.attempts === 0 ? 0 : backoffMs(asked.attempts, random);
    asked.attempts++;
    asked.cancel = timers.after(Math.max(delayMs, (this.notBeforeNs - nowNs) / 1e6), () => this.ask(instrument, asked));
  }

  /** The connection is a new one: what is under way belongs to the old one. */
  forget(): void {
    for (const { cancel } of this.asking.values()) cancel?.();
    this.asking = new Map();
  }

  private ask(instrument: number, one: Asking): void {
    const { clock, timers, venue } = this.options;
    const nowNs = clock.nowNs();
    const waitMs = Math.max(this.budget?.waitMs(nowNs) ?? 0, (this.notBeforeNs - nowNs) / 1e6);
    if (waitMs > 0) {
      one.cancel = timers.after(waitMs, () => this.ask(instrument, one));
      return;
    }
    this.budget?.take(nowNs);
    one.askedNs = nowNs;
    one.cancel = undefined;
    if (venue.fetchSnapshot !== undefined) this.fetch(venue.fetchSnapshot, instrument, one);
    else this.options.send(venue.resubscribe!(instrument));
  }

  private fetch(fetchSnapshot: NonNullable<VenueConnection['fetchSnapshot']>, instrument: number, one: Asking): void {
    const abort = new AbortController();
    one.cancel = () => abort.abort();
    fetchSnapshot(instrument, abort.signal).then(
      (frame) => {
        if (abort.signal.aborted) return;
        one.cancel = undefined;
        this.options.deliver(frame, instrument);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        one.cancel = undefined;
        if (error instanceof RestRefusal) this.notBeforeNs = this.options.clock.nowNs() + error.waitMs * 1e6;
        this.options.onTrouble(`snapshot of instrument ${instrument}: ${error instanceof Error ? error.message : String(error)}`);
        this.request(instrument);
      },
    );
  }
}
