import { createServer, type Server, type Socket } from 'node:net';
import type { MessageStore } from './message-store.ts';

const HEARTBEAT_MS = 1_000;
const SILENCE_MS = 15_000;
/** Bytes written at once, and written ahead of what the client took. */
const BATCH_BYTES = 1 << 14;
const AHEAD_BYTES_MAX = 1 << 18;
const LOGIN_BYTES = 49;
const LENGTH_BYTES = 2;

export interface SoupServerOptions {
  readonly session: string;
  readonly store: MessageStore;
  readonly username: string;
  readonly password: string;
  readonly host?: string;
  /** Default: whichever is free. */
  readonly port?: number;
  /** Runs `callback` again and again; returns what ends that. Default: the machine's timer. */
  readonly every?: (ms: number, callback: () => void) => () => void;
  /** Bytes that connection `number`, from 1, gets before it is cut, wherever that is in a packet; default: never cut. */
  readonly cutAfterBytes?: (number: number) => number;
  /** Size of the next piece that bytes are written in; default: as large as they come. */
  readonly pieceBytes?: () => number;
}

const everyMs = (ms: number, callback: () => void): (() => void) => {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
};

/** A server of SoupBinTCP 3.00 for one session over a store of messages. */
export class SoupServer {
  /** Logins seen, as `session sequence` without their padding. */
  readonly logins: string[] = [];
  /** Connections so far, and heartbeats that clients sent. */
  connections = 0;
  clientHeartbeats = 0;
  private readonly options: SoupServerOptions;
  private readonly server: Server;
  private readonly clients = new Set<Client>();
  /** Messages that are published: clients are sent no others. */
  private published = 0;
  private ended = false;

  constructor(options: SoupServerOptions) {
    this.options = options;
    this.server = createServer((socket) => this.onConnection(socket));
  }

  get port(): number {
    return (this.server.address() as { readonly port: number }).port;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port ?? 0, this.options.host ?? '127.0.0.1', () => resolve());
    });
  }

  /** Sends what the store holds up to number `last`. */
  publish(last: number = this.options.store.count): void {
    this.published = Math.max(this.published, last);
    for (const client of this.clients) client.pump(this.published, this.ended);
  }

  /** The session ends after what was published. */
  end(): void {
    this.ended = true;
    this.publish(this.published);
  }

  /** Sends a debug packet to every client. */
  debug(text: string): void {
    this.raw(packet('+', text));
  }

  /** Sends bytes as they are to every client: for what is no packet. */
  raw(bytes: Uint8Array): void {
    for (const client of this.clients) client.send(bytes);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const client of this.clients) client.close();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private onConnection(socket: Socket): void {
    const number = ++this.connections;
    const client: Client = new Client(socket, this.options, this.options.cutAfterBytes?.(number) ?? Number.POSITIVE_INFINITY, {
      onLogin: (login) => this.onLogin(client, login),
      onHeartbeat: () => this.clientHeartbeats++,
      onClose: () => this.clients.delete(client),
      onDrain: () => client.pump(this.published, this.ended),
    });
    this.clients.add(client);
  }

  private onLogin(client: Client, text: string): void {
    const field = (from: number, to: number): string => text.slice(from, to).trim();
    const [session, sequence] = [field(16, 26), field(26, 46)];
    this.logins.push(`${session} ${sequence}`);
    if (field(0, 6) !== this.options.username || field(6, 16) !== this.options.password) client.reject('A');
    else if ((session !== '' && session !== this.options.session) || !/^\d+$/.test(sequence)) client.reject('S');
    else {
      // Beyond what there is, the next message is what comes next.
      const first = sequence === '0' ? this.published + 1 : Math.min(Number(sequence), this.published + 1);
      client.accept(first);
      client.pump(this.published, this.ended);
    }
  }
}

interface ClientPort {
  onLogin(login: string): void;
  onHeartbeat(): void;
  onClose(): void;
  onDrain(): void;
}

/** One connection. */
class Client {
  private readonly socket: Socket;
  private readonly options: SoupServerOptions;
  private readonly port: ClientPort;
  private readonly cancel: () => void;
  /** Bytes that still go out before the connection is cut. */
  private left: number;
  private received = Buffer.alloc(0);
  /** Number of the next message; 0 before the login was accepted. */
  private next = 0;
  private beats = 0;
  private silentBeats = 0;
  private closed = false;

  constructor(socket: Socket, options: SoupServerOptions, cutAfterBytes: number, port: ClientPort) {
    this.socket = socket;
    this.options = options;
    this.port = port;
    this.left = cutAfterBytes;
    this.cancel = (options.every ?? everyMs)(HEARTBEAT_MS, () => this.beat());
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.onBytes(bytes));
    socket.on('drain', () => port.onDrain());
    socket.on('error', () => {});
    socket.on('close', () => this.close());
  }

  accept(first: number): void {
    this.next = first;
    this.send(packet('A', `${this.options.session.padEnd(10)}${String(first).padStart(20)}`));
  }

  reject(code: string): void {
    this.send(packet('J', code));
    this.socket.end();
  }

  /** Sends messages up to number `last`, as far as the client takes them, and the end after the last one. */
  pump(last: number, ended: boolean): void {
    while (this.next > 0 && this.next <= last && !this.closed && this.socket.writableLength < AHEAD_BYTES_MAX) {
      const batch: Uint8Array[] = [];
      for (let bytes = 0; this.next <= last && bytes < BATCH_BYTES; this.next++) {
        const one = packet('S', this.options.store.message(this.next));
        batch.push(one);
        bytes += one.length;
      }
      this.send(Buffer.concat(batch));
    }
    if (this.next > last && ended && !this.closed) {
      this.send(packet('Z'));
      this.socket.end();
      this.next = 0;
    }
  }

  send(bytes: Uint8Array): void {
    this.beats = 0;
    for (let at = 0; at < bytes.length && !this.closed; ) {
      const size = Math.min(bytes.length - at, this.left, this.options.pieceBytes?.() ?? bytes.length);
      this.left -= size;
      this.socket.write(bytes.slice(at, at + size));
      at += size;
      if (this.left === 0) this.cut();
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cancel();
    this.socket.destroy();
    this.port.onClose();
  }

  /** What was written still arrives; nothing after it. */
  private cut(): void {
    this.closed = true;
    this.cancel();
    this.socket.destroySoon();
    this.port.onClose();
  }

  private beat(): void {
    if (++this.silentBeats * HEARTBEAT_MS >= SILENCE_MS) this.close();
    else if (this.next > 0 && this.beats++ > 0) this.send(packet('H'));
  }

  private onBytes(bytes: Buffer): void {
    this.silentBeats = 0;
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= LENGTH_BYTES && !this.closed) {
      const size = LENGTH_BYTES + this.received.readUInt16BE(0);
      if (this.received.length < size) return;
      this.onPacket(this.received.subarray(LENGTH_BYTES, size).toString('latin1'), size);
      this.received = this.received.subarray(size);
    }
  }

  private onPacket(text: string, size: number): void {
    if (text[0] === 'L' && size === LOGIN_BYTES && this.next === 0) this.port.onLogin(text.slice(1));
    else if (text === 'R') this.port.onHeartbeat();
    else if (text === 'O') this.socket.end();
    // Messages of the client and debug packets are heard and not answered.
    else if (text[0] !== 'U' && text[0] !== '+') this.close();
  }
}

/** A packet: `length u16`, type, payload. */
function packet(type: string, payload: string | Uint8Array = ''): Uint8Array {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const bytes = Buffer.alloc(LENGTH_BYTES + 1 + body.length);
  bytes.writeUInt16BE(1 + body.length);
  bytes.write(type, LENGTH_BYTES, 'latin1');
  bytes.set(body, LENGTH_BYTES + 1);
  return bytes;
}
