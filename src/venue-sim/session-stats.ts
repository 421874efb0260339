import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

const KINDS = ['depth', 'bookTicker', 'trade'] as const;
type Kind = (typeof KINDS)[number];

/** What is compared between a generated session and a capture. Times in ms, values in quote currency, prices in ticks. */
export interface SessionStats {
  readonly durationS: number;
  readonly messages: number;
  readonly perS: Record<Kind, number>;
  readonly gapMsP50: Record<Kind, number>;
  readonly gapMsP90: Record<Kind, number>;
  /** Messages in one second: percentiles over the session's seconds. */
  readonly secondP10: number;
  readonly secondP50: number;
  readonly secondP90: number;
  readonly secondMax: number;
  readonly bytesMean: Record<Kind, number>;
  readonly levelsP50: number;
  readonly levelsP90: number;
  readonly levelsP99: number;
  readonly spreadTicksP50: number;
  /** Share of bookTickers with a spread of one tick. */
  readonly spreadOneShare: number;
  readonly touchValueP50: number;
  readonly tradeValueP50: number;
  readonly tradeValueP90: number;
  /** Trades of one side that carry the same millisecond, about one taker order. */
  readonly tradesPerTakerP50: number;
  readonly tradesPerTakerP90: number;
  /** Share of consecutive taker orders on the same side. */
  readonly takerSameSide: number;
  /** Root mean square change of the mid price over 1 s in basis points, and the share of 100 ms in which it stays. */
  readonly moveBp1s: number;
  readonly still100ms: number;
  /** Of the moves of the mid price within 1 s, the share in the direction of the queue imbalance before. */
  readonly imbalanceHit1s: number;
}

interface Quote {
  readonly timeMs: number;
  readonly mid: number;
  readonly imbalance: number;
}

interface Level {
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
}

/** Statistics of a gzip session file in the format `binance-usdm`. For reports: prices become floats here. */
export async function sessionStatsOfFile(path: string): Promise<SessionStats> {
  const collector = new Collector();
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) collector.add(line);
  return collector.stats();
}

class Collector {
  private readonly timesMs: Record<Kind, number[]> = { depth: [], bookTicker: [], trade: [] };
  private readonly bytes: Record<Kind, number> = { depth: 0, bookTicker: 0, trade: 0 };
  private readonly levels: number[] = [];
  private readonly spreads: number[] = [];
  private readonly touchValues: number[] = [];
  private readonly tradeValues: number[] = [];
  private readonly takers = new Map<string, number>();
  private readonly quotes: Quote[] = [];
  private messages = 0;
  private firstMs = -1n;

  add(line: string): void {
    if (line.length === 0) return;
    this.messages++;
    const space = line.indexOf(' ');
    const ns = BigInt(line.slice(0, space));
    if (this.firstMs < 0n) this.firstMs = ns;
    const timeMs = Number(ns - this.firstMs) / 1e6;
    const message = JSON.parse(line.slice(space + 1)) as { stream?: string; data: Record<string, unknown> };
    if (message.stream === undefined) return;
    const kind = KINDS.find((name) => message.stream!.includes(`@${name}`));
    if (kind === undefined) return;
    this.timesMs[kind].push(timeMs);
    this.bytes[kind] += line.length - space;
    if (kind === 'depth') this.levels.push((message.data['b'] as unknown[]).length + (message.data['a'] as unknown[]).length);
    else if (kind === 'trade') this.addTrade(message.data);
    else this.addQuote(timeMs, message.data as unknown as Level);
  }

  private addTrade(data: Record<string, unknown>): void {
    this.tradeValues.push(Number(data['p']) * Number(data['q']));
    const taker = `${String(data['T'])} ${String(data['m'])}`;
    this.takers.set(taker, (this.takers.get(taker) ?? 0) + 1);
  }

  private addQuote(timeMs: number, data: Level): void {
    const bid = Number(data.b);
    const ask = Number(data.a);
    const bidQty = Number(data.B);
    const askQty = Number(data.A);
    this.spreads.push(ask - bid);
    this.touchValues.push(bid * bidQty, ask * askQty);
    this.quotes.push({ timeMs, mid: (bid + ask) / 2, imbalance: (bidQty - askQty) / (bidQty + askQty) });
  }

  stats(): SessionStats {
    const all = [...this.timesMs.depth, ...this.timesMs.bookTicker, ...this.timesMs.trade];
    const durationS = all.reduce((max, t) => Math.max(max, t), 0) / 1000;
    const seconds = new Array<number>(Math.floor(durationS)).fill(0);
    for (const t of all) if (t < seconds.length * 1000) seconds[Math.floor(t / 1000)]!++;
    // The smallest spread seen is one tick in any market that trades a lot.
    const tick = this.spreads.reduce((min, s) => Math.min(min, s), Infinity);
    const ticks = this.spreads.map((spread) => Math.round(spread / tick));
    const perTaker = [...this.takers.values()];
    const takerSides = [...this.takers.keys()].map((key) => key.endsWith('true'));
    const byKind = (f: (kind: Kind) => number): Record<Kind, number> => ({
      depth: f('depth'),
      bookTicker: f('bookTicker'),
      trade: f('trade'),
    });
    return {
      durationS,
      messages: this.messages,
      perS: byKind((kind) => this.timesMs[kind].length / durationS),
      gapMsP50: byKind((kind) => quantile(gaps(this.timesMs[kind]), 0.5)),
      gapMsP90: byKind((kind) => quantile(gaps(this.timesMs[kind]), 0.9)),
      secondP10: quantile(seconds, 0.1),
      secondP50: quantile(seconds, 0.5),
      secondP90: quantile(seconds, 0.9),
      secondMax: quantile(seconds, 1),
      bytesMean: byKind((kind) => this.bytes[kind] / this.timesMs[kind].length),
      levelsP50: quantile(this.levels, 0.5),
      levelsP90: quantile(this.levels, 0.9),
      levelsP99: quantile(this.levels, 0.99),
      spreadTicksP50: quantile(ticks, 0.5),
      spreadOneShare: ticks.filter((spread) => spread === 1).length / ticks.length,
      touchValueP50: quantile(this.touchValues, 0.5),
      tradeValueP50: quantile(this.tradeValues, 0.5),
      tradeValueP90: quantile(this.tradeValues, 0.9),
      tradesPerTakerP50: quantile(perTaker, 0.5),
      tradesPerTakerP90: quantile(perTaker, 0.9),
      takerSameSide: takerSides.filter((side, i) => i > 0 && side === takerSides[i - 1]).length / (takerSides.length - 1),
      ...this.moves(durationS),
    };
  }

  private moves(durationS: number): Pick<SessionStats, 'moveBp1s' | 'still100ms' | 'imbalanceHit1s'> {
    let squares = 0;
    let hits = 0;
    let moved = 0;
    let still = 0;
    const steps = Math.floor(durationS * 10) - 10;
    for (let i = 1; i <= steps; i++) {
      const now = this.quoteAt(i * 100);
      const second = this.quoteAt(i * 100 + 1000).mid / now.mid - 1;
      squares += second * second;
      if (this.quoteAt(i * 100 + 100).mid === now.mid) still++;
      if (second === 0) continue;
      moved++;
      if (second > 0 === now.imbalance > 0) hits++;
    }
    return { moveBp1s: Math.sqrt(squares / steps) * 1e4, still100ms: still / steps, imbalanceHit1s: hits / moved };
  }

  /** The last quote at or before `timeMs`; the first one when there is none. */
  private quoteAt(timeMs: number): Quote {
    let low = 0;
    let high = this.quotes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.quotes[middle]!.timeMs <= timeMs) low = middle;
      else high = middle - 1;
    }
    return this.quotes[low]!;
  }
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
