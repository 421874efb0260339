import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../../src/app/bundled.ts';
import { SIDE } from '../../src/core/records/market.ts';
import type { LevelColumns } from '../micro/depth-updates.ts';

const { BUY, SELL } = SIDE;
/** Hash step of `PeerBook.follow`. */
const PRIME = 31;

/** A book of another package that is told whole events, as its own clients tell it. */
export interface PeerBook {
  /** Name and version of the package. */
  readonly name: string;
  /** Forgets everything, takes a snapshot and makes the objects of the events, which it may keep. */
  load(snapshot: LevelColumns, updates: LevelColumns): void;
  /** Applies the loaded events; a hash of best prices and quantities after each. */
  follow(): number;
  /** Levels of a side now, best first. */
  levels(side: number): [price: number, qty: number][];
}

export const NOT_INSTALLED = 'skipped: the packages to compare with are not installed; `npm ci` in bench/compare installs them there';

/** The order books of tardis-dev and ccxt; undefined when they are not installed in bench/compare. */
export async function loadPeers(): Promise<PeerBook[] | undefined> {
  const modules = join(packageFolder(), 'bench/compare/node_modules');
  const tardis = join(modules, 'tardis-dev/package.json');
  const ccxt = join(modules, 'ccxt/package.json');
  if (!existsSync(tardis) || !existsSync(ccxt)) return undefined;
  const require = createRequire(tardis);
  const { OrderBook: Tree } = require('./dist/orderbook.js') as { OrderBook: new () => TreeBook };
  // The class that all its clients use; its package does not name it among its exports.
  const file = join(modules, 'ccxt/js/src/base/ws/OrderBook.js');
  const { OrderBook: Arrays } = (await import(pathToFileURL(file).href)) as { OrderBook: new () => ArrayBook };
  const version = (path: string): string => (require(path) as { version: string }).version;
  return [new TardisBook(`tardis-dev ${version(tardis)}`, Tree), new CcxtBook(`ccxt ${version(ccxt)}`, Arrays)];
}

interface TreeLevel {
  readonly price: number;
  readonly amount: number;
}

interface TreeChange {
  readonly isSnapshot: boolean;
  readonly bids: readonly TreeLevel[];
  readonly asks: readonly TreeLevel[];
}

interface TreeBook {
  update(change: TreeChange): void;
  bestBid(): TreeLevel | undefined;
  bestAsk(): TreeLevel | undefined;
  bids(): Iterable<TreeLevel>;
  asks(): Iterable<TreeLevel>;
}

class TardisBook implements PeerBook {
  readonly name: string;
  private readonly Book: new () => TreeBook;
  private book: TreeBook;
  private changes: readonly TreeChange[] = [];

  constructor(name: string, Book: new () => TreeBook) {
    this.name = name;
    this.Book = Book;
    this.book = new Book();
  }

  load(snapshot: LevelColumns, updates: LevelColumns): void {
    const change = (columns: LevelColumns, isSnapshot: boolean) => (from: number, to: number) => {
      const level = (i: number): TreeLevel => ({ price: columns.ticks[i]!, amount: columns.lots[i]! });
      return { isSnapshot, bids: indexes(columns, BUY, from, to).map(level), asks: indexes(columns, SELL, from, to).map(level) };
    };
    this.book = new this.Book();
    for (const one of eventsOf(snapshot, change(snapshot, true))) this.book.update(one);
    this.changes = eventsOf(updates, change(updates, false));
  }

  follow(): number {
    const { book, changes } = this;
    let sum = 0;
    for (const change of changes) {
      book.update(change);
      const bid = book.bestBid()!;
      const ask = book.bestAsk()!;
      sum = (Math.imul(sum, PRIME) + bid.price + ask.price + bid.amount + ask.amount) | 0;
    }
    return sum;
  }

  levels(side: number): [number, number][] {
    return Array.from(side === BUY ? this.book.bids() : this.book.asks(), ({ price, amount }): [number, number] => [price, amount]);
  }
}

type Delta = [price: number, qty: number];

interface ArraySide extends ReadonlyArray<Delta> {
  storeArray(delta: Delta): void;
}

interface ArrayBook {
  readonly bids: ArraySide;
  readonly asks: ArraySide;
  limit(): void;
}

interface ArrayChange {
  readonly bids: readonly Delta[];
  readonly asks: readonly Delta[];
}

class CcxtBook implements PeerBook {
  readonly name: string;
  private readonly Book: new () => ArrayBook;
  private book: ArrayBook;
  private changes: readonly ArrayChange[] = [];

  constructor(name: string, Book: new () => ArrayBook) {
    this.name = name;
    this.Book = Book;
    this.book = new Book();
  }

  load(snapshot: LevelColumns, updates: LevelColumns): void {
    const change = (columns: LevelColumns) => (from: number, to: number) => {
      const delta = (i: number): Delta => [columns.ticks[i]!, columns.lots[i]!];
      return { bids: indexes(columns, BUY, from, to).map(delta), asks: indexes(columns, SELL, from, to).map(delta) };
    };
    this.book = new this.Book();
    for (const one of eventsOf(snapshot, change(snapshot))) this.apply(one);
    this.changes = eventsOf(updates, change(updates));
  }

  follow(): number {
    const { book, changes } = this;
    let sum = 0;
    for (const change of changes) {
      this.apply(change);
      const bid = book.bids[0]!;
      const ask = book.asks[0]!;
      sum = (Math.imul(sum, PRIME) + bid[0] + ask[0] + bid[1] + ask[1]) | 0;
    }
    return sum;
  }

  levels(side: number): [number, number][] {
    return Array.from(side === BUY ? this.book.bids : this.book.asks, ([price, qty]): [number, number] => [price, qty]);
  }

  /** As its client for Binance does with an event. */
  private apply({ bids, asks }: ArrayChange): void {
    for (const delta of bids) this.book.bids.storeArray(delta);
    for (const delta of asks) this.book.asks.storeArray(delta);
    this.book.limit();
  }
}

/** One object an event. */
function eventsOf<T>({ ends }: LevelColumns, make: (from: number, to: number) => T): T[] {
  return Array.from(ends, (end, i) => make(i === 0 ? 0 : ends[i - 1]!, end));
}

function indexes({ side }: LevelColumns, wanted: number, from: number, to: number): number[] {
  const found: number[] = [];
  for (let i = from; i < to; i++) if (side[i] === wanted) found.push(i);
  return found;
}
