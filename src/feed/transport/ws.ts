import WebSocket, { type RawData } from 'ws';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { CONNECTION, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import { backoffMs } from './backoff.ts';
import { REACTION_BYTES_MAX, RECONNECT, type ReconnectCause, ReconnectCounts, type VenueConnection } from './connection.ts';
import { Outbox } from './outbox.ts';
import { RateBudget } from './rate-budget.ts';
import { SnapshotFetches } from './snapshot-fetches.ts';
import { systemTimers, type Timers } from './timers.ts';

/** After so long with every book LIVE the delays between attempts begin anew. */
const STABLE_MS = 60_000;
/** A connection that grows old is replaced up to this share of its life early, so that not all end at one moment. */
const LIFE_SPREAD = 0.02;

/** Bytes beyond a frame that decoders may look at without a bound check. */
const FRAME_SLACK_BYTES = 64;

export interface WsTransportOptions extends VenueConnection {
  readonly clock: Clock;
  readonly timers?: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** A connection without a frame for so long is closed and made again. */
  readonly silenceMs: number;
  /** Attempts that all connections of an address share; default: `connections` for this one alone. */
  readonly attempts?: RateBudget;
  /** True while every book is LIVE; default: while connected. */
  readonly isLive?: () => boolean;
  /** Called several times each `silenceMs` with the time now, for watchdogs of single books. */
  readonly onWatch?: (nowNs: number) => void;
  /** Told why a connection or a snapshot failed, for the log. */
  readonly onTrouble?: (text: string) => void;
}

/**
 * A websocket as a transport: frames as bytes, never as strings, copied into one block of memory so that the decoder sees
 * the same array each time. Reconnects until stopped, with full jitter and within the venue's budget. Receive time and T0
 * are one reading of the clock, taken when the socket hands the frame over.
 *
 * A connection that the venue is about to close is replaced: the next one is opened first, and the books are built anew on
 * it as soon as it is open.
 */
export class WsTransport implements Transport {
  /** Connections opened, and frames handed over. */
  connections = 0;
  frames = 0;
  /** While a fetched snapshot is handed over, the instrument that it was fetched for; -1: the frame came by the socket. */
  fetched = -1;
  readonly reconnects = new ReconnectCounts();
  private readonly options: WsTransportOptions;
  private readonly timers: Timers;
  private readonly snapshots: SnapshotFetches;
  private readonly outbox: Outbox;
  private readonly attempts: RateBudget | undefined;
  private readonly reactions: readonly { readonly needle: Buffer; readonly index: number }[];
  private readonly block = new Uint8Array(FRAME_BYTES_MAX + FRAME_SLACK_BYTES);
  /** All three times of a live frame are one reading. */
  private readonly times = new Float64Array(FRAME_TIMES);
  private handler: FrameHandler | undefined;
  /** The connection, and the one that is to be it. */
  private socket: WebSocket | undefined;
  private opening: WebSocket | undefined;
  private openingNs = 0;
  private lastFrameNs = 0;
  /** Since when every book has been LIVE, -1 while one is not. */
  private liveNs = -1;
  private attempt = 0;
  /** Why the connection is being given up by us. */
  private cause: ReconnectCause = RECONNECT.CLOSED;
  private stopped = false;
  private cancelWatch: (() => void) | undefined;
  private cancelAttempt: (() => void) | undefined;
  /** Timers of the connection at hand. */
  private cancels: (() => void)[] = [];
  private finish: (() => void) | undefined;

  constructor(options: WsTransportOptions) {
    const { clock, random, connections } = options;
    this.options = options;
    this.timers = options.timers ?? systemTimers;
    this.attempts = options.attempts ?? (connections === undefined ? undefined : new RateBudget(connections));
    this.reactions = (options.reactions ?? []).map(({ holds }, index) => ({ needle: Buffer.from(holds), index }));
    this.outbox = new Outbox(clock, this.timers, options.messages, (message) => this.socket?.send(message));
    this.snapshots = new SnapshotFetches({
      venue: options,
      clock,
      timers: this.timers,
      random,
      deliver: (frame, instrument) => {
        this.fetched = instrument;
        this.deliver(frame);
        this.fetched = -1;
      },
      send: (messages) => this.outbox.post(messages),
      onTrouble: (text) => this.tell(text),
    });
  }

  run(handler: FrameHandler): Promise<void> {
    this.handler = handler;
    this.cancelWatch = this.timers.every(Math.max(1, this.options.silenceMs / 4), () => this.watch());
    return new Promise((resolve) => {
      this.finish = resolve;
      this.attemptAfter(0);
    });
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.cancelWatch?.();
    this.cancelAttempt?.();
    this.endConnection();
    this.opening?.terminate();
    this.socket?.terminate();
    const nowNs = this.options.clock.nowNs();
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.handler?.onConnection(CONNECTION.END, nowNs);
    this.finish?.();
  }

  /** SnapshotPort: a snapshot of the instrument comes as a frame of this connection, as soon as the venue allows. */
  request(instrument: number): void {
    if (!this.stopped && this.socket !== undefined) this.snapshots.request(instrument);
  }

  /** Opens the next connection and leaves this one when it is open. */
  replace(cause: ReconnectCause): void {
    if (this.stopped || this.opening !== undefined || this.cancelAttempt !== undefined || this.socket === undefined) return;
    this.cause = cause;
    this.attemptAfter(0);
  }

  /** Makes one attempt, after `ms` and not before the venue's budget has room for it. */
  private attemptAfter(ms: number): void {
    const waitMs = Math.max(ms, this.attempts?.waitMs(this.options.clock.nowNs()) ?? 0);
    if (waitMs === 0) {
      this.connect();
      return;
    }
    this.cancelAttempt = this.timers.after(waitMs, () => {
      this.cancelAttempt = undefined;
      this.attemptAfter(0);
    });
  }

  private connect(): void {
    const { url, headers, frameBytesMax, clock } = this.options;
    this.openingNs = clock.nowNs();
    this.attempts?.take(this.openingNs);
    if (this.socket === undefined) this.handler?.onConnection(CONNECTION.CONNECTING, this.openingNs);
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: frameBytesMax ?? FRAME_BYTES_MAX,
      skipUTF8Validation: true,
      ...(headers === undefined ? {} : { headers }),
    });
    this.opening = socket;
    const alive = (): void => {
      if (socket === this.socket) this.lastFrameNs = clock.nowNs();
    };
    socket.on('open', () => this.onOpen(socket));
    socket.on('message', (data) => {
      if (socket === this.socket) this.onMessage(data);
    });
    socket.on('ping', alive);
    socket.on('pong', alive);
    socket.on('error', (error) => this.tell(`${url}: ${error.message}`));
    socket.on('close', (code) => this.onClose(socket, code));
  }

  private onOpen(socket: WebSocket): void {
    if (this.stopped || socket !== this.opening) return;
    const { clock, greetings, keepalive, lifeMs, random } = this.options;
    const nowNs = clock.nowNs();
    const old = this.socket;
    this.opening = undefined;
    if (old !== undefined) {
      // Replaced: its books end here, and what it still sends is not looked at.
      this.lose(this.cause, nowNs);
      old.terminate();
      this.handler?.onConnection(CONNECTION.CONNECTING, nowNs);
    }
    this.socket = socket;
    this.cause = RECONNECT.CLOSED;
    this.connections++;
    this.lastFrameNs = nowNs;
    this.reconnects.made(nowNs);
    this.outbox.begin();
    this.handler?.onConnection(CONNECTION.CONNECTED, nowNs);
    this.outbox.post(typeof greetings === 'function' ? greetings() : (greetings ?? []));
    if (keepalive !== undefined) this.cancels.push(this.timers.every(keepalive.everyMs, () => this.keepAlive(keepalive.text)));
    if (lifeMs !== undefined) {
      const ageMs = lifeMs * (1 - LIFE_SPREAD * (1 + random()));
      this.cancels.push(this.timers.after(ageMs, () => this.replace(RECONNECT.AGED)));
    }
  }

  private keepAlive(text: string | undefined): void {
    if (text === undefined) this.socket?.ping();
    else this.socket?.send(text);
  }

  private onClose(socket: WebSocket, code: number): void {
    if (this.stopped) return;
    const nowNs = this.options.clock.nowNs();
    if (socket === this.opening) {
      this.opening = undefined;
      this.reconnects.count(RECONNECT.FAILED);
      if (this.socket === undefined) this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
      this.retry();
    } else if (socket === this.socket) {
      if (this.cause === RECONNECT.CLOSED) this.tell(`${this.options.url}: closed with code ${code}`);
      this.lose(this.cause, nowNs);
      if (this.opening !== undefined) this.handler?.onConnection(CONNECTION.CONNECTING, nowNs);
      else if (this.cancelAttempt === undefined) this.retry();
    }
  }

  /** The connection at hand is no more. */
  private lose(cause: ReconnectCause, nowNs: number): void {
    if (this.liveNs >= 0 && nowNs - this.liveNs >= STABLE_MS * 1e6) this.attempt = 0;
    this.liveNs = -1;
    this.endConnection();
    this.socket = undefined;
    this.cause = RECONNECT.CLOSED;
    this.reconnects.count(cause);
    this.reconnects.lost(nowNs);
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
  }

  private endConnection(): void {
    for (const cancel of this.cancels) cancel();
    this.cancels = [];
    this.snapshots.forget();
    this.outbox.begin();
  }

  private retry(): void {
    this.attempt++;
    this.attemptAfter(backoffMs(this.attempt, this.options.random));
  }

  private onMessage(data: RawData): void {
    const frame = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    this.lastFrameNs = this.deliver(frame);
    if (frame.length <= REACTION_BYTES_MAX) this.react(frame);
  }

  /** After the frame was handed over: no tick waits for it. */
  private react(frame: Buffer): void {
    for (const { needle, index } of this.reactions) {
      if (!frame.includes(needle)) continue;
      const { answer, replaces, tells } = this.options.reactions![index]!;
      if (answer !== undefined) this.socket?.send(answer);
      if (tells === true || replaces === true) this.tell(`${this.options.url}: ${frame.toString()}`);
      if (replaces === true) this.replace(RECONNECT.ANNOUNCED);
    }
  }

  /** Hands a frame over; when it came. */
  private deliver(frame: Uint8Array): number {
    const nowNs = this.options.clock.nowNs();
    this.frames++;
    let block = this.block;
    // Rare: a snapshot that holds every order of a book.
    if (frame.length > FRAME_BYTES_MAX) block = new Uint8Array(frame.length + FRAME_SLACK_BYTES);
    block.set(frame);
    this.handler?.onFrame(block, 0, frame.length, this.times.fill(nowNs));
    return nowNs;
  }

  private watch(): void {
    const nowNs = this.options.clock.nowNs();
    const { onWatch, isLive, silenceMs, url } = this.options;
    onWatch?.(nowNs);
    const live = this.socket !== undefined && (isLive?.() ?? true);
    if (!live) this.liveNs = -1;
    else if (this.liveNs < 0) this.liveNs = nowNs;
    const silenceNs = silenceMs * 1e6;
    if (this.opening !== undefined && nowNs - this.openingNs > silenceNs) this.opening.terminate();
    if (this.socket !== undefined && nowNs - this.lastFrameNs > silenceNs) {
      this.tell(`${url}: no frame for ${silenceMs} ms`);
      this.cause = RECONNECT.SILENT;
      this.lastFrameNs = nowNs;
      this.socket.terminate();
    }
  }

  private tell(text: string): void {
    this.options.onTrouble?.(text);
  }
}
