import type { Counters } from '../core/counters.ts';
import type { Instrument } from '../core/instrument.ts';
import type { FrameHandler } from '../core/ports.ts';
import type { RingProducer } from '../core/ring/spsc.hot.ts';
import type { Clock } from '../core/time.ts';
import type { AppliedListener } from './applied.ts';
import type { BookView } from './book/book-view.ts';
import type { RoomPort } from './publisher.hot.ts';
import type { RejectSamples } from './rejects.ts';

/** What every venue's feed stage shows; records go to the ring it was given. */
export interface Feed extends FrameHandler {
  readonly instruments: readonly Instrument[];
  readonly counters: Counters;
  readonly rejects: RejectSamples;
  /** Frames received so far. */
  readonly frames: number;
  book(instrument: number): BookView;
  /** BOOK_STATE of an instrument. */
  state(instrument: number): number;
  checkAge(nowNs: number, limitNs: number): void;
  /** Gives memory back that a later feed of this thread may use; the feed is not used any more. */
  release?(): void;
}

/** Asked for a snapshot of one instrument; a file has none to give, a live transport fetches one. */
export interface SnapshotPort {
  request(instrument: number): void;
}

export interface FeedOptions {
  readonly instruments: readonly Instrument[];
  /** True when the input holds further instruments: what names no instrument may be theirs. */
  readonly others?: boolean;
  readonly ring: RingProducer;
  readonly counters: Counters;
  readonly clock: Clock;
  /** Epoch time, ns, that receive times count from. */
  readonly baseEpochNs: bigint;
  /** Present: wait for room in a full ring (replay). Absent: drop the frame's records and discard its book (live). */
  readonly room?: RoomPort;
  readonly snapshots?: SnapshotPort;
  readonly listener?: AppliedListener;
  /** Levels a side of each book. */
  readonly bookLevelsMax?: number;
  /** Orders of each book kept order by order. */
  readonly bookOrdersMax?: number;
}
