import { MOLD_SESSIONS_MAX } from '../../../core/limits.ts';
import { BOOK_REASON } from '../../../core/records/market.ts';
import { ORDER_COUNTERS } from '../../counters.ts';
import type { Feed, FeedOptions } from '../../feed.ts';
import { newYorkMidnightS } from '../../new-york.ts';
import { FRAME_RECV_NS } from '../../publisher.hot.ts';
import {
  MOLD_BAD,
  MOLD_BLOCK_BYTES,
  MOLD_END_OF_SESSION,
  MOLD_HEADER_BYTES,
  MOLD_HEARTBEAT,
  moldPacket,
  moldU16,
} from '../../transport/mold.hot.ts';
import { M_SEEN, M_SKIPPED, MoldSequencer, OFFER } from '../../transport/mold-sequencer.hot.ts';
import { BASE_NS, BASE_S, MIDNIGHT_NS } from './books.hot.ts';
import { ORDER_COUNTER } from './counters.ts';
import { ItchMessages } from './messages.hot.ts';
import { ORIGIN } from './session.ts';
import { ITCH } from './status.ts';

const NONE = -1;
const DAY_NS = 86_400e9;
/** What one addition to a counter may be at most. */
const COUNT_MAX = 0x7fff_ffff;

/**
 * The feed stage for ITCH 5.0 in MoldUDP64 packets, one a frame, from a capture or a live transport. Integrity class A: numbers
 * are contiguous in a session. A packet seen before, whole or in part, is passed over, so two copies of a stream may be merged; a
 * number that is missing discards the session's books until its next day begins. A transport that fetches what is missing does so
 * before this stage, by the same rule (mold-sequencer.hot.ts).
 */
export class MoldItchFeed extends ItchMessages implements Feed {
  private readonly sequencers: readonly MoldSequencer[];
  private readonly sequence: Float64Array;
  private sessions: number;
  private hasMidnight: number;

  constructor(options: FeedOptions) {
    super(options, MOLD_SESSIONS_MAX, 1);
    this.sequencers = Array.from({ length: MOLD_SESSIONS_MAX }, () => new MoldSequencer(0));
    this.sequence = new Float64Array(1);
    this.sessions = 0;
    this.hasMidnight = 0;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.beginFrame(times);
    this.followDay();
    this.onPacket(bytes, start, end);
    this.endFrame();
  }

  protected override forgetSessions(): void {
    super.forgetSessions();
    this.sessions = 0;
  }

  private onPacket(bytes: Uint8Array, start: number, end: number): void {
    const count = moldPacket(bytes, start, end, this.sequence, 0);
    // A packet that cannot be read is not counted as received: the next one shows the gap, unless another copy came.
    if (count === MOLD_BAD) {
      this.countReject(ITCH.BAD_PACKET, NONE, bytes, start, end);
      return;
    }
    const session = this.sessionOf(bytes, start);
    if (session === NONE) {
      this.countReject(ITCH.TOO_MANY_SESSIONS, NONE, bytes, start, end);
      return;
    }
    const sequencer = this.sequencers[session]!;
    if (sequencer.offer(bytes, start, end, count, this.sequence, 0) === OFFER.AHEAD) {
      this.onGap(session, sequencer);
      sequencer.offer(bytes, start, end, count, this.sequence, 0);
    }
    if (count === MOLD_HEARTBEAT) this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.HEARTBEATS);
    else if (count === MOLD_END_OF_SESSION) this.onEnd(session);
    else this.onMessages(session, bytes, start, count, sequencer.numbers);
  }

  /** Hands on the messages of a packet but the first `numbers[M_SEEN]`, which came before. */
  private onMessages(session: number, bytes: Uint8Array, start: number, count: number, numbers: Float64Array): void {
    const seen = numbers[M_SEEN]!;
    if (seen > 0) this.counters.add(ORDER_COUNTERS + ORDER_COUNTER.SEEN_BEFORE, seen);
    let at = start + MOLD_HEADER_BYTES;
    for (let i = 0; i < count; i++) {
      const length = moldU16(bytes, at);
      const from = at + MOLD_BLOCK_BYTES;
      at = from + length;
      if (i < seen) continue;
      this.ids[0] = this.sequence[0]! + i;
      this.onMessage(session, bytes, from, at);
    }
  }

  private onGap(session: number, sequencer: MoldSequencer): void {
    sequencer.skipToOffered();
    const missed = sequencer.numbers[M_SKIPPED]!;
    this.counters.add(ORDER_COUNTERS + ORDER_COUNTER.MISSED, missed < COUNT_MAX ? missed : COUNT_MAX);
    // What was missed may have been of a stock that has not been named yet.
    this.origins[session] = ORIGIN.LATE;
    this.loseStocksOf(session, BOOK_REASON.SEQUENCE_GAP);
  }

  private onEnd(session: number): void {
    if (this.ended[session] === 1) return;
    this.counters.increment(ORDER_COUNTERS + ORDER_COUNTER.SESSIONS_ENDED);
    this.ended[session] = 1;
    this.closed[session] = 1;
    this.settleStocksOf(session);
  }

  /** Number of the packet's session, a new one when its name is new; NONE when there is no room. */
  private sessionOf(bytes: Uint8Array, start: number): number {
    for (let i = 0; i < this.sessions; i++) if (this.sequencers[i]!.isNamed(bytes, start)) return i;
    let session = this.sessions;
    if (session === MOLD_SESSIONS_MAX) session = this.endedSession();
    else this.sessions = session + 1;
    if (session === NONE) return NONE;
    this.releaseStocksOf(session);
    this.forgetSession(session);
    this.sequencers[session]!.begin(bytes, start, this.sequence, 0);
    return session;
  }

  private endedSession(): number {
    for (let i = 0; i < this.sessions; i++) if (this.ended[i] === 1) return i;
    return NONE;
  }

  /** Keeps the New York midnight that message times count from: that of the day packets are received on. */
  private followDay(): void {
    const numbers = this.numbers;
    const sinceNs = this.frame[FRAME_RECV_NS]! - numbers[MIDNIGHT_NS]!;
    if (this.hasMidnight === 1 && sinceNs >= 0 && sinceNs < DAY_NS) return;
    this.hasMidnight = 1;
    const epochS = numbers[BASE_S]! + Math.floor((numbers[BASE_NS]! + this.frame[FRAME_RECV_NS]!) / 1e9);
    numbers[MIDNIGHT_NS] = (newYorkMidnightS(epochS) - numbers[BASE_S]!) * 1e9 - numbers[BASE_NS]!;
  }
}
