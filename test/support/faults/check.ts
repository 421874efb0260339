import { CONNECTION, type ConnectionEvent, type FrameHandler } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../../src/feed/feed.ts';
import { FaultyTransport } from '../../../src/venue-sim/faults/faulty-transport.ts';
import { type AppliedFault, evenFaults, type FaultPlan } from '../../../src/venue-sim/faults/plan.ts';
import { type NaiveRule, NaiveSync, type NaiveSyncCounts, type SyncMessage, type SyncResult } from '../../reference/naive-sync.ts';
import { isSame, isSameNaive } from './compare.ts';
import { LaneReader } from './lane.ts';
import { cut, type Sides } from './market.ts';
import { ScriptedTransport } from './scripted-transport.ts';
import type { SyntheticVenue, VenueMessage } from './venue.ts';

/** What a venue's messages can reveal of the messages between them. */
export type Reveals =
  /** Each message tells whether one is missing before it: a live book is the venue's book. */
  | 'every message'
  /** A checksum: the levels that it covers are the venue's. */
  | 'covered levels'
  /** Every message is a whole book. */
  | 'nothing missing'
  /** Nothing but what came out of order by time. */
  | 'times';

export interface FaultCase {
  readonly name: string;
  readonly reveals: Reveals;
  /**
   * The messages are events of orders. Their naive keeper follows numbers only, and what is wrong with the content of a damaged
   * one may show at any later event of its order.
   */
  readonly orders?: boolean;
  /** Levels a side that a checksum covers. */
  readonly covered?: number;
  createVenue(prng: Prng): SyntheticVenue;
  createFeed(options: FeedOptions): Feed;
  decode(bytes: Uint8Array, venue: SyntheticVenue): SyncResult[];
  readonly rule: NaiveRule;
}

/** Far more than the synthetic markets have, and soon made. */
export const BOOK_LEVELS_MAX = 256;
export const BOOK_ORDERS_MAX = 256;
/** Books that a frame does not concern are compared after each so many frames. */
const ALL_EVERY = 16;

/** A delivered frame: what it was when the venue sent it, and whether it still is. */
interface Tag {
  readonly message: VenueMessage;
  readonly intact: boolean;
}

/** How far the book that the accepted frames make is known to be the venue's. */
interface Standing {
  version: number;
  /** Nothing is missing since the snapshot and nothing was damaged. */
  clean: boolean;
  /** Every frame it is made of arrived as it was sent. */
  intact: boolean;
  /** Number of the frame that it was last changed with, and of the last one after which it was LIVE. */
  frame: number;
  liveFrame: number;
  /** Number of the frame with which a snapshot was last asked for. */
  askedFrame: number;
}

export interface FaultRun {
  readonly faults: readonly AppliedFault[];
  readonly frames: number;
  readonly synced: number;
  readonly lost: number;
  /** Frames after which a live book was compared with the truth. */
  readonly compared: number;
}

const STATE_NAMES = new Map<number, string>(Object.entries(BOOK_STATE).map(([name, value]) => [value, name]));
const named = (state: number): string => STATE_NAMES.get(state)!;

/** Messages at the end of a run that no fault meets, and the last of them, among which a book must have been LIVE. */
const HEALING_MESSAGES = 40;
const HEALED_MESSAGES = 24;

/** Faults of every kind in 0.1 to 5 % of the messages but the last. */
export function planOf(seed: number, prng: Prng, messages: number): FaultPlan {
  return evenFaults(seed, 1_000 + prng.nextInt(49_001), messages - HEALING_MESSAGES);
}

/** Runs `messages` messages of a venue through faults, its feed and a naive keeper of its books; throws at the first difference. */
export async function runFaults(one: FaultCase, seed: number, messages: number): Promise<FaultRun> {
  const prng = new Prng(seed, 11);
  const venue = one.createVenue(prng.fork(1));
  const scripted = new ScriptedTransport(venue, prng.fork(2), messages, one.rule.snapshot !== 'asked');
  const faulty = new FaultyTransport(scripted, { plan: planOf(seed, prng, messages), onReconnect: () => scripted.reconnect() });
  const checked = new CheckedFeed(one, venue, scripted, faulty);
  await faulty.run(checked);
  checked.finish();
  const { counts } = checked;
  return {
    faults: faulty.faults,
    frames: checked.frames,
    synced: counts.synced,
    lost: counts.gaps + counts.stale,
    compared: checked.compared,
  };
}

class CheckedFeed implements FrameHandler {
  readonly counts: NaiveSyncCounts = { synced: 0, gaps: 0, stale: 0, applied: 0, old: 0 };
  readonly results = { depth: 0, snapshot: 0, ticker: 0, trade: 0, other: 0, refused: 0, untaken: 0 };
  frames = 0;
  compared = 0;
  private damagedOthers = 0;
  private readonly one: FaultCase;
  private readonly venue: SyntheticVenue;
  private readonly scripted: ScriptedTransport;
  private readonly faulty: FaultyTransport;
  private readonly lane: LaneReader;
  private readonly feed: Feed;
  private readonly syncs: readonly NaiveSync<Tag>[];
  private readonly standings: readonly Standing[];
  /** The frame at hand. */
  private delivered: Uint8Array = new Uint8Array(0);

  constructor(one: FaultCase, venue: SyntheticVenue, scripted: ScriptedTransport, faulty: FaultyTransport) {
    this.one = one;
    this.venue = venue;
    this.scripted = scripted;
    this.faulty = faulty;
    this.lane = new LaneReader(venue.instruments.length);
    this.feed = one.createFeed({
      instruments: venue.instruments,
      ring: this.lane.producer,
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: 1_700_000_000_000_000_000n,
      snapshots: { request: (instrument) => this.request(instrument) },
      room: { waitForRoom: () => this.lane.drain(false) },
      bookLevelsMax: BOOK_LEVELS_MAX,
      bookOrdersMax: BOOK_ORDERS_MAX,
    });
    this.standings = venue.instruments.map(() => ({ version: 0, clean: false, intact: false, frame: 0, liveFrame: 0, askedFrame: 0 }));
    this.syncs = venue.instruments.map((_, i) => new NaiveSync<Tag>(i, one.rule, this.counts, this));
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    if (event === CONNECTION.DISCONNECTED && this.scripted.sent.length === this.scripted.messages) this.checkHealed();
    this.feed.onConnection(event, recvTimeNs);
    this.lane.drain();
    if (event === CONNECTION.END) return;
    const state =
      event === CONNECTION.CONNECTED
        ? BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT
        : event === CONNECTION.CONNECTING
          ? BOOK_STATE.CONNECTING
          : BOOK_STATE.DISCONNECTED;
    this.syncs.forEach((sync, i) => {
      sync.connection(state);
      this.compare(i, undefined);
    });
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    const { faulty, scripted } = this;
    const tag = { message: scripted.sent[faulty.deliveredMessage - 1]!, intact: faulty.deliveredIntact };
    this.frames++;
    if (!tag.intact && tag.message.kind === 'other') this.damagedOthers++;
    this.delivered = bytes.subarray(start, end);
    this.feed.onFrame(bytes, start, end, times);
    this.lane.drain();
    let refused = false;
    let untaken = false;
    const loose = !tag.intact && hasLooseNumbers(this.delivered) && !hasLooseNumbers(tag.message.bytes);
    for (const found of this.one.decode(this.delivered, this.venue)) {
      const result = loose ? 'untaken' : found;
      if (typeof result === 'string') {
        this.results[result]++;
        refused ||= result === 'refused';
        untaken ||= result === 'untaken';
      } else {
        this.results[result.kind]++;
        this.take(result, tag);
      }
    }
    if (tag.intact && (refused || untaken) && tag.message.kind !== 'other') this.fail('a frame as the venue sent it is refused');
    for (let i = 0; i < this.syncs.length; i++) {
      if (refused || untaken) this.afterRefusal(i, refused, tag);
      this.compare(i, tag);
    }
  }

  /** A damaged snapshot of orders may hold what cannot be, and then is none. */
  private take(message: SyncMessage, tag: Tag): void {
    const { kind, instrument } = message;
    const sync = this.syncs[instrument]!;
    const isFalse = this.one.orders === true && kind === 'snapshot' && !tag.intact && this.feed.state(instrument) === BOOK_STATE.GAP;
    if (isFalse && sync.state !== BOOK_STATE.LIVE) sync.onFalseSnapshot(message, tag);
    else sync.onMessage(message, tag);
  }

  private request(instrument: number): void {
    this.standings[instrument]!.askedFrame = this.frames;
    this.scripted.request(instrument);
  }

  /** SyncTrail. */
  begin(instrument: number, { message, intact }: Tag): void {
    const standing = this.standings[instrument]!;
    if (this.one.reveals === 'nothing missing' && this.syncs[instrument]!.state === BOOK_STATE.LIVE && intact && standing.clean) {
      if (message.to < standing.version) this.fail(`book ${instrument} went back from version ${standing.version} to ${message.to}`);
    }
    standing.version = message.to;
    standing.clean = intact;
    standing.intact = intact;
    standing.frame = this.frames;
  }

  /** SyncTrail. Quantities are absolute: a message that the book holds in part, or that ends where it stands, brings it to its end. */
  apply(instrument: number, { message, intact }: Tag): void {
    const standing = this.standings[instrument]!;
    if (!intact) standing.intact = false;
    if (!intact || message.from > standing.version || message.to < standing.version) standing.clean = false;
    standing.version = message.to;
    standing.frame = this.frames;
  }

  /** No fault for a while: every book was LIVE again. What was lost in silence before may show as late as now. */
  private checkHealed(): void {
    this.standings.forEach(({ liveFrame }, i) => {
      if (liveFrame < this.frames - HEALED_MESSAGES) this.fail(`book ${i} is ${named(this.feed.state(i))} at the end and does not heal`);
    });
  }

  /** What the feed counted is what the naive keeper counted, and nothing is left over. */
  finish(): void {
    const found = this.feed.counters.snapshot();
    const { results, counts } = this;
    const always: Record<string, number> = {
      frames: this.frames,
      // An execution of an order counts as a trade.
      depth_messages: results.depth - (this.one.orders === true ? found['trade_messages']! : 0),
      records_published: this.lane.records,
      ring_full_drops: 0,
      sync_buffer_overflows: 0,
    };
    const ofLevels: Record<string, number> = {
      snapshot_messages: results.snapshot,
      depth_applied: counts.applied,
      depth_skipped: counts.old,
      books_synced: counts.synced,
      book_gaps: counts.gaps,
      books_stale: counts.stale,
    };
    const expected = this.one.orders === true ? always : { ...always, ...ofLevels };
    for (const [name, value] of Object.entries(expected)) {
      if (found[name] !== value) this.fail(`the feed counted ${found[name]} ${name}; expected ${value}`);
    }
    this.checkRest(found);
  }

  /** Frames of which no book is made. */
  private checkRest(found: Readonly<Record<string, number>>): void {
    const { results } = this;
    const others = found['unknown_kind']! + found['unknown_symbol']!;
    const refused = found['rejected_frames']!;
    if (this.one.orders === true) {
      // An event is depth or a trade, and a snapshot is counted as refused when one of its orders cannot be read.
      const rest = this.frames - results.depth - others - refused;
      const least = results.snapshot;
      if (rest < least || rest > least + results.untaken) this.fail(`${rest} frames were counted as nothing; ${JSON.stringify(results)}`);
      return;
    }
    const trades = found['trade_messages']! + found['trades_not_market']! + found['trades_told_twice']!;
    const { ticker, trade, other, untaken } = results;
    const all = found['ticker_messages']! + trades + others + refused;
    if (all !== ticker + trade + other + results.refused + untaken)
      this.fail(`the feed counted ${all} messages for no book; ${JSON.stringify(results)}`);
    // What a damaged ticker or trade is taken for is nobody's loss.
    if (this.damagedOthers > 0) return;
    if (trades !== trade) this.fail(`the feed counted ${trades} trades; expected ${trade}`);
    if (untaken === 0 && refused !== results.refused) this.fail(`the feed refused ${refused} frames; expected ${results.refused}`);
  }

  private compare(i: number, tag: Tag | undefined): void {
    const { feed, lane, one } = this;
    const sync = this.syncs[i]!;
    const state = feed.state(i);
    if (lane.states[i] !== state) this.fail(`book ${i} is ${named(state)} and the lane was told ${named(lane.states[i]!)}`);
    if (one.orders === true && isDoubtful(state) && !this.standings[i]!.intact && sync.state === BOOK_STATE.LIVE) sync.lose(state);
    if (sync.state !== state) this.fail(`book ${i} is ${named(state)}; expected ${named(sync.state)}`);
    const standing = this.standings[i]!;
    if (state === BOOK_STATE.LIVE) standing.liveFrame = this.frames;
    const lost = isDoubtful(state) && standing.liveFrame === this.frames - 1;
    if (lost && standing.askedFrame !== this.frames) this.fail(`book ${i} was lost and no snapshot is asked for`);
    const touched = tag === undefined || tag.message.instrument === i || standing.frame === this.frames || this.frames % ALL_EVERY === 0;
    if (state !== BOOK_STATE.LIVE || !touched) return;
    const keeper = one.orders === true ? lane.books[i]! : sync.book;
    const book: Sides = [keeper.sorted(SIDE.BUY), keeper.sorted(SIDE.SELL)];
    if (!isSame(feed.book(i), book)) this.fail(`book ${i} differs from the naive one`);
    if (!isSameNaive(lane.books[i]!, keeper)) this.fail(`book ${i} of the lane differs from the naive one`);
    if (standing.clean) {
      this.compared++;
      if (!isSame(feed.book(i), this.venue.truth(i, standing.version))) this.fail(`book ${i} differs from the truth`);
    } else if (standing.intact && (one.reveals === 'every message' || one.reveals === 'nothing missing')) {
      this.fail(`book ${i} is LIVE although a message is missing`);
    } else if (one.covered !== undefined && tag?.message.kind === 'depth' && standing.frame === this.frames) {
      // The levels under the checksum are the venue's, whatever is missing below them or was damaged.
      const covered = cut(this.venue.truth(i, standing.version), one.covered);
      if (JSON.stringify(cut(book, one.covered)) !== JSON.stringify(covered))
        this.fail(`book ${i} differs under its checksum from the truth`);
      this.compared++;
    }
  }

  /** A message that cannot be read: where nothing later shows its loss, its book may not stay LIVE. */
  private afterRefusal(i: number, refused: boolean, tag: Tag): void {
    const { one } = this;
    const state = this.feed.state(i);
    const sync = this.syncs[i]!;
    const { kind, instrument } = tag.message;
    const ofOrders = one.orders === true && kind === 'snapshot';
    const held = sync.state === BOOK_STATE.LIVE || sync.state === BOOK_STATE.SYNCING || sync.state === BOOK_STATE.STALE;
    if (state === BOOK_STATE.GAP && (held || (ofOrders && sync.isConnected))) sync.lose(BOOK_STATE.GAP, ofOrders);
    const silent = refused && (one.reveals === 'times' || one.reveals === 'covered levels');
    if (silent && kind !== 'other' && instrument === i && state === BOOK_STATE.LIVE)
      this.fail(`book ${i} is LIVE after a message that cannot be read`);
  }

  private fail(text: string): never {
    const { faulty, scripted, one } = this;
    const near = faulty.faults.filter(({ message }) => message > faulty.messages - 40).map((fault) => JSON.stringify(fault));
    const { kind, instrument, from, to } = scripted.sent[faulty.deliveredMessage - 1] ?? scripted.sent[0]!;
    throw new Error(
      [
        `${one.name}: message ${faulty.messages}: ${text}`,
        `delivered: message ${faulty.deliveredMessage}${faulty.deliveredIntact ? '' : ' damaged'}, ${kind} of book ${instrument}, version ${from} to ${to}`,
        Buffer.from(this.delivered).toString('latin1'),
        ...near,
      ].join('\n'),
    );
  }
}

/** True when JSON has a number with fraction or exponent: a naive decoder cannot tell it from the integer it may amount to. */
function hasLooseNumbers(frame: Uint8Array): boolean {
  return /\d[.eE][-+]?\d|-0/.test(
    Buffer.from(frame)
      .toString('latin1')
      .replace(/"(?:[^"\\]|\\.)*"/g, ''),
  );
}

/** States of a book that was given up. */
function isDoubtful(state: number): boolean {
  return state === BOOK_STATE.GAP || state === BOOK_STATE.STALE;
}
