/** hftbacktest's conversion of Binance futures captures and its book, written plainly from its rules: the twin of `tickpath convert`. */

export interface NaiveEvent {
  readonly ev: number;
  readonly exchNs: bigint;
  readonly localNs: bigint;
  readonly px: number;
  readonly qty: number;
}

const BUY = 2 ** 29;
const SELL = 2 ** 28;
const EXCH = 2 ** 31;
const LOCAL = 2 ** 30;

type Level = [price: string, qty: string];
interface Payload {
  readonly e: string;
  readonly T: number;
  readonly X: string;
  readonly m: boolean;
  readonly p: string;
  readonly q: string;
  readonly b: Level[];
  readonly a: Level[];
}

/** Rows as they stand in the lines of a capture. */
export function naiveRows(lines: readonly string[]): NaiveEvent[] {
  const rows: NaiveEvent[] = [];
  for (const line of lines) {
    const localNs = BigInt(line.slice(0, 19));
    const message = JSON.parse(line.slice(20)) as { data?: Payload; bids?: Level[]; asks?: Level[]; T?: number };
    const add = (ev: number, time: number, px: string, qty: string): void => {
      rows.push({ ev, exchNs: BigInt(time) * 1_000_000n, localNs, px: Number(px), qty: Number(qty) });
    };
    const data = message.data;
    if (data?.e === 'trade' && data.X === 'MARKET') add(2 + (data.m ? SELL : BUY), data.T, data.p, data.q);
    if (data?.e === 'depthUpdate') {
      for (const [px, qty] of data.b) add(1 + BUY, data.T, px, qty);
      for (const [px, qty] of data.a) add(1 + SELL, data.T, px, qty);
    }
    for (const [levels, side] of [[message.bids ?? [], BUY] as const, [message.asks ?? [], SELL] as const]) {
      if (levels.length > 0) add(3 + side, message.T!, levels[levels.length - 1]![0], '0');
      for (const [px, qty] of levels) add(4 + side, message.T!, px, qty);
    }
  }
  return rows;
}

/** Rows with their local times corrected, in hftbacktest's order and with its flags; and by how much they were corrected. */
export function naiveEvents(rows: readonly NaiveEvent[]): { readonly events: NaiveEvent[]; readonly offsetNs: bigint } {
  const least = rows.reduce((least, { exchNs, localNs }) => (localNs - exchNs < least ? localNs - exchNs : least), 0n);
  const moved = rows.map((row) => ({ ...row, localNs: row.localNs - least }));
  const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  const byExchange = [...moved].sort((a, b) => compare(a.exchNs, b.exchNs));
  const byLocal = [...moved].sort((a, b) => compare(a.localNs, b.localNs));
  const events: NaiveEvent[] = [];
  for (let e = 0, l = 0; e < rows.length || l < rows.length; ) {
    const a = byExchange[e];
    const b = byLocal[l];
    const order = a === undefined ? 1 : b === undefined ? -1 : compare(a.exchNs, b.exchNs) || compare(a.localNs, b.localNs);
    const row = order <= 0 ? a! : b!;
    events.push({ ...row, ev: row.ev + (order <= 0 ? EXCH : 0) + (order >= 0 ? LOCAL : 0) });
    if (order <= 0) e++;
    if (order >= 0) l++;
  }
  return { events, offsetNs: -least };
}

/** Prices of a side with their quantities, best first. */
export type NaiveSide = readonly (readonly [px: number, qty: number])[];

/** The book of the local side after all events. Crossed levels stay and are not looked at; prices must not be computed ones. */
export function naiveLastBook(events: readonly NaiveEvent[]): { readonly bids: NaiveSide; readonly asks: NaiveSide } {
  const sides = [new Map<number, number>(), new Map<number, number>()] as const;
  const best = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const isBeyond = (side: number, a: number, b: number): boolean => (side === 0 ? a < b : a > b);
  const first = (side: number, beyond: number): number =>
    [...sides[side]!.keys()]
      .filter((px) => isBeyond(side, px, beyond))
      .reduce((found, px) => (isBeyond(side, found, px) ? px : found), side === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  for (const { ev, px, qty } of events) {
    if (Math.floor(ev / LOCAL) % 2 === 0) continue;
    const kind = ev % 256;
    const side = Math.floor(ev / BUY) % 2 === 1 ? 0 : 1;
    const levels = sides[side]!;
    if (kind === 3) {
      for (const one of [...levels.keys()]) if (!isBeyond(side, one, px)) levels.delete(one);
      best[side] = first(side, side === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
    } else if (kind === 1 || kind === 4) {
      if (qty === 0) {
        levels.delete(px);
        if (px === best[side]) best[side] = first(side, px);
        continue;
      }
      levels.set(px, qty);
      if (!isBeyond(side, best[side]!, px)) continue;
      best[side] = px;
      if (!isBeyond(1 - side, best[1 - side]!, px)) best[1 - side] = first(1 - side, px);
    }
  }
  const visible = (side: number): NaiveSide =>
    [...sides[side]!].filter(([px]) => !isBeyond(side, best[side]!, px)).sort(([a], [b]) => (side === 0 ? b - a : a - b));
  return { bids: visible(0), asks: visible(1) };
}
