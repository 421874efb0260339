import { CONNECTION, type ConnectionEvent, type FrameHandler } from '../../../src/core/ports.ts';
import { Prng } from '../../../src/core/prng.ts';
import { BOOK_STATE, SIDE } from '../../../src/core/records/market.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import { MoldItchFeed } from '../../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { FaultyTransport } from '../../../src/venue-sim/faults/faulty-transport.ts';
import { naiveMold } from '../../reference/naive-mold.ts';
import { NaiveMold } from '../../reference/naive-mold-books.ts';
import { BOOK_LEVELS_MAX, BOOK_ORDERS_MAX, type FaultRun, planOf } from './check.ts';
import { isSame } from './compare.ts';
import { ITCH_SESSION, ITCH_STOCKS, ItchVenue } from './itch-venue.ts';
import { LaneReader } from './lane.ts';
import { ScriptedTransport } from './scripted-transport.ts';

/** As `runFaults`, for ITCH over MoldUDP64. */
export async function runItchFaults(seed: number, messages: number): Promise<FaultRun> {
  const prng = new Prng(seed, 11);
  const venue = new ItchVenue(prng.fork(1));
  const scripted = new ScriptedTransport(venue, prng.fork(2), messages, true);
  const faulty = new FaultyTransport(scripted, { plan: planOf(seed, prng, messages), onReconnect: () => scripted.reconnect() });
  const checked = new CheckedItch(venue, faulty, messages);
  await faulty.run(checked);
  checked.finish();
  const { frames, synced, lost, compared } = checked;
  return { faults: faulty.faults, frames, synced, lost, compared };
}

class CheckedItch implements FrameHandler {
  frames = 0;
  synced = 0;
  lost = 0;
  compared = 0;
  private readonly venue: ItchVenue;
  private readonly faulty: FaultyTransport;
  private readonly sent: number;
  private readonly lane = new LaneReader(ITCH_STOCKS.length);
  private readonly naive = new NaiveMold(ITCH_STOCKS, ITCH_SESSION);
  private readonly feed: MoldItchFeed;
  private readonly states = ITCH_STOCKS.map((): number => BOOK_STATE.DISCONNECTED);
  /** Packets that were damaged, and the messages of all that can be read. */
  private damaged = 0;
  private messages = 0;

  constructor(venue: ItchVenue, faulty: FaultyTransport, sent: number) {
    this.sent = sent;
    this.venue = venue;
    this.faulty = faulty;
    this.feed = new MoldItchFeed({
      instruments: venue.instruments,
      ring: this.lane.producer,
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs: 1_700_000_000_000_000_000n,
      room: { waitForRoom: () => this.lane.drain(false) },
      bookLevelsMax: BOOK_LEVELS_MAX,
      bookOrdersMax: BOOK_ORDERS_MAX,
    });
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    const ended = event === CONNECTION.DISCONNECTED && this.faulty.messages === this.sent;
    // A damaged number ahead of the session's makes what follows old, and what is damaged may be anything.
    if (ended && this.damaged === 0) this.states.forEach((state, i) => state === BOOK_STATE.LIVE || this.fail(`book ${i} does not heal`));
    this.feed.onConnection(event, recvTimeNs);
    this.lane.drain();
    if (event === CONNECTION.END) return;
    const connected = event === CONNECTION.CONNECTED ? BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT : BOOK_STATE.CONNECTING;
    this.naive.connection(event === CONNECTION.DISCONNECTED ? BOOK_STATE.DISCONNECTED : connected);
    this.compare();
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.frames++;
    const packet = bytes.slice(start, end);
    const intact = this.faulty.deliveredIntact;
    this.feed.onFrame(bytes, start, end, times);
    this.lane.drain();
    this.naive.onPacket(packet, intact);
    if (!intact) this.damaged++;
    this.messages += naiveMold(packet)?.messages.length ?? 0;
    this.compare();
  }

  finish(): void {
    const found = this.feed.counters.snapshot();
    if (found['frames'] !== this.frames) this.fail(`the feed counted ${found['frames']} frames; expected ${this.frames}`);
    if (found['records_published'] !== this.lane.records) this.fail(`the lane read ${this.lane.records} records`);
    const types = Object.entries(found).filter(([name]) => /^itch_(?!rejected)/.test(name));
    const taken = types.reduce((sum, [, count]) => sum + count, 0);
    const fresh = this.messages - found['mold_seen_before']!;
    const refused = found['rejected_frames']!;
    // A message may be counted by its type and then be refused; a packet may be refused that has none that can be read.
    if (taken > fresh || fresh > taken + refused) this.fail(`${fresh} new messages; ${taken} taken and ${refused} refused`);
    if (this.damaged === 0 && refused > 0) this.fail(`${refused} refused and nothing was damaged`);
  }

  private compare(): void {
    const { feed, lane, naive } = this;
    for (let i = 0; i < ITCH_STOCKS.length; i++) {
      const state = feed.state(i);
      if (lane.states[i] !== state) this.fail(`book ${i} is in state ${state} and the lane was told ${lane.states[i]}`);
      const doubtful = naive.damaged || naive.foreign;
      if (!doubtful && naive.stateOf(i) !== state) this.fail(`book ${i} is in state ${state}; expected ${naive.stateOf(i)}`);
      if (state !== this.states[i]) {
        if (state === BOOK_STATE.LIVE) this.synced++;
        if (state === BOOK_STATE.GAP || state === BOOK_STATE.STALE) this.lost++;
        this.states[i] = state;
      }
      if (state !== BOOK_STATE.LIVE) continue;
      const book = lane.books[i]!;
      if (!isSame(feed.book(i), [book.sorted(SIDE.BUY), book.sorted(SIDE.SELL)])) this.fail(`book ${i} of the lane differs`);
      if (doubtful) continue;
      this.compared++;
      if (!isSame(feed.book(i), this.venue.truth(i, naive.next! - 1))) this.fail(`book ${i} differs from the truth`);
    }
  }

  private fail(text: string): never {
    const { faulty } = this;
    const near = faulty.faults.filter(({ message }) => message > faulty.messages - 40).map((fault) => JSON.stringify(fault));
    const delivered = `delivered: message ${faulty.deliveredMessage}${faulty.deliveredIntact ? '' : ' damaged'}`;
    throw new Error([`itch over mold: message ${faulty.messages}: ${text}`, delivered, ...near].join('\n'));
  }
}
