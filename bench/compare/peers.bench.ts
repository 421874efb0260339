import { SIDE } from '../../src/core/records/market.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, same } from '../harness/bench.ts';
import { interleave, rateFigure } from '../harness/rounds.ts';
import { loadSession } from '../harness/session.ts';
import { depthUpdates, type LevelColumns } from '../micro/depth-updates.ts';
import { cpuClock } from './cpu-clock.ts';
import { loadPeers, NOT_INSTALLED } from './peers.ts';

const SMOKE_FRAMES = 6_000;
const ROUNDS = { full: 7, smoke: 2 };
const KEYS = ['tardis', 'ccxt'];

/** Depth events of the bundled session in the product's book and in those of other packages of this field. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { smoke } = context;
  const clock = cpuClock(context.clock);
  const peers = await loadPeers();
  if (peers === undefined)
    return { figures: {}, latencies: {}, checks: [{ what: 'needs packages', ok: true, detail: 'skipped' }], notes: [NOT_INSTALLED] };
  const session = await loadSession(smoke ? SMOKE_FRAMES : Number.POSITIVE_INFINITY);
  const { snapshot, updates } = depthUpdates(session);
  const book = new L2Book();
  context.pin();
  const events = updates.ends.length;
  const figures: Record<string, Figure> = {};
  const checks: Check[] = [];
  for (const [i, peer] of peers.entries()) {
    const comparison = interleave(
      clock,
      `best prices and quantities after each of ${events} events: ${peer.name}`,
      { name: 'ours', prepare: () => load(book, snapshot), run: () => follow(book, updates) },
      { name: peer.name, prepare: () => peer.load(snapshot, updates), run: () => peer.follow() },
      smoke ? ROUNDS.smoke : ROUNDS.full,
    );
    checks.push(
      comparison.check,
      sameBook(book, peer.name, (side) => peer.levels(side)),
    );
    figures[KEYS[i]!] = rateFigure('a depth event in the book, best prices read: events', '1/s', comparison, events, 1e9, peer.name);
  }
  const notes = [
    `${events} depth events of ${session.name}, ${(updates.side.length / events).toFixed(0)} levels each, on a book of ${snapshot.side.length}; every side gets ticks and lots as numbers`,
    'the other packages keep prices as doubles and check nothing of what they are told',
  ];
  return { figures, latencies: {}, checks, notes };
}

function load(book: L2Book, { side, ticks, lots }: LevelColumns): void {
  book.clear();
  for (let i = 0; i < side.length; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
}

function follow(book: L2Book, { side, ticks, lots, ends }: LevelColumns): number {
  let sum = 0;
  let i = 0;
  for (let event = 0; event < ends.length; event++) {
    for (const end = ends[event]!; i < end; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
    sum = (Math.imul(sum, 31) + book.bidTicks + book.askTicks + book.bidLots + book.askLots) | 0;
  }
  return sum;
}

/** Every level of both sides, at the end. */
function sameBook(book: L2Book, name: string, levels: (side: number) => readonly (readonly [number, number])[]): Check {
  const ours: string[] = [];
  const theirs: string[] = [];
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    for (let i = 0; i < book.levels(side); i++) ours.push(`${book.priceAt(side, i)} x ${book.qtyAt(side, i)}`);
    for (const [price, qty] of levels(side)) theirs.push(`${price} x ${qty}`);
  }
  const differs = ours.findIndex((level, i) => level !== theirs[i]);
  if (differs < 0) return same(`whole book after the session: ${name}`, `${ours.length} levels`, `${theirs.length} levels`);
  return same(`whole book after the session: ${name}, level ${differs}`, ours[differs]!, String(theirs[differs]));
}
