import WebSocket, { type RawData } from 'ws';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { CONNECTION, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import { backoffMs } from './backoff.ts';

/** Reconnect delays begin anew after a connection of so long. */
const STABLE_MS = 60_000;
/** A snapshot asked for after so long without one is fetched at once. */
const SNAPSHOT_CALM_MS = 10_000;

/** Bytes beyond a frame that decoders may look at without a bound check. */
const FRAME_SLACK_BYTES = 64;

/** Timers of a live transport; injected so that tests decide when they fire. */
export interface Timers {
  after(ms: number, callback: () => void): () => void;
  every(ms: number, callback: () => void): () => void;
}

/** The machine's timers; each call returns what cancels it. */
export const systemTimers: Timers = {
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};

export interface WsTransportOptions {
  readonly url: string;
  /** Headers of the opening request, e.g. an API key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Messages sent as soon as a connection is open: subscriptions that the URL does not name. */
  readonly greetings?: readonly string[];
  readonly clock: Clock;
  readonly timers?: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Fetches a snapshot of an instrument as a frame; absent on venues that send their own. */
  readonly fetchSnapshot?: (instrument: number) => Promise<Uint8Array>;
  /** A connection without a frame for so long is closed and made again. */
  readonly silenceMs: number;
  /** Called several times each `silenceMs` with the time now, for watchdogs of single books. */
  readonly onWatch?: (nowNs: number) => void;
  /** Told why a connection or a snapshot failed, for the log. */
  readonly onTrouble?: (text: string) => void;
}

/**
 * A websocket as a transport: frames as bytes, never as strings, copied into one block of memory so that the decoder sees
 * the same array each time. Reconnects until stopped, with full jitter. Receive time and T0 are one reading of the clock,
 * taken when the socket hands the frame over.
 */
export class WsTransport implements Transport {
  /** Connections opened, and frames handed over. */
  connections = 0;
  frames = 0;
  private readonly options: WsTransportOptions;
  private readonly timers: Timers;
  private readonly block = new Uint8Array(FRAME_BYTES_MAX + FRAME_SLACK_BYTES);
  /** All three times of a live frame are one reading. */
  private readonly times = new Float64Array(FRAME_TIMES);
  private handler: FrameHandler | undefined;
  private socket: WebSocket | undefined;
  private attempt = 0;
  private snapshotAttempt = 0;
  private snapshotNs = 0;
  private epoch = 0;
  private lastFrameNs = 0;
  private openedNs = 0;
  private stopped = false;
  private cancels: (() => void)[] = [];
  private cancelReconnect: (() => void) | undefined;
  private finish: (() => void) | undefined;

  constructor(options: WsTransportOptions) {
    this.options = options;
    this.timers = options.timers ?? systemTimers;
  }

  run(handler: FrameHandler): Promise<void> {
    this.handler = handler;
    const watchMs = Math.max(1, this.options.silenceMs / 4);
    this.cancels.push(this.timers.every(watchMs, () => this.watch()));
    return new Promise((resolve) => {
      this.finish = resolve;
      this.connect();
    });
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.epoch++;
    for (const cancel of this.cancels) cancel();
    this.cancelReconnect?.();
    this.socket?.terminate();
    const nowNs = this.options.clock.nowNs();
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.handler?.onConnection(CONNECTION.END, nowNs);
    this.finish?.();
  }

  /** SnapshotPort: fetches a snapshot and hands it over as a frame of this connection; tries again when that fails. */
  request(instrument: number): void {
    const fetchSnapshot = this.options.fetchSnapshot;
    if (fetchSnapshot === undefined || this.stopped) return;
    const epoch = this.epoch;
    const nowNs = this.options.clock.nowNs();
    if (nowNs - this.snapshotNs > SNAPSHOT_CALM_MS * 1e6) this.snapshotAttempt = 0;
    this.snapshotNs = nowNs;
    const waitMs = this.snapshotAttempt === 0 ? 0 : backoffMs(this.snapshotAttempt, this.options.random);
    this.snapshotAttempt++;
    const cancel = this.timers.after(waitMs, () => {
      this.cancels = this.cancels.filter((one) => one !== cancel);
      fetchSnapshot(instrument).then(
        (frame) => {
          if (epoch === this.epoch) this.deliver(frame);
        },
        (error: unknown) => {
          this.options.onTrouble?.(`snapshot of instrument ${instrument}: ${error instanceof Error ? error.message : String(error)}`);
          if (epoch === this.epoch) this.request(instrument);
        },
      );
    });
    this.cancels.push(cancel);
  }

  private connect(): void {
    const epoch = ++this.epoch;
    this.handler?.onConnection(CONNECTION.CONNECTING, this.options.clock.nowNs());
    const socket = new WebSocket(this.options.url, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      skipUTF8Validation: true,
      ...(this.options.headers === undefined ? {} : { headers: this.options.headers }),
    });
    this.socket = socket;
    socket.on('open', () => this.onOpen(epoch));
    socket.on('message', (data) => {
      if (epoch === this.epoch) this.onMessage(data);
    });
    socket.on('error', (error) => this.options.onTrouble?.(`${this.options.url}: ${error.message}`));
    socket.on('close', (code) => this.onClose(epoch, code));
  }

  private onOpen(epoch: number): void {
    if (epoch !== this.epoch) return;
    this.connections++;
    this.snapshotAttempt = 0;
    this.openedNs = this.options.clock.nowNs();
    this.lastFrameNs = this.openedNs;
    this.handler?.onConnection(CONNECTION.CONNECTED, this.openedNs);
    for (const text of this.options.greetings ?? []) this.socket?.send(text);
  }

  private onClose(epoch: number, code: number): void {
    if (epoch !== this.epoch || this.stopped) return;
    const nowNs = this.options.clock.nowNs();
    const stable = this.openedNs > 0 && nowNs - this.openedNs >= STABLE_MS * 1e6;
    this.attempt = stable ? 0 : this.attempt + 1;
    this.openedNs = 0;
    this.epoch++;
    this.options.onTrouble?.(`${this.options.url}: closed with code ${code}`);
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.cancelReconnect = this.timers.after(backoffMs(this.attempt, this.options.random), () => this.connect());
  }

  private onMessage(data: RawData): void {
    if (data instanceof Uint8Array) this.deliver(data);
    else if (Array.isArray(data)) this.deliver(Buffer.concat(data));
    else this.deliver(new Uint8Array(data));
  }

  private deliver(frame: Uint8Array): void {
    const nowNs = this.options.clock.nowNs();
    this.lastFrameNs = nowNs;
    this.frames++;
    if (frame.length > this.block.length) {
      // Only a snapshot can be larger: the socket itself refuses such messages. The decoder refuses it by its length.
      this.handler?.onFrame(frame, 0, frame.length, this.times.fill(nowNs));
      return;
    }
    this.block.set(frame);
    this.handler?.onFrame(this.block, 0, frame.length, this.times.fill(nowNs));
  }

  private watch(): void {
    const nowNs = this.options.clock.nowNs();
    this.options.onWatch?.(nowNs);
    if (this.openedNs > 0 && nowNs - this.lastFrameNs > this.options.silenceMs * 1e6) {
      this.options.onTrouble?.(`${this.options.url}: no frame for ${this.options.silenceMs} ms`);
      this.lastFrameNs = nowNs;
      this.socket?.terminate();
    }
  }
}
