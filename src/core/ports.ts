/**
 * The seams between stages and the outside. Live, replay, backtest and bench differ in Transport, Clock (time.ts) and
 * OrderSink only; everything between is the same code.
 */

/**
 * Slots of a frame's times. `RECV_NS`: local receive time, ns since the run's base (recorded time in a replay): the time
 * that decisions see. The others are the measured clock and never reach a decision: `T0_NS` is where latency begins, the
 * frame's planned time under an open-loop schedule, else the same as `HANDED_NS`, when the frame was handed over.
 */
export const FRAME_TIME = { RECV_NS: 0, T0_NS: 1, HANDED_NS: 2 } as const;
export const FRAME_TIMES = 3;

/** What a transport hands its frames to: the feed stage. */
export interface FrameHandler {
  /**
   * One frame as received, in `bytes[start, end)`, and its `times` by FRAME_TIME, all valid during the call only. Times
   * travel in an array because V8 allocates a large number that it passes to a function.
   */
  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void;
  /** The connection was made or lost, or what it hands over is not the present (CONNECTION). A file begins connected and ends disconnected. */
  onConnection(event: ConnectionEvent, recvTimeNs: number): void;
}

/**
 * `BEHIND`: frames are known to be missing, and the transport fetches them before it hands over what follows, so that nothing
 * is lost but books are not the present; `CAUGHT_UP`: they are again. Only transports that can ask for what was missed say so.
 */
export const CONNECTION = { CONNECTING: 1, CONNECTED: 2, DISCONNECTED: 3, END: 4, BEHIND: 5, CAUGHT_UP: 6 } as const;
export type ConnectionEvent = (typeof CONNECTION)[keyof typeof CONNECTION];

/** Delivers frames until it is stopped or its input ends. */
export interface Transport {
  /** Resolves when the input ended (file) or the transport was stopped (socket); rejects with a TickpathError. */
  run(handler: FrameHandler): Promise<void>;
  stop(): void;
}

/**
 * Where approved orders go: a venue session or the simulated exchange. Reports come back as EXECUTION records in the
 * report ring, written by the sink, read by the engine before the next tick.
 */
export interface OrderSink {
  /**
   * One approved ORDER or CANCEL record at `slot` of the approved-order ring, and its encoded bytes (valid during the
   * call). The decision's data time stands in the record's header. 0, or a negative status when it could not be taken.
   */
  send(i32: Int32Array, f64: Float64Array, slot: number, bytes: Uint8Array, length: number): number;
  /**
   * Time reached the receive time of the record at `slot`: deliver every report due by then. Called before each tick is
   * applied. A record, not a number: V8 would box the time on the heap at each call.
   */
  advance(f64: Float64Array, slot: number): void;
  /**
   * A market-data record of the tick, after the lane decided on it and after `advance` to its time; a venue session ignores
   * it, the simulated exchange lives by it.
   */
  onMarketRecord(i32: Int32Array, f64: Float64Array, slot: number): void;
}
