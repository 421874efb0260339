import type { Instrument } from '../../core/instrument.ts';
import { PRICE_NONE } from '../../core/price.ts';
import { SIDE } from '../../core/records/market.ts';
import type { Variates } from '../flow/variates.ts';
import { MATCHING_TICKS_MAX, type MatchingEngine } from '../matching/matching-engine.hot.ts';
import { bookTickerFrame, depthFrame, type FrameLevel, snapshotFrame, tradeFrame } from './frames.ts';

const NS_PER_MS = 1_000_000;
const SIDE_STRIDE = MATCHING_TICKS_MAX + 1;
const SNAPSHOT_LEVELS = 1_000;
/** Update ids that the venue's other symbols use up between two of ours, per second. */
const OTHER_IDS_PER_S = 55_000;
const FIRST_UPDATE_ID = 7_000_000_000_000;
const FIRST_TRADE_ID = 4_000_000_000;

/** Mean time from the match to the wire, ns: streams are encoded by different processes of the venue. */
const TICKER_LAG_NS = 250_000;
const TRADE_LAG_NS = 200_000;
const DEPTH_LAG_NS = 700_000;

const STREAM = { TICKER: 0, TRADE: 1, DEPTH: 2 } as const;

/** A frame on its way out: `sentNs` is simulation time. Frames of one stream come in order; those of different streams may not. */
export interface OutFrame {
  readonly sentNs: number;
  readonly text: string;
}

/**
 * Publishes one book as Binance USD-M does. Every level change takes one update id of a counter that all symbols share. `commit` ends one
 * order command: a bookTicker follows when best price or size changed, carrying the id of the command's last level change. `cutDepth` publishes
 * every level touched since the last cut with its quantity now, under the ids U (first change), u (last change) and pu (u of the cut before).
 * A cut never falls inside a command, so a bookTicker and a depth event with the same u describe the same book.
 */
export class Publisher {
  private readonly instrument: Instrument;
  private readonly engine: MatchingEngine;
  private readonly variates: Variates;
  private readonly epochMs: number;
  private readonly send: (frame: OutFrame) => void;
  private updateId = FIRST_UPDATE_ID;
  private tradeId = FIRST_TRADE_ID;
  private lastCommitNs: number;
  /** Level changes and trades of the command that is being matched. */
  private changes = 0;
  private trades: { takerSide: number; priceTicks: number; qtyLots: number }[] = [];
  /** Keys `side * SIDE_STRIDE + ticks` of levels changed since the last cut, and the ids of the first and last change. */
  private readonly touched = new Set<number>();
  private firstTouchedId = 0;
  private lastTouchedId = 0;
  private lastTouchedNs = 0;
  private previousDepthId = FIRST_UPDATE_ID;
  private readonly lastTop = new Float64Array(4);
  private readonly lastSentNs = new Float64Array(3).fill(-Infinity);

  /** `epochMs`: Unix ms of simulation time 0, `startNs`: simulation time now. `send` receives each frame. */
  constructor(
    instrument: Instrument,
    engine: MatchingEngine,
    variates: Variates,
    epochMs: number,
    startNs: number,
    send: (frame: OutFrame) => void,
  ) {
    this.instrument = instrument;
    this.engine = engine;
    this.variates = variates;
    this.epochMs = epochMs;
    this.lastCommitNs = startNs;
    this.send = send;
  }

  onTrade(takerSide: number, priceTicks: number, qtyLots: number): void {
    this.trades.push({ takerSide, priceTicks, qtyLots });
  }

  onLevel(side: number, priceTicks: number): void {
    this.changes++;
    this.touched.add(side * SIDE_STRIDE + priceTicks);
  }

  /** Ends one order command, matched at `timeNs`. */
  commit(timeNs: number): void {
    if (this.changes === 0) return;
    const others = ((timeNs - this.lastCommitNs) / 1e9) * OTHER_IDS_PER_S;
    this.updateId += Math.floor(others * (0.5 + this.variates.uniform()));
    if (this.lastTouchedId <= this.previousDepthId) this.firstTouchedId = this.updateId + 1;
    this.updateId += this.changes;
    this.lastTouchedId = this.updateId;
    this.lastTouchedNs = timeNs;
    this.lastCommitNs = timeNs;
    this.changes = 0;
    this.publishTicker(timeNs);
    this.publishTrades(timeNs);
  }

  /** Publishes the levels changed since the last cut; nothing when there are none. */
  cutDepth(timeNs: number): void {
    if (this.touched.size === 0) return;
    const keys = [...this.touched].sort((a, b) => a - b);
    this.touched.clear();
    const bids: FrameLevel[] = [];
    const asks: FrameLevel[] = [];
    for (const key of keys) {
      const side = key >= SIDE_STRIDE ? SIDE.SELL : SIDE.BUY;
      const priceTicks = key - side * SIDE_STRIDE;
      (side === SIDE.BUY ? bids : asks).push({ priceTicks, qtyLots: this.sideQtyLots(side, priceTicks) });
    }
    const sentNs = this.sendTimeNs(STREAM.DEPTH, timeNs, DEPTH_LAG_NS);
    const ids = [this.firstTouchedId, this.lastTouchedId, this.previousDepthId] as const;
    this.previousDepthId = this.lastTouchedId;
    this.send({ sentNs, text: depthFrame(this.instrument, ids, bids, asks, this.unixMs(this.lastTouchedNs), this.unixMs(sentNs)) });
  }

  /** The answer to a request for the book that reaches the matching engine at `timeNs` and is back at `answeredNs`. */
  snapshot(timeNs: number, answeredNs: number): void {
    const text = snapshotFrame(
      this.instrument,
      this.updateId,
      this.topLevels(SIDE.BUY),
      this.topLevels(SIDE.SELL),
      this.unixMs(this.lastTouchedNs),
      this.unixMs(timeNs),
    );
    this.send({ sentNs: answeredNs, text });
  }

  private publishTicker(timeNs: number): void {
    const engine = this.engine;
    const bid = { priceTicks: engine.bestBidTicks(), qtyLots: engine.levelQtyLots(engine.bestBidTicks()) };
    const ask = { priceTicks: engine.bestAskTicks(), qtyLots: engine.levelQtyLots(engine.bestAskTicks()) };
    const top = this.lastTop;
    if (top[0] === bid.priceTicks && top[1] === bid.qtyLots && top[2] === ask.priceTicks && top[3] === ask.qtyLots) return;
    top[0] = bid.priceTicks;
    top[1] = bid.qtyLots;
    top[2] = ask.priceTicks;
    top[3] = ask.qtyLots;
    const sentNs = this.sendTimeNs(STREAM.TICKER, timeNs, TICKER_LAG_NS);
    this.send({ sentNs, text: bookTickerFrame(this.instrument, this.updateId, bid, ask, this.unixMs(timeNs), this.unixMs(sentNs)) });
  }

  private publishTrades(timeNs: number): void {
    for (const trade of this.trades) {
      const sentNs = this.sendTimeNs(STREAM.TRADE, timeNs, TRADE_LAG_NS);
      this.tradeId++;
      this.send({
        sentNs,
        text: tradeFrame(this.instrument, this.tradeId, trade, trade.takerSide, this.unixMs(timeNs), this.unixMs(sentNs)),
      });
    }
    this.trades = [];
  }

  /** When a frame leaves: a random lag after `timeNs`, but not before its stream's last one. */
  private sendTimeNs(stream: number, timeNs: number, meanLagNs: number): number {
    const earliest = this.lastSentNs[stream]!;
    const sentNs = earliest > timeNs ? earliest : Math.max(earliest, timeNs + this.variates.exponential(meanLagNs));
    this.lastSentNs[stream] = sentNs;
    return sentNs;
  }

  private sideQtyLots(side: number, priceTicks: number): number {
    const engine = this.engine;
    const ownSide = side === SIDE.BUY ? priceTicks <= engine.bestBidTicks() : priceTicks >= engine.bestAskTicks();
    return ownSide ? engine.levelQtyLots(priceTicks) : 0;
  }

  private topLevels(side: number): FrameLevel[] {
    const levels: FrameLevel[] = [];
    let priceTicks = this.engine.bestTicks(side);
    while (priceTicks !== PRICE_NONE && levels.length < SNAPSHOT_LEVELS) {
      levels.push({ priceTicks, qtyLots: this.engine.levelQtyLots(priceTicks) });
      priceTicks = this.engine.nextTicks(side, priceTicks);
    }
    return levels;
  }

  private unixMs(timeNs: number): number {
    return this.epochMs + Math.floor(timeNs / NS_PER_MS);
  }
}
