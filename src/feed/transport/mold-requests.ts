import { MOLD_REQUESTS_MAX } from '../../core/limits.ts';
import { backoffMs } from './backoff.ts';
import { MOLD_HEADER_BYTES, putMoldHeader } from './mold.hot.ts';
import { MOLD_COUNTER } from './mold-counters.ts';
import type { GapPort, MoldReceiver } from './mold-receiver.hot.ts';
import { M_EXPECTED } from './mold-sequencer.hot.ts';
import type { Timers } from './timers.ts';

export interface MoldGapOptions {
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Sends a request packet; absent: there is no request server. */
  readonly send?: (packet: Uint8Array) => void;
  /** The request server has the session from its first message on: what is missing is never given up. */
  readonly fromStart: boolean;
  /** How long missing messages may still come by themselves. */
  readonly gapWaitMs: number;
  readonly requestTimeoutMs: number;
  /** Rounds of requests without an answer before the server is taken for dead. */
  readonly requestAttemptsMax: number;
  /** Messages asked for in one request: as many as surely fit one datagram. */
  readonly requestMessagesMax: number;
  readonly onTrouble?: (text: string) => void;
}

const PHASE = { CLOSED: 0, WAITING: 1, ASKING: 2 } as const;

/**
 * Fetches what is missing in a MoldUDP64 session: waits a moment for another line, then asks for the missing ranges, several
 * packets at a time, until all have come. When nobody answers it gives up or, where the server has the whole session, keeps
 * asking with full jitter: the books go on from where they stopped. From the first request on the handler knows that books are
 * behind.
 */
export class MoldGapFiller implements GapPort {
  private readonly receiver: MoldReceiver;
  private readonly options: MoldGapOptions;
  private readonly ranges = new Float64Array(2 * MOLD_REQUESTS_MAX);
  private readonly numbers = new Float64Array(1);
  private phase: number = PHASE.CLOSED;
  private cancel: (() => void) | undefined;
  /** Rounds without progress. */
  private attempts = 0;
  /** Of the round at hand: number that was expected, number after the last one asked for, requests sent and answered. */
  private askedAt = 0;
  private askedTo = 0;
  private sent = 0;
  private answers = 0;

  constructor(receiver: MoldReceiver, options: MoldGapOptions) {
    this.receiver = receiver;
    this.options = options;
  }

  opened(joining: boolean): void {
    const waitMs = this.options.gapWaitMs;
    if (joining || waitMs === 0) this.ask();
    else {
      this.phase = PHASE.WAITING;
      this.arm(waitMs, () => this.ask());
    }
  }

  advanced(answered: boolean): void {
    if (this.phase !== PHASE.ASKING) return;
    if (answered) this.answers++;
    const expected = this.expected();
    if (expected === this.askedAt || (expected < this.askedTo && this.answers < this.sent)) return;
    this.attempts = 0;
    this.round();
  }

  closed(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.phase = PHASE.CLOSED;
    this.attempts = 0;
  }

  private expected(): number {
    return this.receiver.sequencer.numbers[M_EXPECTED]!;
  }

  private arm(ms: number, callback: () => void): void {
    this.cancel?.();
    this.cancel = this.options.timers.after(ms, callback);
  }

  private ask(): void {
    if (this.options.send === undefined) {
      this.giveUp('there is no request server');
      return;
    }
    this.phase = PHASE.ASKING;
    this.receiver.showBehind();
    this.round();
  }

  /** Asks for the first missing ranges, in as many requests as may be sent together. */
  private round(): void {
    const { ranges, options } = this;
    const found = this.receiver.sequencer.missing(ranges, MOLD_REQUESTS_MAX);
    this.askedAt = this.expected();
    this.sent = 0;
    this.answers = 0;
    for (let i = 0; i < found; i++) {
      const to = ranges[2 * i + 1]!;
      for (let from = ranges[2 * i]!; from < to && this.sent < MOLD_REQUESTS_MAX; from += options.requestMessagesMax)
        this.request(from, Math.min(to - from, options.requestMessagesMax));
    }
    this.arm(options.requestTimeoutMs, () => this.onTimeout());
  }

  private request(from: number, count: number): void {
    const { counters, sequencer } = this.receiver;
    // A packet of its own for each: the socket reads it later.
    const packet = new Uint8Array(MOLD_HEADER_BYTES);
    this.numbers[0] = from;
    putMoldHeader(sequencer.session, this.numbers, 0, count, packet, 0);
    counters.increment(MOLD_COUNTER.REQUESTS);
    counters.add(MOLD_COUNTER.REQUESTED, count);
    this.askedTo = from + count;
    this.sent++;
    this.options.send!(packet);
  }

  private onTimeout(): void {
    const { fromStart, requestAttemptsMax, random } = this.options;
    if (this.expected() > this.askedAt) this.attempts = 0;
    else {
      this.attempts++;
      this.receiver.counters.increment(MOLD_COUNTER.UNANSWERED);
    }
    if (this.attempts < requestAttemptsMax) this.round();
    else if (!fromStart) this.giveUp(`no answer to ${this.attempts} requests`);
    else {
      if (this.attempts === requestAttemptsMax) this.trouble(`no answer to ${this.attempts} requests; books stay GAP until there is one`);
      this.arm(backoffMs(this.attempts - requestAttemptsMax + 1, random), () => this.round());
    }
  }

  private giveUp(why: string): void {
    this.trouble(`${why}; books of the session are discarded`);
    this.receiver.giveUp();
  }

  private trouble(why: string): void {
    const found = this.receiver.sequencer.missing(this.ranges, 1);
    if (found > 0) this.options.onTrouble?.(`messages from ${this.ranges[0]} to before ${this.ranges[1]} are missing: ${why}`);
  }
}
