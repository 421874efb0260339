import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import { FNV_OFFSET, mixLots, mixWord } from './book-hash.hot.ts';
import type { BookView } from './book-view.ts';
import { ENTRY_WORDS, LADDER, LEVEL, LOTS, NONE, ORDER, RECORD_SHIFT, RECORD_WORDS } from './l3-layout.ts';
import type { L3Pool } from './l3-pool.ts';
import { keyOf } from './order-queues.hot.ts';

const { BUY } = SIDE;
const { LOW, HIGH, LEVEL: AT_LEVEL, NEXT } = ORDER;
const { KEY, LADDER: AT_LADDER, ORDERS, FRONT } = LEVEL;
const { COUNT, FIRST, BEST_KEY, BEST_LEVEL } = LADDER;
const WORDS = RECORD_WORDS;
const SHIFT = RECORD_SHIFT;
const ENTRY = ENTRY_WORDS;
const QTY = LOTS;
const ABSENT = NONE;
const NO_PRICE = PRICE_NONE;

/** What can be read of a book of a pool. */
export class L3View implements BookView {
  protected readonly pool: L3Pool;
  protected readonly words: Int32Array;
  protected readonly lots: Float64Array;
  /** Number of the book, and of its bids. */
  protected readonly book: number;
  private readonly asks: number;

  constructor(pool: L3Pool, book: number) {
    this.pool = pool;
    this.words = pool.words;
    this.lots = pool.lots;
    this.book = book;
    this.asks = book + WORDS;
  }

  /** Best bid in ticks, PRICE_NONE when there is none. */
  get bidTicks(): number {
    const { words, book } = this;
    return words[book + COUNT]! === 0 ? NO_PRICE : words[book + BEST_KEY]!;
  }

  /** Best ask in ticks, PRICE_NONE when there is none. */
  get askTicks(): number {
    const { words, asks } = this;
    return words[asks + COUNT]! === 0 ? NO_PRICE : 0 - words[asks + BEST_KEY]!;
  }

  /** Lots at the best bid, 0 when there is none. */
  get bidLots(): number {
    const { words, lots, book } = this;
    return words[book + COUNT]! === 0 ? 0 : lots[(words[book + BEST_LEVEL]! >> 1) + QTY]!;
  }

  /** Lots at the best ask, 0 when there is none. */
  get askLots(): number {
    const { words, lots, asks } = this;
    return words[asks + COUNT]! === 0 ? 0 : lots[(words[asks + BEST_LEVEL]! >> 1) + QTY]!;
  }

  /** True when both sides have levels and the best bid is at or above the best ask. */
  crossed(): boolean {
    const { words, book, asks } = this;
    return words[book + COUNT]! > 0 && words[asks + COUNT]! > 0 && words[book + BEST_KEY]! >= 0 - words[asks + BEST_KEY]!;
  }

  levels(side: number): number {
    return this.words[this.ladder(side) + COUNT]!;
  }

  /** Price in ticks of the `i`-th best level (0 = best), PRICE_NONE beyond the last. */
  priceAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === ABSENT ? NO_PRICE : this.ticksOf(level);
  }

  /** Lots of the `i`-th best level (0 = best), 0 beyond the last. */
  qtyAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === ABSENT ? 0 : this.lots[(level >> 1) + QTY]!;
  }

  /** Number of orders of the `i`-th best level (0 = best), 0 beyond the last. */
  orderCountAt(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === ABSENT ? 0 : this.words[level + ORDERS]!;
  }

  /** Lots at `priceTicks`, 0 when there is no such level. */
  qtyOf(side: number, priceTicks: number): number {
    const { words } = this;
    const ladder = this.ladder(side);
    const key = keyOf(ladder, priceTicks);
    const place = this.pool.ladders.placeOf(ladder, key);
    const there = place < words[ladder + FIRST]! + ENTRY * words[ladder + COUNT]! && words[place]! === key;
    return there ? this.lots[(words[place + 1]! >> 1) + QTY]! : 0;
  }

  /** First order of the `i`-th best level's queue, -1 when there is no such level. */
  frontOf(side: number, i: number): number {
    const level = this.levelAt(side, i);
    return level === ABSENT ? ABSENT : this.words[level + FRONT]!;
  }

  /** The order after `order` in its level's queue, -1 after the last. */
  after(order: number): number {
    return this.words[order + NEXT]!;
  }

  lotsOf(order: number): number {
    return this.lots[(order >> 1) + QTY]!;
  }

  sideOf(order: number): number {
    return (this.words[this.words[order + AT_LEVEL]! + AT_LADDER]! >> SHIFT) & 1;
  }

  priceOf(order: number): number {
    return this.ticksOf(this.words[order + AT_LEVEL]!);
  }

  lowOf(order: number): number {
    return this.words[order + LOW]!;
  }

  highOf(order: number): number {
    return this.words[order + HIGH]!;
  }

  /** Equal to `L2Book.hash` of a book with the same levels. Not for each tick. */
  hash(): number {
    let hash = FNV_OFFSET;
    for (let side = 0; side < 2; side++) {
      const count = this.levels(side);
      hash = mixWord(hash, count);
      for (let i = 0; i < count; i++) {
        hash = mixWord(hash, this.priceAt(side, i));
        hash = mixLots(hash, this.qtyAt(side, i));
      }
    }
    return hash >>> 0;
  }

  /** 32-bit FNV-1a over every order: bids then asks, best level first, each queue from its front (price, reference, quantity). */
  ordersHash(): number {
    let hash = FNV_OFFSET;
    for (let side = 0; side < 2; side++) {
      const count = this.levels(side);
      hash = mixWord(hash, count);
      for (let i = 0; i < count; i++) {
        hash = mixWord(hash, this.priceAt(side, i));
        for (let order = this.frontOf(side, i); order !== ABSENT; order = this.after(order)) {
          hash = mixWord(mixWord(hash, this.lowOf(order)), this.highOf(order));
          hash = mixLots(hash, this.lotsOf(order));
        }
      }
    }
    return hash >>> 0;
  }

  protected ladder(side: number): number {
    return side === BUY ? this.book : this.asks;
  }

  private levelAt(side: number, i: number): number {
    const { words } = this;
    const ladder = this.ladder(side);
    const at = words[ladder + COUNT]! - 1 - i;
    return at < 0 || i < 0 ? ABSENT : words[words[ladder + FIRST]! + ENTRY * at + 1]!;
  }

  private ticksOf(level: number): number {
    const { words } = this;
    return keyOf(words[level + AT_LADDER]!, words[level + KEY]!);
  }
}
