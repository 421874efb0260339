import type { Clock } from '../../core/time.ts';
import type { ClientMessage } from './connection.ts';
import { RateBudget, type RateLimit } from './rate-budget.ts';
import type { Timers } from './timers.ts';

/** Messages to a venue in order, as fast as its limit allows. */
export class Outbox {
  private readonly clock: Clock;
  private readonly timers: Timers;
  private readonly send: (message: ClientMessage) => void;
  private readonly budget: RateBudget | undefined;
  private readonly waiting: ClientMessage[] = [];
  private cancel: (() => void) | undefined;

  constructor(clock: Clock, timers: Timers, limit: RateLimit | undefined, send: (message: ClientMessage) => void) {
    this.clock = clock;
    this.timers = timers;
    this.send = send;
    this.budget = limit === undefined ? undefined : new RateBudget(limit);
  }

  post(messages: readonly ClientMessage[]): void {
    this.waiting.push(...messages);
    if (this.cancel === undefined) this.pump();
  }

  /** A new connection: what was not sent is not to be sent, and the venue counts anew. */
  begin(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.waiting.length = 0;
    this.budget?.reset();
  }

  private pump(): void {
    this.cancel = undefined;
    while (this.waiting.length > 0) {
      const nowNs = this.clock.nowNs();
      const waitMs = this.budget?.waitMs(nowNs) ?? 0;
      if (waitMs > 0) {
        this.cancel = this.timers.after(waitMs, () => this.pump());
        return;
      }
      this.budget?.take(nowNs);
      this.send(this.waiting.shift()!);
    }
  }
}
