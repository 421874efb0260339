import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Instrument, InstrumentText } from '../../core/instrument.ts';
import { SERVE_CLIENT_BYTES_MAX, SERVE_CLIENTS_MAX, SERVE_MESSAGE_BYTES_MAX } from '../../core/limits.ts';
import type { Clock } from '../../core/time.ts';
import { discover, type Format } from '../../feed/formats.ts';
import type { Timers } from '../../feed/transport/timers.ts';
import { SocketClient } from './client.ts';
import { answerRequest } from './http-requests.ts';
import { Playback } from './playback.ts';
import { recordingHead } from './recording-head.ts';
import { type ServeProtocol, servedFormat, servedProtocol } from './served-formats.ts';
import type { ServedVenue } from './served-venue.ts';

/** Bytes waiting for one client at which a recording played as fast as clients read stands still, and goes on. */
const HIGH_BYTES = 1 << 20;
const LOW_BYTES = 1 << 16;
const HEARTBEAT_MS = 1_000;

export interface ServeOptions {
  readonly files: readonly string[];
  readonly format: Format;
  /** The venue's own protocol (default), or Tickpath's. */
  readonly protocol?: ServeProtocol;
  readonly instruments?: readonly InstrumentText[];
  /** The one symbol to serve; default: all of the recording's. */
  readonly symbol?: string;
  /** A loopback address: 127.0.0.1 or ::1. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Times the recorded pace, or as fast as the clients read. */
  readonly speed: number | 'max';
  /** Begin again at the end of the recording, as a venue that restarts. */
  readonly loop: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told what clients do, for people. */
  readonly onNote: (text: string) => void;
}

/**
 * A recording served on loopback in its venue's own protocol. All clients see one market: it begins with the first
 * subscription and goes on whether or not a client is there, except that one played as fast as clients read waits for them.
 */
export class RecordingServer {
  venue: ServedVenue;
  playback: Playback;
  /** Times the recording was played to its end. */
  rounds = 0;
  /** The recording goes on without a client even when it is played as fast as clients read. */
  alone = false;
  /** Settles when the recording was played to its end, with a loop never; rejects when it cannot be read. */
  readonly ended: Promise<void>;
  private readonly options: ServeOptions;
  private readonly createVenue: () => ServedVenue;
  private readonly createPlayback: () => Playback;
  private readonly http: Server;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: SERVE_MESSAGE_BYTES_MAX,
  });
  private readonly clients = new Map<WebSocket, SocketClient>();
  private readonly cancels: (() => void)[] = [];
  private started = false;
  private closed = false;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  /** Reads the recording's beginning and listens; throws a TickpathError when it cannot be served there. */
  static async listen(options: ServeOptions): Promise<RecordingServer> {
    const { files, format, host, port, speed, clock, timers, onNote } = options;
    checkHost(host);
    const protocol = options.protocol ?? 'venue';
    if (protocol === 'venue' && format !== 'tickpath') servedFormat(format);
    const found = await discover(format, files, options.instruments, options.symbol);
    const { baseEpochNs, source } = found;
    const create = servedProtocol(protocol, format, source);
    const instruments = chosen(found.instruments, options.symbol);
    const head = await recordingHead(files, format, source);
    const server = new RecordingServer(
      options,
      () => create({ instruments, others: instruments.length < found.instruments.length, baseEpochNs, head, note: onNote }),
      () => new Playback({ files, format, source, baseEpochNs, speed, clock, timers }),
    );
    await new Promise<void>((resolve, reject) => {
      server.http.once('error', (error) =>
        reject(new TickpathError('ERR_SERVE', `cannot listen on ${host} port ${port}: ${error.message}`, EXIT.USAGE)),
      );
      server.http.listen(port, host, resolve);
    });
    return server;
  }

  private constructor(options: ServeOptions, createVenue: () => ServedVenue, createPlayback: () => Playback) {
    this.options = options;
    this.createVenue = createVenue;
    this.createPlayback = createPlayback;
    this.venue = createVenue();
    this.playback = createPlayback();
    this.ended = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Who does not wait for the end still hears of it by `close`.
    this.ended.catch(() => {});
    this.http = createServer((request, response) => void answerRequest(this.venue, request, response));
    this.http.on('upgrade', (request, socket, head) => this.onUpgrade(request, socket, head));
    const { pingMs, idleMs, heartbeat } = this.venue;
    if (this.venue.onBeat !== undefined) this.cancels.push(options.timers.every(HEARTBEAT_MS, () => this.venue.onBeat?.()));
    if (heartbeat !== undefined) this.cancels.push(options.timers.every(HEARTBEAT_MS, () => this.beat(heartbeat)));
    if (pingMs > 0) this.cancels.push(options.timers.every(pingMs, () => this.ping(pingMs)));
    if (idleMs > 0) this.cancels.push(options.timers.every(idleMs / 4, () => this.closeIdle(idleMs)));
  }

  /** e.g. "127.0.0.1:8080" */
  get address(): string {
    const { address, port } = this.http.address() as AddressInfo;
    return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  }

  /** Clients that subscribed to something. */
  get readers(): number {
    return this.readingClients().length;
  }

  /** Closes every connection after what was sent on it; clients may come again. */
  disconnect(code: number, reason: string): void {
    for (const client of this.clients.values()) client.close(code, reason);
  }

  /** Ends every connection and frees the port. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const cancel of this.cancels) cancel();
    this.playback.stop();
    this.venue.onEnd();
    for (const { socket } of this.clients.values()) socket.terminate();
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }

  private onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.clients.size >= SERVE_CLIENTS_MAX) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (client) => this.onClient(client, new URL(request.url ?? '/', 'ws://127.0.0.1')));
  }

  private onClient(socket: WebSocket, url: URL): void {
    const { clock, onNote } = this.options;
    const client = new SocketClient(
      socket,
      url,
      () => clock.nowNs(),
      () => this.gate(),
    );
    this.clients.set(socket, client);
    onNote(`client connected: ${url.pathname}${url.search}`);
    socket.on('message', (data, isBinary) => {
      client.lastNs = clock.nowNs();
      if (!isBinary) this.venue.onMessage(client, data.toString());
      else if (this.venue.onBytes !== undefined) this.venue.onBytes(client, data as Buffer);
      else client.close(1003, 'expected text');
      this.gate();
    });
    socket.on('pong', () => {
      client.pingedNs = -1;
    });
    socket.on('error', (error) => onNote(`client: ${error.message}`));
    socket.on('close', (code) => {
      this.clients.delete(socket);
      if (this.closed) return;
      onNote(`client gone (${code})`);
      this.venue.onClose(client);
      this.gate();
    });
    this.venue.onConnect(client);
    this.gate();
  }

  /** Begins with the first reader; holds the recording while nobody reads it, or somebody is behind. */
  private gate(): void {
    if (this.closed) return;
    const readers = this.readingClients();
    if (readers.length > 0 && !this.started) {
      this.started = true;
      void this.play();
    }
    const waits = this.options.speed === 'max';
    if (waits && readers.length === 0 && !this.alone) this.playback.hold('nobody');
    else this.playback.release('nobody');
    const behind = Math.max(0, ...readers.map((one) => one.socket.bufferedAmount));
    if (waits && behind > HIGH_BYTES) this.playback.hold('behind');
    else if (behind <= LOW_BYTES) this.playback.release('behind');
    for (const { socket } of readers) {
      if (waits || socket.bufferedAmount <= SERVE_CLIENT_BYTES_MAX) continue;
      this.options.onNote('client reads too slowly: disconnected');
      socket.terminate();
    }
  }

  private readingClients(): SocketClient[] {
    return [...this.clients.values()].filter((one) => one.reads);
  }

  private async play(): Promise<void> {
    try {
      for (;;) {
        await this.playback.run(
          (bytes, start, end, times) => {
            this.venue.onFrame(bytes, start, end, times);
            this.holdBehind();
          },
          (event, recvTimeNs) => this.venue.onConnection?.(event, recvTimeNs),
        );
        if (this.closed) return;
        this.rounds++;
        this.venue.onEnd();
        if (!this.options.loop) break;
        this.restart();
      }
      this.settle?.resolve();
    } catch (error) {
      this.settle?.reject(error);
      this.venue.onEnd();
    }
  }

  /** Frames follow one another without a turn of the event loop: what waits for a client is looked at after each. */
  private holdBehind(): void {
    for (const { socket } of this.clients.values()) if (socket.bufferedAmount > HIGH_BYTES) this.gate();
  }

  /** A venue that restarts drops its clients and begins with empty books. */
  private restart(): void {
    this.options.onNote(`the recording begins again (${this.rounds} played)`);
    this.disconnect(1012, 'service restart');
    this.venue = this.createVenue();
    this.playback = this.createPlayback();
    this.gate();
  }

  private beat(heartbeat: string): void {
    for (const client of this.clients.values()) if (client.reads) client.send(heartbeat);
  }

  private ping(pingMs: number): void {
    const nowNs = this.options.clock.nowNs();
    for (const client of this.clients.values()) {
      if (client.pingedNs >= 0 && nowNs - client.pingedNs >= 3 * pingMs * 1e6) {
        this.options.onNote('client does not answer pings: disconnected');
        client.socket.terminate();
        continue;
      }
      if (client.pingedNs < 0) client.pingedNs = nowNs;
      client.socket.ping(`${Math.floor(nowNs / 1e6)}`);
    }
  }

  private closeIdle(idleMs: number): void {
    const nowNs = this.options.clock.nowNs();
    for (const client of this.clients.values()) {
      if (nowNs - client.lastNs < idleMs * 1e6) continue;
      this.options.onNote(`client idle for ${idleMs} ms: disconnected`);
      client.close(1000, 'idle');
    }
  }
}

/** The instruments to serve, numbered anew. */
function chosen(found: readonly Instrument[], symbol: string | undefined): readonly Instrument[] {
  if (symbol === undefined) return found;
  const one = found.find((each) => each.symbol === symbol);
  const names = found.map((each) => each.symbol).join(', ');
  if (one === undefined) throw new TickpathError('ERR_SYMBOL', `no instrument ${symbol} in the input; it holds: ${names}`, EXIT.USAGE);
  return [{ ...one, id: 0 }];
}

function checkHost(host: string): void {
  if (host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return;
  throw new TickpathError(
    'ERR_SERVE',
    `host ${host}: expected a loopback address, 127.0.0.1 or ::1; recordings are served to this machine only`,
    EXIT.USAGE,
  );
}
