import { connect, type Socket } from 'node:net';
import type { Counters } from '../../core/counters.ts';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { CONNECTION, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import { backoffMs } from './backoff.ts';
import { MOLD_BLOCK_BYTES, MOLD_END_OF_SESSION, MOLD_HEADER_BYTES, MOLD_HEARTBEAT, MOLD_SESSION_BYTES, putMoldHeader } from './mold.hot.ts';
import { SOUP, SOUP_PACKET_BYTES_MAX, SOUP_SERVER, SOUP_TYPE, SoupParser, type SoupPort } from './soup.hot.ts';
import { ownSoupCounters, SOUP_COUNTER } from './soup-counters.ts';
import { checkSoupLogin, soupAccepted, soupLogin, soupPacket } from './soup-packets.ts';
import { systemTimers, type Timers } from './timers.ts';

/** By SoupBinTCP 3.00: a side that sent nothing for a second sends a heartbeat, one that is silent for fifteen is dead. */
const HEARTBEAT_MS = 1_000;
const SILENCE_MS = 15_000;
/** Reconnect delays begin anew after a connection of so long. */
const STABLE_MS = 60_000;
const READ_BYTES = 1 << 16;
const DEBUG_CHARACTERS_MAX = 200;
/** Codes of a rejected login. */
const NOT_AUTHORISED = 65;
const NO_SESSION = 83;

const ERROR_TEXTS: Readonly<Record<number, string>> = {
  [SOUP.ZERO_LENGTH]: 'a packet of length 0; expected at least a type',
  [SOUP.UNKNOWN_TYPE]: 'a packet of a type that servers do not send; expected +, A, J, S, H or Z',
  [SOUP.BAD_LENGTH]: 'a packet of another length than its type has',
};

export interface SoupOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Default: the current one. */
  readonly session?: string;
  /** Number of the first message; default 1, from the start; 0: from the next one on. */
  readonly sequence?: number;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly counters?: Counters;
  readonly heartbeatMs?: number;
  readonly silenceMs?: number;
  /** True when the message `bytes[start, end)`, received at `recvNs`, is of the present and not sent again from the past. */
  readonly isPresent?: (bytes: Uint8Array, start: number, end: number, recvNs: number) => boolean;
  /** Called each heartbeat with the time now. */
  readonly onWatch?: (nowNs: number) => void;
  readonly onTrouble?: (text: string) => void;
}

/**
 * SoupBinTCP as a transport. Logs in, and after a lost connection asks for the same session from the next number on, so that each
 * message is handed over once and in order: as a MoldUDP64 packet of one message, which carries session and number, so that the
 * same feed checks them. Books are behind from a lost connection, and from the first login, until what was missed has come: until
 * a heartbeat (the server had nothing more to send) or a message of the present.
 */
export class SoupTransport implements Transport, SoupPort {
  readonly counters: Counters;
  readonly #password: string;
  private readonly options: Omit<SoupOptions, 'password'>;
  private readonly timers: Timers;
  private readonly parser: SoupParser;
  private readonly chunk = new Uint8Array(READ_BYTES);
  private readonly frame = new Uint8Array(MOLD_HEADER_BYTES + SOUP_PACKET_BYTES_MAX);
  private readonly times = new Float64Array(FRAME_TIMES);
  private readonly name = new Uint8Array(MOLD_SESSION_BYTES);
  /** `[0]`: number of the next message. */
  private readonly next: Float64Array;
  /** Blank until a login was accepted, unless configured. */
  private session: string;
  private handler: FrameHandler | undefined;
  private socket: Socket | undefined;
  private attempt = 0;
  private openedNs = 0;
  private lastNs = 0;
  private accepted = false;
  /** True once a login was accepted: the handler is connected and stays so. */
  private begun = false;
  private behind = false;
  private stopped = false;
  private cancelWatch: (() => void) | undefined;
  private cancelReconnect: (() => void) | undefined;
  private finish: ((error?: Error) => void) | undefined;

  /** Throws ERR_SOUP. */
  constructor(options: SoupOptions) {
    const { password, ...rest } = options;
    this.options = rest;
    this.#password = password;
    this.session = options.session?.trim() ?? '';
    this.next = Float64Array.of(options.sequence ?? 1);
    checkSoupLogin(options, this.session, this.next[0]!);
    this.timers = options.timers ?? systemTimers;
    this.counters = options.counters ?? ownSoupCounters();
    this.parser = new SoupParser(this, SOUP_SERVER);
  }

  /** Resolves when the session ended or the transport was stopped; rejects with ERR_SOUP_LOGIN when the login is not authorised. */
  run(handler: FrameHandler): Promise<void> {
    this.handler = handler;
    this.cancelWatch = this.timers.every(this.options.heartbeatMs ?? HEARTBEAT_MS, () => this.watch());
    return new Promise((resolve, reject) => {
      this.finish = (error) => (error === undefined ? resolve() : reject(error));
      this.connect();
    });
  }

  stop(): void {
    this.end(undefined);
  }

  onPacket(type: number, bytes: Uint8Array, start: number, end: number): void {
    if (type === SOUP_TYPE.SEQUENCED && this.accepted) this.onMessage(bytes, start, end);
    else if (type === SOUP_TYPE.SERVER_HEARTBEAT && this.accepted) this.onHeartbeat();
    else if (type === SOUP_TYPE.DEBUG) this.onDebug(bytes, start, end);
    else if (type === SOUP_TYPE.ACCEPTED && !this.accepted) this.onAccepted(bytes, start);
    else if (type === SOUP_TYPE.REJECTED && !this.accepted) this.onRejected(bytes[start]!);
    else if (type === SOUP_TYPE.END_OF_SESSION && this.accepted) this.onEnd();
    else this.onError(`a packet of type ${String.fromCharCode(type)} ${this.accepted ? 'after' : 'before'} the login was accepted`);
  }

  private connect(): void {
    const { host, port, clock } = this.options;
    if (!this.begun) this.handler?.onConnection(CONNECTION.CONNECTING, clock.nowNs());
    this.parser.reset();
    this.accepted = false;
    this.lastNs = clock.nowNs();
    // The socket reads into memory that stays: nothing is allocated for what comes.
    const onread = { buffer: this.chunk, callback: (size: number) => this.onBytes(socket, size) };
    const socket: Socket = connect({ host, port, noDelay: true, onread });
    this.socket = socket;
    socket.on('connect', () => this.onOpen(socket));
    socket.on('error', (error) => this.trouble(error.message));
    socket.on('close', () => this.onClose(socket));
  }

  private onOpen(socket: Socket): void {
    if (socket !== this.socket || this.stopped) return;
    this.counters.increment(SOUP_COUNTER.CONNECTIONS);
    this.openedNs = this.options.clock.nowNs();
    this.lastNs = this.openedNs;
    socket.write(soupLogin({ username: this.options.username, password: this.#password }, this.session, this.next[0]!));
  }

  private onBytes(socket: Socket, size: number): boolean {
    if (socket !== this.socket || this.stopped) return true;
    const nowNs = this.options.clock.nowNs();
    this.lastNs = nowNs;
    this.times.fill(nowNs);
    const status = this.parser.push(this.chunk, 0, size);
    if (status < 0) this.onError(ERROR_TEXTS[status]!);
    return true;
  }

  private onClose(socket: Socket): void {
    if (socket !== this.socket || this.stopped) return;
    const nowNs = this.options.clock.nowNs();
    const stable = this.openedNs > 0 && nowNs - this.openedNs >= STABLE_MS * 1e6;
    this.attempt = stable ? 1 : this.attempt + 1;
    this.openedNs = 0;
    this.socket = undefined;
    this.trouble('the connection is closed');
    if (this.begun) this.fallBehind(nowNs);
    else this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.cancelReconnect = this.timers.after(backoffMs(this.attempt, this.options.random), () => this.connect());
  }

  private onAccepted(bytes: Uint8Array, start: number): void {
    const accepted = soupAccepted(bytes, start);
    if (accepted === undefined) {
      this.onError('a login accepted without a number; expected 20 characters of a decimal number');
      return;
    }
    const { session, sequence } = accepted;
    this.accepted = true;
    this.counters.increment(SOUP_COUNTER.LOGINS);
    const nowNs = this.times[0]!;
    const another = this.begun && session.trim() !== this.session;
    if (another) this.trouble(`the session is ${session.trim()}, not ${this.session} any more; books are emptied`);
    else if (this.begun && sequence !== this.next[0])
      this.trouble(`the session goes on with message ${sequence}, expected ${this.next[0]}`);
    this.session = session.trim();
    this.name.set(bytes.subarray(start, start + MOLD_SESSION_BYTES));
    this.next[0] = sequence;
    if (another) this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    if (another || !this.begun) {
      this.handler?.onConnection(CONNECTION.CONNECTED, nowNs);
      this.behind = false;
    }
    this.begun = true;
    this.fallBehind(nowNs);
  }

  private onRejected(code: number): void {
    if (code === NOT_AUTHORISED) {
      const { host, port } = this.options;
      const why = 'the login is rejected, not authorised (A); check user name and password';
      this.end(new TickpathError('ERR_SOUP_LOGIN', `${host}:${port}: ${why}`, EXIT.FAILURE));
      return;
    }
    const session = this.session === '' ? 'current session' : `session ${this.session}`;
    if (code === NO_SESSION) this.trouble(`the login is rejected, the ${session} is not available (S)`);
    else this.trouble(`the login is rejected with code ${String.fromCharCode(code)}; expected A or S`);
    // A session that was not asked for by name is over: the next one is followed from its start.
    if (code === NO_SESSION && this.begun && (this.options.session ?? '') === '') this.forget();
    this.parser.stop();
    this.socket?.destroy();
  }

  /** What was followed is over. */
  private forget(): void {
    this.session = '';
    this.next[0] = this.options.sequence === 0 ? 0 : 1;
    this.begun = false;
    this.behind = false;
  }

  private onMessage(bytes: Uint8Array, start: number, end: number): void {
    const { frame, times } = this;
    const from = MOLD_HEADER_BYTES + MOLD_BLOCK_BYTES;
    const to = from + end - start;
    putMoldHeader(this.name, this.next, 0, 1, frame, 0);
    frame[MOLD_HEADER_BYTES] = (end - start) >>> 8;
    frame[MOLD_HEADER_BYTES + 1] = (end - start) & 0xff;
    for (let i = start; i < end; i++) frame[from + i - start] = bytes[i]!;
    this.next[0] = this.next[0]! + 1;
    this.counters.increment(SOUP_COUNTER.MESSAGES);
    this.handler?.onFrame(frame, 0, to, times);
    if (this.behind && this.options.isPresent?.(frame, from, to, times[0]!) === true) this.catchUp();
  }

  /** The server had nothing to send for a second: nothing is left of what was missed. */
  private onHeartbeat(): void {
    this.counters.increment(SOUP_COUNTER.HEARTBEATS);
    putMoldHeader(this.name, this.next, 0, MOLD_HEARTBEAT, this.frame, 0);
    this.handler?.onFrame(this.frame, 0, MOLD_HEADER_BYTES, this.times);
    if (this.behind) this.catchUp();
  }

  private onEnd(): void {
    putMoldHeader(this.name, this.next, 0, MOLD_END_OF_SESSION, this.frame, 0);
    if (this.behind) this.catchUp();
    this.handler?.onFrame(this.frame, 0, MOLD_HEADER_BYTES, this.times);
    this.end(undefined);
  }

  private onDebug(bytes: Uint8Array, start: number, end: number): void {
    this.counters.increment(SOUP_COUNTER.DEBUG);
    const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + DEBUG_CHARACTERS_MAX)));
    const told = this.#password === '' ? text : text.replaceAll(this.#password, '***');
    this.trouble(`the server says: ${told.replace(/[^\x20-\x7e]/g, '?')}`);
  }

  private onError(what: string): void {
    this.counters.increment(SOUP_COUNTER.ERRORS);
    this.trouble(`protocol error: ${what}`);
    this.parser.stop();
    this.socket?.destroy();
  }

  private fallBehind(nowNs: number): void {
    if (this.behind) return;
    this.behind = true;
    this.handler?.onConnection(CONNECTION.BEHIND, nowNs);
  }

  private catchUp(): void {
    this.behind = false;
    this.handler?.onConnection(CONNECTION.CAUGHT_UP, this.times[0]!);
  }

  private watch(): void {
    const nowNs = this.options.clock.nowNs();
    const silenceMs = this.options.silenceMs ?? SILENCE_MS;
    this.options.onWatch?.(nowNs);
    if (this.socket === undefined) return;
    if (this.accepted) this.socket.write(soupPacket(SOUP_TYPE.CLIENT_HEARTBEAT));
    if (nowNs - this.lastNs < silenceMs * 1e6) return;
    this.counters.increment(SOUP_COUNTER.SILENCES);
    this.trouble(`nothing came for ${silenceMs} ms`);
    this.lastNs = nowNs;
    this.socket.destroy();
  }

  /** Ends the run, with an error where there is one. */
  private end(error: Error | undefined): void {
    if (this.stopped) return;
    this.stopped = true;
    this.cancelWatch?.();
    this.cancelReconnect?.();
    this.parser.stop();
    if (this.accepted && this.socket !== undefined) this.socket.write(soupPacket(SOUP_TYPE.LOGOUT));
    this.socket?.destroySoon();
    const nowNs = this.options.clock.nowNs();
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.handler?.onConnection(CONNECTION.END, nowNs);
    this.finish?.(error);
  }

  private trouble(what: string): void {
    this.options.onTrouble?.(`${this.options.host}:${this.options.port}: ${what}`);
  }
}
