import type { Counters } from '../../core/counters.ts';
import { MOLD_HELD_PACKETS_MAX } from '../../core/limits.ts';
import { CONNECTION, FRAME_TIME, FRAME_TIMES, type FrameHandler } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import {
  MOLD_BAD,
  MOLD_END_OF_SESSION,
  MOLD_HEADER_BYTES,
  MOLD_HEARTBEAT,
  MOLD_SESSION_BYTES,
  moldPacket,
  putMoldHeader,
} from './mold.hot.ts';
import { MOLD_COUNTER } from './mold-counters.ts';
import { M_EXPECTED, M_KNOWN, M_SEEN, M_SKIPPED, MoldSequencer, OFFER } from './mold-sequencer.hot.ts';

/** What one addition to a counter may be at most. */
const COUNT_MAX = 0x7fff_ffff;

/** Does something about missing messages: MoldGapFiller. */
export interface GapPort {
  /** Messages are missing; `joining`: those before the first packet of all. */
  opened(joining: boolean): void;
  /** Another packet came and messages are still missing; `answered`: it answers a request. */
  advanced(answered: boolean): void;
  /** None is missing any more. */
  closed(): void;
}

export interface MoldReceiverOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Name of the session to follow; default: the first that is heard, and after its end the next. */
  readonly session?: string;
  /** Begin with number 1 of the first session, wherever its first packet stands. */
  readonly fromStart: boolean;
  /** Another session is followed when nothing came of the current one for so long, though it did not end. */
  readonly sessionSilenceMs: number;
  readonly heldPackets?: number;
}

/**
 * Datagrams of all lines and of the request server in, packets in order out, as frames. Follows one session at a time, and says
 * when what it hands over is not the present. Allocates nothing per packet.
 */
export class MoldReceiver {
  readonly sequencer: MoldSequencer;
  readonly counters: Counters;
  private readonly clock: Clock;
  /** All three times of a frame are one reading: of the datagram that made it come next. */
  private readonly times: Float64Array;
  private readonly sequence: Float64Array;
  /** `[0]`: when the last packet of the session came. */
  private readonly lastNs: Float64Array;
  private readonly heartbeat: Uint8Array;
  private readonly only: Uint8Array;
  private readonly fromStart: boolean;
  private readonly sessionSilenceNs: number;
  private handler: FrameHandler | undefined;
  private gaps: GapPort | undefined;
  /** 1 once a session is followed, and 1 until its first packet was judged. */
  private following: number;
  private joining: number;
  /** 1 after the end of the session was handed over. */
  private ended: number;
  /** 1 while messages are missing, and 1 while the handler was told so. */
  private open: number;
  private told: number;

  constructor(options: MoldReceiverOptions) {
    this.sequencer = new MoldSequencer(options.heldPackets ?? MOLD_HELD_PACKETS_MAX);
    this.counters = options.counters;
    this.clock = options.clock;
    this.times = new Float64Array(FRAME_TIMES);
    this.sequence = new Float64Array(1);
    this.lastNs = new Float64Array(1);
    this.heartbeat = new Uint8Array(MOLD_HEADER_BYTES);
    this.only = new TextEncoder().encode(options.session?.padEnd(MOLD_SESSION_BYTES) ?? '');
    this.fromStart = options.fromStart;
    this.sessionSilenceNs = options.sessionSilenceMs * 1e6;
    this.handler = undefined;
    this.gaps = undefined;
    this.following = 0;
    this.joining = 0;
    this.ended = 0;
    this.open = 0;
    this.told = 0;
  }

  begin(handler: FrameHandler, gaps: GapPort): void {
    this.handler = handler;
    this.gaps = gaps;
  }

  /** Nothing more is handed over. */
  stop(): void {
    this.handler = undefined;
    this.gaps?.closed();
  }

  /** A datagram; `answered`: it came from the request server. */
  onPacket(bytes: Uint8Array, start: number, end: number, answered: boolean): void {
    const { counters, sequence, sequencer } = this;
    this.stamp();
    counters.increment(MOLD_COUNTER.PACKETS);
    const count = moldPacket(bytes, start, end, sequence, 0);
    if (count === MOLD_BAD) {
      counters.increment(MOLD_COUNTER.BAD);
      return;
    }
    if ((this.following === 0 || !sequencer.isNamed(bytes, start)) && !this.follow(bytes, start)) {
      counters.increment(MOLD_COUNTER.OTHER_SESSION);
      return;
    }
    this.lastNs[0] = this.times[FRAME_TIME.RECV_NS]!;
    const messages = count === MOLD_END_OF_SESSION ? MOLD_HEARTBEAT : count;
    const offer = sequencer.offer(bytes, start, end, count, sequence, 0);
    if (offer === OFFER.IN_ORDER) {
      if (answered) counters.add(MOLD_COUNTER.RECOVERED, messages - sequencer.numbers[M_SEEN]!);
      if (count === MOLD_END_OF_SESSION) this.ended = 1;
      this.handOver(bytes, start, end);
      this.handOverHeld();
    } else if (offer === OFFER.HELD) {
      counters.increment(MOLD_COUNTER.HELD);
      if (answered) counters.add(MOLD_COUNTER.RECOVERED, messages);
    } else if (messages > 0) counters.increment(offer === OFFER.SEEN ? MOLD_COUNTER.DUPLICATES : MOLD_COUNTER.DROPPED);
    this.judge(answered);
  }

  /** Tells the handler that messages are missing: what it was given is not the present. */
  showBehind(): void {
    if (this.told === 1) return;
    this.told = 1;
    this.stamp();
    this.handler?.onConnection(CONNECTION.BEHIND, this.times[FRAME_TIME.RECV_NS]!);
  }

  /** Gives up every message that is missing now. The handler sees it in the numbers of what follows. */
  giveUp(): void {
    this.stamp();
    while (this.sequencer.isBehind()) {
      this.sequencer.giveUpGap();
      this.count(MOLD_COUNTER.UNRECOVERABLE, this.sequencer.numbers, M_SKIPPED);
      this.handOverHeld();
    }
    putMoldHeader(this.sequencer.session, this.sequencer.numbers, M_EXPECTED, MOLD_HEARTBEAT, this.heartbeat, 0);
    this.handOver(this.heartbeat, 0, MOLD_HEADER_BYTES);
    this.judge(false);
  }

  /** Empties the books and begins the session anew with number 1: everything is asked for again. */
  rewind(): void {
    if (this.following === 0) return;
    this.stamp();
    this.forget();
    const { sequence, sequencer, heartbeat } = this;
    putMoldHeader(sequencer.session, sequencer.numbers, M_KNOWN, MOLD_HEARTBEAT, heartbeat, 0);
    sequence[0] = 1;
    sequencer.begin(heartbeat, 0, sequence, 0);
    moldPacket(heartbeat, 0, MOLD_HEADER_BYTES, sequence, 0);
    sequencer.offer(heartbeat, 0, MOLD_HEADER_BYTES, MOLD_HEARTBEAT, sequence, 0);
    this.joining = 1;
    this.judge(false);
  }

  private stamp(): void {
    const times = this.times;
    times[FRAME_TIME.RECV_NS] = this.clock.nowNs();
    times[FRAME_TIME.T0_NS] = times[FRAME_TIME.RECV_NS]!;
    times[FRAME_TIME.HANDED_NS] = times[FRAME_TIME.RECV_NS]!;
  }

  /** Takes up the session of the packet at hand, if nothing speaks against it. */
  private follow(bytes: Uint8Array, start: number): boolean {
    for (let i = 0; i < this.only.length; i++) if (this.only[i]! !== bytes[start + i]!) return false;
    if (this.following === 1 && this.ended === 0) {
      if (this.times[FRAME_TIME.RECV_NS]! - this.lastNs[0]! < this.sessionSilenceNs) return false;
      this.sequencer.numbers[M_SKIPPED] = this.sequencer.numbers[M_KNOWN]! - this.sequencer.numbers[M_EXPECTED]!;
      this.count(MOLD_COUNTER.UNRECOVERABLE, this.sequencer.numbers, M_SKIPPED);
      // The handler does not know that the session is over.
      this.forget();
    }
    this.counters.increment(MOLD_COUNTER.SESSIONS);
    const first = this.sequence[0]!;
    // A session that follows on another was heard from its first packet on, unless that was lost.
    if (this.fromStart || this.following === 1) this.sequence[0] = 1;
    this.sequencer.begin(bytes, start, this.sequence, 0);
    this.sequence[0] = first;
    this.following = 1;
    this.joining = 1;
    this.ended = 0;
    return true;
  }

  /** Nothing of the session that is followed counts any more. */
  private forget(): void {
    if (this.open === 1) this.gaps!.closed();
    this.open = 0;
    this.told = 0;
    this.ended = 0;
    this.handler?.onConnection(CONNECTION.DISCONNECTED, this.times[FRAME_TIME.RECV_NS]!);
    this.handler?.onConnection(CONNECTION.CONNECTED, this.times[FRAME_TIME.RECV_NS]!);
  }

  private handOver(bytes: Uint8Array, start: number, end: number): void {
    this.handler?.onFrame(bytes, start, end, this.times);
  }

  /** Hands over the held packets that come next, and the end of the session when nothing is left before it. */
  private handOverHeld(): void {
    const sequencer = this.sequencer;
    for (let place = sequencer.take(); place >= 0; place = sequencer.take())
      this.handOver(sequencer.held, sequencer.startOf(place), sequencer.endOf(place));
    if (this.ended === 1 || !sequencer.isEnded()) return;
    this.ended = 1;
    this.handOver(sequencer.endPacket, 0, MOLD_HEADER_BYTES);
  }

  /** Whether messages are missing now, and who is to know. */
  private judge(answered: boolean): void {
    const joining = this.joining === 1;
    this.joining = 0;
    if (this.sequencer.isBehind()) {
      if (this.open === 1) {
        this.gaps!.advanced(answered);
        return;
      }
      this.open = 1;
      this.counters.increment(MOLD_COUNTER.GAPS);
      this.gaps!.opened(joining);
    } else if (this.open === 1) {
      this.open = 0;
      this.gaps!.closed();
      if (this.told === 0) return;
      this.told = 0;
      this.handler?.onConnection(CONNECTION.CAUGHT_UP, this.times[FRAME_TIME.RECV_NS]!);
    }
  }

  private count(counter: number, numbers: Float64Array, slot: number): void {
    const messages = numbers[slot]!;
    if (messages > 0) this.counters.add(counter, messages < COUNT_MAX ? messages : COUNT_MAX);
  }
}
