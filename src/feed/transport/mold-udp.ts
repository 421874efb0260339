import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Counters } from '../../core/counters.ts';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { CONNECTION, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import { MOLD_SESSION_BYTES } from './mold.hot.ts';
import { ownMoldCounters } from './mold-counters.ts';
import { MoldReceiver } from './mold-receiver.hot.ts';
import { MoldGapFiller } from './mold-requests.ts';
import { systemTimers, type Timers } from './timers.ts';
import { grantedRecvBytes, openUdp, type UdpAddress } from './udp-socket.ts';

/** Longest UDP payload, and bytes beyond a frame that decoders may look at without a bound check. */
const DATAGRAM_BYTES_MAX = 65_535;
const FRAME_SLACK_BYTES = 64;

export const MOLD_DEFAULTS = {
  gapWaitMs: 2,
  requestTimeoutMs: 50,
  requestAttemptsMax: 5,
  /** 26 messages of 50 bytes, the longest of ITCH, with their lengths and a header: 1,372 bytes. */
  requestMessagesMax: 26,
  sessionSilenceMs: 10_000,
  recvBufferBytes: 8 << 20,
} as const;

/** Where a line is received: a multicast group, or an address of this machine that a relay sends to. */
export interface MoldLine {
  readonly address: string;
  readonly port: number;
  /** Address of the interface that joins the group. */
  readonly interface?: string;
  /** Only packets that this address sent to the group. */
  readonly source?: string;
}

export interface MoldRequestServer {
  readonly address: string;
  readonly port: number;
  /** Address of the interface that requests leave by and answers come to. */
  readonly interface?: string;
  /** The server has the session from its first message on (default); else only what is recent. */
  readonly fromStart?: boolean;
}

export interface MoldUdpOptions {
  /** One line, or two or more copies of it (A and B). */
  readonly lines: readonly MoldLine[];
  readonly requests?: MoldRequestServer;
  /** Session to follow; default: the first that is heard. */
  readonly session?: string;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly counters?: Counters;
  readonly gapWaitMs?: number;
  readonly requestTimeoutMs?: number;
  readonly requestAttemptsMax?: number;
  readonly requestMessagesMax?: number;
  readonly sessionSilenceMs?: number;
  /** Asked of the kernel for each socket; `recvBufferGrantedBytes` says what it gave. */
  readonly recvBufferBytes?: number;
  /** No packet for so long is told as trouble. */
  readonly silenceMs: number;
  /** Called several times each `silenceMs` with the time now. */
  readonly onWatch?: (nowNs: number) => void;
  readonly onTrouble?: (text: string) => void;
}

/**
 * MoldUDP64 over UDP as a transport: joins the lines, puts their packets in order, asks the request server for what is missing,
 * and hands over packets as frames, each number once and in order. Receive time and T0 are one reading of the clock, taken when
 * the socket hands over the datagram that makes a packet come next.
 */
export class MoldUdpTransport implements Transport {
  readonly counters: Counters;
  /** The smallest receive buffer that the kernel gave a socket; 0 before `run`. */
  recvBufferGrantedBytes = 0;
  private readonly receiver: MoldReceiver;
  private readonly options: MoldUdpOptions;
  private readonly timers: Timers;
  private readonly block = new Uint8Array(DATAGRAM_BYTES_MAX + FRAME_SLACK_BYTES);
  private readonly sockets: Socket[] = [];
  private handler: FrameHandler | undefined;
  private cancelWatch: (() => void) | undefined;
  private lastNs = 0;
  private silent = false;
  /** True from CONNECTED on: what comes while sockets are opened is asked for later. */
  private ready = false;
  private stopped = false;
  private finish: (() => void) | undefined;

  constructor(options: MoldUdpOptions) {
    check(options);
    this.options = options;
    this.timers = options.timers ?? systemTimers;
    this.counters = options.counters ?? ownMoldCounters();
    this.receiver = new MoldReceiver({
      clock: options.clock,
      counters: this.counters,
      fromStart: options.requests !== undefined && options.requests.fromStart !== false,
      sessionSilenceMs: options.sessionSilenceMs ?? MOLD_DEFAULTS.sessionSilenceMs,
      ...(options.session === undefined ? {} : { session: options.session }),
    });
  }

  /** Rejects with ERR_UDP when a socket cannot be opened or a group not be joined. */
  async run(handler: FrameHandler): Promise<void> {
    const { lines, requests, silenceMs, clock } = this.options;
    this.handler = handler;
    handler.onConnection(CONNECTION.CONNECTING, clock.nowNs());
    try {
      if (requests !== undefined) await this.open({ port: 0, interface: requests.interface ?? anyOf(requests.address) }, true);
      for (const line of lines) await this.open(line, false);
    } catch (error) {
      this.close();
      throw error;
    }
    if (this.stopped) return;
    this.receiver.begin(handler, this.gapFiller());
    this.lastNs = clock.nowNs();
    this.cancelWatch = this.timers.every(Math.max(1, silenceMs / 4), () => this.watch());
    await new Promise<void>((resolve) => {
      this.finish = resolve;
      this.ready = true;
      handler.onConnection(CONNECTION.CONNECTED, this.lastNs);
    });
  }

  stop(): void {
    if (this.stopped) return;
    this.close();
    const nowNs = this.options.clock.nowNs();
    this.handler?.onConnection(CONNECTION.DISCONNECTED, nowNs);
    this.handler?.onConnection(CONNECTION.END, nowNs);
    this.finish?.();
  }

  /** Empties the books and rebuilds them from the first message of the session: for books that are not the venue's. */
  rewind(): void {
    if (!this.stopped) this.receiver.rewind();
  }

  /** Opens a socket; `answered`: it is the one that requests leave by. */
  private async open(to: UdpAddress, answered: boolean): Promise<void> {
    const asked = this.options.recvBufferBytes ?? MOLD_DEFAULTS.recvBufferBytes;
    const socket = await openUdp(to, asked);
    if (this.stopped) {
      socket.close();
      return;
    }
    this.sockets.push(socket);
    const name = `udp ${to.address ?? to.interface}:${socket.address().port}`;
    const granted = grantedRecvBytes(socket);
    if (granted < asked)
      this.options.onTrouble?.(`${name}: the kernel gives a receive buffer of ${granted} bytes, ${asked} were asked for`);
    if (this.sockets.length === 1 || granted < this.recvBufferGrantedBytes) this.recvBufferGrantedBytes = granted;
    socket.on('error', (error) => this.options.onTrouble?.(`${name}: ${error.message}`));
    socket.on('message', (datagram) => this.onDatagram(datagram, answered));
  }

  private onDatagram(datagram: Uint8Array, answered: boolean): void {
    if (!this.ready || this.stopped) return;
    this.lastNs = this.options.clock.nowNs();
    this.silent = false;
    this.block.set(datagram);
    this.receiver.onPacket(this.block, 0, datagram.length, answered);
  }

  private gapFiller(): MoldGapFiller {
    const { options } = this;
    const server = options.requests;
    const socket = this.sockets[0]!;
    const send = (packet: Uint8Array): void => socket.send(packet, server!.port, server!.address, (error) => this.onSent(error));
    return new MoldGapFiller(this.receiver, {
      timers: this.timers,
      random: options.random,
      fromStart: server !== undefined && server.fromStart !== false,
      gapWaitMs: options.gapWaitMs ?? MOLD_DEFAULTS.gapWaitMs,
      requestTimeoutMs: options.requestTimeoutMs ?? MOLD_DEFAULTS.requestTimeoutMs,
      requestAttemptsMax: options.requestAttemptsMax ?? MOLD_DEFAULTS.requestAttemptsMax,
      requestMessagesMax: options.requestMessagesMax ?? MOLD_DEFAULTS.requestMessagesMax,
      ...(server === undefined ? {} : { send }),
      ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
    });
  }

  private onSent(error: Error | null): void {
    if (error !== null && !this.stopped) this.options.onTrouble?.(`a request could not be sent: ${error.message}`);
  }

  private watch(): void {
    const nowNs = this.options.clock.nowNs();
    this.options.onWatch?.(nowNs);
    if (this.silent || nowNs - this.lastNs <= this.options.silenceMs * 1e6) return;
    this.silent = true;
    this.options.onTrouble?.(`no packet for ${this.options.silenceMs} ms`);
  }

  private close(): void {
    this.stopped = true;
    this.receiver.stop();
    this.cancelWatch?.();
    for (const socket of this.sockets) socket.close();
  }
}

/** Every address of this machine, of the family of `address`. */
function anyOf(address: string): string {
  return isIP(address) === 6 ? '::' : '0.0.0.0';
}

function check({ lines, requests, session }: MoldUdpOptions): void {
  const bad = (what: string): never => {
    throw new TickpathError('ERR_UDP', what, EXIT.USAGE);
  };
  if (lines.length === 0) bad('mold: expected at least one line');
  for (const { address, port } of requests === undefined ? lines : [...lines, requests]) {
    if (isIP(address) === 0) bad(`mold: address ${address}: expected an IP address`);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) bad(`mold: port ${port} of ${address}: expected 0 to 65535`);
  }
  if (session !== undefined && !/^[\x20-\x7e]+$/.test(session)) bad('mold: session: expected printable ASCII');
  if (session !== undefined && session.length > MOLD_SESSION_BYTES)
    bad(`mold: session ${session}: expected at most ${MOLD_SESSION_BYTES} characters`);
}
