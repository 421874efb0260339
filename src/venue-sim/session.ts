import { assert } from '../core/assert.ts';
import { type Instrument, instrumentFromText } from '../core/instrument.ts';
import { Prng } from '../core/prng.ts';
import { OrderFlow } from './flow/order-flow.ts';
import { DEFAULT_FLOW, type FlowParameters } from './flow/parameters.ts';
import { Variates } from './flow/variates.ts';
import { FrameQueue } from './market-data/frame-queue.ts';
import { DEFAULT_LINK, Link, type LinkParameters, unixNsText } from './market-data/link.ts';
import { Publisher } from './market-data/publisher.ts';
import { MatchingEngine, type MatchListener } from './matching/matching-engine.hot.ts';

/** Raise it with every change that alters the bytes of a session. */
export const GENERATOR_VERSION = 1;

const NS_PER_S = 1e9;
/** The market runs this long before the first frame, so that the session does not start in an artificial book. */
const WARM_UP_NS = 30 * NS_PER_S;
const ORDERS_MAX = 1 << 15;
/** A depth event every 50 ms and a little. */
const DEPTH_INTERVAL_NS = 50_200_000;
const DEPTH_JITTER_NS = 1_800_000;
/** The snapshot is asked for after the first frames, and its answer takes its time: the stream must be buffered meanwhile. */
const SNAPSHOT_AT_NS = 190_000_000;
const SNAPSHOT_TAKES_NS = 95_000_000;

export interface SessionOptions {
  /** Any integer; the same seed gives the same bytes. */
  readonly seed: number;
  readonly durationNs: number;
  /** Unix ms of the session's start by the venue's clock. */
  readonly startMs?: number;
  readonly symbol?: string;
  readonly flow?: FlowParameters;
  readonly link?: LinkParameters;
}

export const SESSION_DEFAULTS = {
  symbol: 'TPXUSDT',
  tickSize: '0.10',
  lotSize: '0.001',
  /** 2025-03-05 13:59:30 UTC. */
  startMs: 1_741_183_170_000,
} as const;

/** The instrument that the sessions trade. */
export function sessionInstrument(symbol: string = SESSION_DEFAULTS.symbol): Instrument {
  return instrumentFromText(0, { symbol, tickSize: SESSION_DEFAULTS.tickSize, lotSize: SESSION_DEFAULTS.lotSize });
}

/**
 * Runs the simulated venue and yields what a recorder beside it writes: lines without their newline, `<local receive time, 19 digits>
 * <frame>`, in the capture format `binance-usdm`. Depends on the options alone.
 */
export function* generateSession(options: SessionOptions): Generator<string, void, undefined> {
  const venue = new Venue(options);
  venue.warmUp();
  yield* venue.record(options.durationNs);
}

/** One market: participants, matching engine, publisher and the link to the recorder. */
class Venue implements MatchListener {
  private readonly startMs: number;
  private readonly engine: MatchingEngine;
  private readonly flow: OrderFlow;
  private readonly publisher: Publisher;
  private readonly link: Link;
  private readonly timing: Variates;
  private readonly queue = new FrameQueue();
  private nextDepthNs: number;

  constructor(options: SessionOptions) {
    const prng = new Prng(options.seed);
    this.startMs = options.startMs ?? SESSION_DEFAULTS.startMs;
    this.engine = new MatchingEngine(ORDERS_MAX, this);
    this.flow = new OrderFlow(options.flow ?? DEFAULT_FLOW, this.engine, prng.fork(10), -WARM_UP_NS);
    this.link = new Link(options.link ?? DEFAULT_LINK, new Variates(prng.fork(11)));
    this.timing = new Variates(prng.fork(12));
    const instrument = sessionInstrument(options.symbol);
    const lags = new Variates(prng.fork(13));
    this.publisher = new Publisher(instrument, this.engine, lags, this.startMs, -WARM_UP_NS, (frame) => this.queue.push(frame));
    this.nextDepthNs = -WARM_UP_NS + DEPTH_INTERVAL_NS;
  }

  onTrade(makerOrderId: number, _owner: number, takerSide: number, priceTicks: number, qtyLots: number, makerLeavesLots: number): void {
    this.flow.onFilled(makerOrderId, takerSide, makerLeavesLots);
    this.publisher.onTrade(takerSide, priceTicks, qtyLots);
  }

  onLevel(side: number, priceTicks: number): void {
    this.publisher.onLevel(side, priceTicks);
  }

  warmUp(): void {
    this.flow.populate();
    this.publisher.commit(-WARM_UP_NS);
    this.runUntil(0);
    this.queue.clear();
  }

  *record(durationNs: number): Generator<string, void, undefined> {
    assert(durationNs > SNAPSHOT_AT_NS + SNAPSHOT_TAKES_NS, 'Invariant: a session is longer than its snapshot takes');
    this.runUntil(SNAPSHOT_AT_NS);
    this.publisher.snapshot(SNAPSHOT_AT_NS, SNAPSHOT_AT_NS + SNAPSHOT_TAKES_NS);
    let nowNs = SNAPSHOT_AT_NS;
    while (nowNs < durationNs) {
      nowNs = Math.min(nowNs + NS_PER_S / 10, durationNs);
      this.runUntil(nowNs);
      yield* this.lines(nowNs);
    }
  }

  /** Nothing that the venue does from `untilNs` on leaves before it, so frames sent earlier are in their final order. */
  private *lines(untilNs: number): Generator<string, void, undefined> {
    for (let frame = this.queue.popBefore(untilNs); frame !== undefined; frame = this.queue.popBefore(untilNs)) {
      yield `${unixNsText(this.startMs, this.link.receiveNs(frame.sentNs, frame.text.length))} ${frame.text}`;
    }
  }

  private runUntil(untilNs: number): void {
    for (;;) {
      const limitNs = Math.min(untilNs, this.nextDepthNs);
      while (this.flow.step(limitNs)) this.publisher.commit(this.flow.nowNs());
      if (limitNs === this.nextDepthNs) {
        this.publisher.cutDepth(limitNs);
        this.nextDepthNs += DEPTH_INTERVAL_NS + Math.floor(this.timing.exponential(DEPTH_JITTER_NS));
      }
      if (limitNs === untilNs) return;
    }
  }
}
