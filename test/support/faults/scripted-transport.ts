import { CONNECTION, FRAME_TIMES, type FrameHandler, type Transport } from '../../../src/core/ports.ts';
import type { Prng } from '../../../src/core/prng.ts';
import type { SyntheticVenue, VenueMessage } from './venue.ts';

/** Time between two messages: a snapshot that was asked for and lost is asked for again within a few of them. */
const MESSAGE_NS = 700_000_000;
const ANSWER_MESSAGES_MAX = 4;

interface Answer {
  readonly message: VenueMessage | undefined;
  readonly instrument: number;
  readonly due: number;
}

/**
 * A transport that plays a synthetic venue: its messages one after another, without sockets or timers. A snapshot that is asked
 * for comes some messages later, taken when it was asked for or when it is sent. `sent[n - 1]`: message number n.
 */
export class ScriptedTransport implements Transport {
  readonly sent: VenueMessage[] = [];
  private readonly venue: SyntheticVenue;
  private readonly prng: Prng;
  readonly messages: number;
  private readonly askedBySocket: boolean;
  private readonly times = new Float64Array(FRAME_TIMES);
  private timeNs = 0;
  private queue: VenueMessage[] = [];
  private answers: Answer[] = [];

  /** `askedBySocket`: a snapshot is asked for by subscribing again, so it comes in order, and never on another connection. */
  constructor(venue: SyntheticVenue, prng: Prng, messages: number, askedBySocket: boolean) {
    this.venue = venue;
    this.prng = prng;
    this.messages = messages;
    this.askedBySocket = askedBySocket;
  }

  run(handler: FrameHandler): Promise<void> {
    handler.onConnection(CONNECTION.CONNECTING, 0);
    handler.onConnection(CONNECTION.CONNECTED, 0);
    this.queue = this.venue.begin();
    while (this.sent.length < this.messages) {
      const message = this.queue.shift() ?? this.dueAnswer() ?? this.venue.next();
      this.sent.push(message);
      this.timeNs += MESSAGE_NS;
      handler.onFrame(message.bytes, 0, message.bytes.length, this.times.fill(this.timeNs));
    }
    handler.onConnection(CONNECTION.DISCONNECTED, this.timeNs);
    handler.onConnection(CONNECTION.END, this.timeNs);
    return Promise.resolve();
  }

  stop(): void {}

  /** SnapshotPort. */
  request(instrument: number): void {
    const early = !this.askedBySocket && this.prng.nextInt(2) === 0;
    const message = early ? this.venue.answer(instrument) : undefined;
    this.answers.push({ message, instrument, due: this.sent.length + this.prng.nextInt(ANSWER_MESSAGES_MAX) });
  }

  /** The connection was made again. The answer to a request that is not part of it may still come, and belongs to the one before. */
  reconnect(): void {
    this.answers = this.askedBySocket || this.prng.nextInt(2) === 0 ? [] : this.answers.filter(({ message }) => message !== undefined);
    this.queue = this.venue.begin();
  }

  private dueAnswer(): VenueMessage | undefined {
    const at = this.answers.findIndex(({ due }) => due <= this.sent.length);
    if (at < 0) return undefined;
    const [{ message, instrument }] = this.answers.splice(at, 1) as [Answer];
    return message ?? this.venue.answer(instrument);
  }
}
