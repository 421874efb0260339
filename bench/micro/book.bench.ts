import { SIDE } from '../../src/core/records/market.ts';
import { L2Book } from '../../src/feed/book/l2-book.hot.ts';
import { NaiveBook } from '../../test/reference/naive-book.ts';
import { type BenchContext, type BenchFindings, type Figure, same } from '../harness/bench.ts';
import { IntegerHash } from '../harness/hash.ts';
import { interleave, nsFigure } from '../harness/rounds.ts';
import { loadSession } from '../harness/session.ts';
import { depthUpdates, type LevelColumns } from './depth-updates.ts';

const SMOKE_FRAMES = 6_000;
const ROUNDS = { full: 15, smoke: 2 };
/** The naive book searches every level for its best: a part of the messages says as much as all. */
const NAIVE_MESSAGES = { full: 1_000, smoke: 60 };
const NAIVE = 'Map a side';

/** Depth updates of the bundled session applied to the product's book and to a map a side. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { clock, smoke } = context;
  const session = await loadSession(smoke ? SMOKE_FRAMES : Number.POSITIVE_INFINITY);
  const { snapshot, updates } = depthUpdates(session);
  const book = new L2Book();
  const naive = new NaiveBook();
  context.pin();
  const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
  const all = updates.ends.length;
  const part = Math.min(all, smoke ? NAIVE_MESSAGES.smoke : NAIVE_MESSAGES.full);
  const levelsOfPart = updates.ends[part - 1]!;
  const alone = interleave(
    clock,
    `levels held after ${all} messages`,
    { name: 'ours', prepare: () => loadOurs(book, snapshot), run: () => applyOurs(book, updates) },
    { name: NAIVE, prepare: () => loadNaive(naive, snapshot), run: () => applyNaive(naive, updates) },
    rounds,
  );
  const hashes = same(
    'hash of the whole book after the session',
    hashOf((side) => pairsOf(book, side)),
    hashOf((side) => naive.sorted(side)),
  );
  const withTop = interleave(
    clock,
    `best bid and ask after each of ${part} messages`,
    { name: 'ours', prepare: () => loadOurs(book, snapshot), run: () => followOurs(book, updates, part) },
    { name: NAIVE, prepare: () => loadNaive(naive, snapshot), run: () => followNaive(naive, updates, part) },
    rounds,
  );
  const figures: Record<string, Figure> = {
    level: nsFigure('a level set or removed', alone, updates.side.length, NAIVE),
    message: nsFigure('a message, its levels and the best prices read', withTop, part, NAIVE),
    message_level: nsFigure('the same, a level', withTop, levelsOfPart, NAIVE),
  };
  const notes = [
    `${updates.side.length} levels in ${all} depth events of ${session.name} on a book of ${snapshot.side.length} levels; the second comparison uses the first ${part} events`,
    'a map sets a level without sorting: it is near ours, or ahead, until somebody asks for the best price',
  ];
  return { figures, latencies: {}, checks: [alone.check, hashes, withTop.check], notes };
}

function loadOurs(book: L2Book, { side, ticks, lots }: LevelColumns): void {
  book.clear();
  for (let i = 0; i < side.length; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
}

function applyOurs(book: L2Book, { side, ticks, lots }: LevelColumns): number {
  const count = side.length;
  for (let i = 0; i < count; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
  return book.levels(SIDE.BUY) * 100_000 + book.levels(SIDE.SELL);
}

/** As the feed does it: apply a message, then look at both best prices. */
function followOurs(book: L2Book, { side, ticks, lots, ends }: LevelColumns, messages: number): number {
  let sum = 0;
  let i = 0;
  for (let message = 0; message < messages; message++) {
    const end = ends[message]!;
    for (; i < end; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
    sum = (Math.imul(sum, 31) + book.bidTicks + book.askTicks + book.bidLots + book.askLots) | 0;
  }
  return sum;
}

function loadNaive(book: NaiveBook, { side, ticks, lots }: LevelColumns): void {
  book.clear();
  for (let i = 0; i < side.length; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
}

function applyNaive(book: NaiveBook, { side, ticks, lots }: LevelColumns): number {
  for (let i = 0; i < side.length; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
  return book.sides[0].size * 100_000 + book.sides[1].size;
}

function followNaive(book: NaiveBook, { side, ticks, lots, ends }: LevelColumns, messages: number): number {
  let sum = 0;
  let i = 0;
  for (let message = 0; message < messages; message++) {
    const end = ends[message]!;
    for (; i < end; i++) book.apply(side[i]!, ticks[i]!, lots[i]!);
    const [bidTicks, bidLots] = book.best(SIDE.BUY);
    const [askTicks, askLots] = book.best(SIDE.SELL);
    sum = (Math.imul(sum, 31) + bidTicks + askTicks + bidLots + askLots) | 0;
  }
  return sum;
}

function pairsOf(book: L2Book, side: number): [number, number][] {
  return Array.from({ length: book.levels(side) }, (_, i) => [book.priceAt(side, i), book.qtyAt(side, i)]);
}

function hashOf(pairs: (side: number) => readonly (readonly [number, number])[]): string {
  const hash = new IntegerHash();
  for (const side of [SIDE.BUY, SIDE.SELL]) {
    const levels = pairs(side);
    hash.add(levels.length);
    for (const [price, lots] of levels) {
      hash.add(price);
      hash.add(lots);
    }
  }
  return hash.value.toString(16).padStart(8, '0');
}
