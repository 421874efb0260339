import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { NaiveBook } from './naive-book.ts';
import type { Level } from './naive-fields.ts';

/** A message of a book as a rule sees it. */
export interface SyncMessage {
  readonly kind: 'depth' | 'snapshot';
  readonly instrument: number;
  /** First, last and previous number, as far as the venue has them; 0 else. */
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  /** A number that grows across books, and the venue's time in ms; 0 where there is none. */
  readonly sequence: number;
  readonly timeMs: number;
  /** Absent, or null, when the message has none. */
  readonly checksum?: number | null;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What a naive decoder says of one message of a frame; `untaken`: refused or for no book, it does not say which. */
export type SyncResult = SyncMessage | 'ticker' | 'trade' | 'other' | 'refused' | 'untaken';

/**
 * How a venue's messages follow one another, as its documentation says it. `last` is the message a live book stands on: the
 * last one applied or the snapshot.
 */
export interface NaiveRule {
  /** Where a snapshot comes from: a request elsewhere, the stream, or every message is one. */
  readonly snapshot: 'asked' | 'stream' | 'every';
  /** Levels a side that the venue keeps. */
  readonly depth?: number;
  follows(message: SyncMessage, last: SyncMessage): 'next' | 'old' | 'gap';
  /** Whether a snapshot that was asked for holds this message, and whether it may be the first one after it. */
  held?(message: SyncMessage, snapshot: SyncMessage): boolean;
  joins?(message: SyncMessage, snapshot: SyncMessage): boolean;
  /** Whether the venue's numbers begin anew with this message: none before it compares with one after it. */
  beginsAnew?(message: SyncMessage): boolean;
  /** Whether a snapshot is older than what the book has been through on this connection. */
  isStale?(snapshot: SyncMessage, newest: SyncMessage): boolean;
  /** The checksum of a book, where the venue sends one. */
  checksum?(instrument: number, bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): number;
}

export interface NaiveSyncCounts {
  synced: number;
  gaps: number;
  stale: number;
  applied: number;
  old: number;
}

interface Buffered<Tag> {
  readonly message: SyncMessage;
  readonly tag: Tag;
}

/** Told what a book is made of: `begin` by a snapshot, then one `apply` a message. */
export interface SyncTrail<Tag> {
  begin(instrument: number, tag: Tag): void;
  apply(instrument: number, tag: Tag): void;
}

/**
 * The obvious keeper of one book: a list as buffer, maps as book, no cleverness. The states are those of the integrity rules: GAP
 * when a message is missing or a snapshot cannot be used, STALE when a whole message leaves a crossed book or a wrong checksum.
 */
export class NaiveSync<Tag> {
  state: number = BOOK_STATE.DISCONNECTED;
  readonly book = new NaiveBook();
  private readonly instrument: number;
  private readonly rule: NaiveRule;
  private readonly counts: NaiveSyncCounts;
  private readonly trail: SyncTrail<Tag>;
  private buffer: Buffered<Tag>[] = [];
  /** What the book stands on, and the newest message applied on this connection. */
  private last: SyncMessage | undefined;
  private newest: SyncMessage | undefined;
  /** A snapshot was passed over as older than `newest` while the book was not LIVE. */
  private doubted = false;
  /** Venue time at which the numbers last began anew. */
  private anewMs = 0;

  constructor(instrument: number, rule: NaiveRule, counts: NaiveSyncCounts, trail: SyncTrail<Tag>) {
    this.instrument = instrument;
    this.rule = rule;
    this.counts = counts;
    this.trail = trail;
  }

  /** The connection came to be in `state`: nothing is known of any book. */
  connection(state: number): void {
    this.newest = undefined;
    this.anewMs = 0;
    this.doubted = false;
    this.lose(state);
  }

  /** What is held is given up, and what was buffered unless it is kept. */
  lose(state: number, keepsBuffer = false): void {
    this.move(state);
    this.book.clear();
    if (!keepsBuffer) this.buffer = [];
    this.last = undefined;
  }

  /** `message` is a snapshot that the feed found to be none although its numbers may be right: what was buffered stays. */
  onFalseSnapshot(message: SyncMessage, tag: Tag): void {
    const kept = this.buffer;
    this.onMessage(message, tag);
    if (this.state === BOOK_STATE.GAP) return;
    this.lose(BOOK_STATE.GAP);
    this.buffer = kept;
  }

  get isConnected(): boolean {
    return this.state !== BOOK_STATE.DISCONNECTED && this.state !== BOOK_STATE.CONNECTING;
  }

  onMessage(message: SyncMessage, tag: Tag): void {
    if (!this.isConnected) return;
    if (message.kind === 'snapshot') this.onSnapshot(message, tag);
    else if (this.state === BOOK_STATE.LIVE) this.onDepth(message, tag);
    else if (this.rule.snapshot === 'asked') {
      if (this.isAnew(message) && !(this.state === BOOK_STATE.SYNCING && this.rule.joins!(message, this.last!))) {
        if (this.state === BOOK_STATE.SYNCING) this.lose(BOOK_STATE.GAP);
        this.keep(message, tag);
        return;
      }
      this.buffer.push({ message, tag });
      if (this.state === BOOK_STATE.SYNCING) this.join();
    }
  }

  private isAnew(message: SyncMessage): boolean {
    return this.rule.beginsAnew?.(message) === true;
  }

  /** Buffers a message; where the numbers begin anew with it, only a snapshot that holds it can be joined. */
  private keep(message: SyncMessage, tag: Tag): void {
    if (!this.isAnew(message)) {
      this.buffer.push({ message, tag });
      return;
    }
    this.buffer = [];
    this.anewMs = message.timeMs;
  }

  private onDepth(message: SyncMessage, tag: Tag): void {
    const follows = this.rule.follows(message, this.last!);
    if (follows === 'old') this.counts.old++;
    else if (follows === 'next') this.apply(message, tag);
    else {
      this.lose(BOOK_STATE.GAP);
      if (this.rule.snapshot === 'asked') this.keep(message, tag);
    }
  }

  private onSnapshot(message: SyncMessage, tag: Tag): void {
    const { rule } = this;
    const live = this.state === BOOK_STATE.LIVE;
    if (rule.snapshot === 'asked' && live) return;
    // The stream has yet to reach the one at hand; one with a lower number says that it never will.
    if (rule.snapshot === 'asked' && this.state === BOOK_STATE.SYNCING && message.last >= this.last!.last) return;
    if (rule.snapshot === 'asked' && message.timeMs < this.anewMs) {
      this.lose(BOOK_STATE.GAP, true);
      return;
    }
    if (rule.snapshot === 'every' && live && rule.follows(message, this.last!) === 'old') {
      this.counts.old++;
      return;
    }
    const isStale = rule.snapshot === 'stream' && this.newest !== undefined && rule.isStale?.(message, this.newest) === true;
    if (isStale && (live || !this.doubted)) {
      // Asked again, the same answer is believed.
      this.doubted = !live;
      this.counts.old++;
      return;
    }
    this.doubted = false;
    if (rule.snapshot === 'stream' && live) this.move(BOOK_STATE.SYNCING);
    this.book.clear();
    this.fill(message);
    if (this.isCrossed() || !this.agrees(message)) {
      this.book.clear();
      this.last = undefined;
      this.move(BOOK_STATE.GAP);
      return;
    }
    if (!(rule.snapshot === 'every' && live)) this.move(BOOK_STATE.SYNCING);
    this.last = message;
    this.trail.begin(this.instrument, tag);
    if (rule.snapshot === 'asked') {
      this.join();
      return;
    }
    this.newest = message;
    this.counts.applied++;
    this.move(BOOK_STATE.LIVE);
  }

  /** Applies what was buffered to the snapshot; LIVE with the first message that joins it. */
  private join(): void {
    const { rule } = this;
    const kept = this.buffer;
    let joined = false;
    for (let i = 0; i < kept.length; i++) {
      const { message, tag } = kept[i]!;
      if (!joined && rule.held!(message, this.last!)) continue;
      const follows = joined ? rule.follows(message, this.last!) : rule.joins!(message, this.last!) ? 'next' : 'gap';
      if (follows === 'old') continue;
      if (follows === 'gap') {
        this.lose(BOOK_STATE.GAP);
        const next = kept[i + 1]?.message;
        // Numbers that go down after a message contradict it: no snapshot would ever join it.
        const contradicted = next !== undefined && next.last < message.last;
        this.buffer = kept.slice(contradicted ? i + 1 : i);
        return;
      }
      joined = true;
      if (!this.apply(message, tag)) return;
    }
    this.buffer = [];
    if (joined) this.move(BOOK_STATE.LIVE);
  }

  /** Applies a message as a whole; false when the book had to be given up. */
  private apply(message: SyncMessage, tag: Tag): boolean {
    this.fill(message);
    this.last = message;
    this.newest = message;
    if (this.isAnew(message)) this.anewMs = message.timeMs;
    if (this.isCrossed() || !this.agrees(message)) {
      this.lose(BOOK_STATE.STALE);
      return false;
    }
    this.counts.applied++;
    this.trail.apply(this.instrument, tag);
    return true;
  }

  private fill({ bids, asks }: SyncMessage): void {
    const { book, rule } = this;
    for (const [price, lots] of bids) book.apply(SIDE.BUY, price, lots);
    for (const [price, lots] of asks) book.apply(SIDE.SELL, price, lots);
    if (rule.depth === undefined) return;
    for (const side of [SIDE.BUY, SIDE.SELL]) for (const [price] of book.sorted(side).slice(rule.depth)) book.apply(side, price, 0);
  }

  private isCrossed(): boolean {
    const [bid, bidLots] = this.book.best(SIDE.BUY);
    const [ask, askLots] = this.book.best(SIDE.SELL);
    return bidLots > 0 && askLots > 0 && bid >= ask;
  }

  private agrees({ checksum }: SyncMessage): boolean {
    if (checksum === undefined || checksum === null || this.rule.checksum === undefined) return true;
    return this.rule.checksum(this.instrument, this.book.sorted(SIDE.BUY), this.book.sorted(SIDE.SELL)) === checksum;
  }

  private move(state: number): void {
    if (state === this.state) return;
    this.state = state;
    if (state === BOOK_STATE.LIVE) this.counts.synced++;
    else if (state === BOOK_STATE.GAP) this.counts.gaps++;
    else if (state === BOOK_STATE.STALE) this.counts.stale++;
  }
}
