import { createSocket, type Socket } from 'node:dgram';
import type { MessageStore } from './message-store.ts';
import { END_OF_SESSION, header, packetOf, requestOf, SESSION_CHARACTERS } from './mold-packets.ts';
import { noFaults, type PacketFaults } from './packet-faults.ts';

export interface MoldServerOptions {
  readonly session: string;
  readonly store: MessageStore;
  /** Where each line's packets go; two make an A and a B line. */
  readonly lines: readonly { readonly address: string; readonly port: number }[];
  /** Address that packets leave by and requests come to. */
  readonly host?: string;
  /** Port of the request server; default: whichever is free. */
  readonly requestPort?: number;
  /** Fates of the packets of the lines, and of the answers to requests (line -1). */
  readonly faults?: PacketFaults;
}

const ANSWERS = -1;

/** A packet that arrives after so many others of its line. */
interface Late {
  readonly packet: Uint8Array;
  left: number;
}

/** A sender of MoldUDP64 packets and the request server beside it, for one session over a store of messages. */
export class MoldServer {
  /** False: requests are heard and not answered. */
  answering = true;
  requests = 0;
  sentPackets = 0;
  private readonly options: MoldServerOptions;
  private readonly faults: PacketFaults;
  private readonly name: string;
  private readonly late: Late[][];
  private readonly socket: Socket;
  private readonly answers: Socket;
  /** Number of the next message to send. */
  private next = 1;
  private closed = false;

  constructor(options: MoldServerOptions) {
    this.options = options;
    this.faults = options.faults ?? noFaults;
    this.name = options.session.padEnd(SESSION_CHARACTERS);
    this.late = options.lines.map(() => []);
    this.socket = createSocket('udp4');
    this.answers = createSocket('udp4');
    this.answers.on('message', (datagram, from) => this.answer(datagram, from.address, from.port));
  }

  /** Port of the request server, once open. */
  get requestPort(): number {
    return this.answers.address().port;
  }

  /** Number of the next message to send. */
  get nextNumber(): number {
    return this.next;
  }

  async open(): Promise<void> {
    const host = this.options.host ?? '127.0.0.1';
    await bind(this.socket, host, 0);
    this.socket.setMulticastInterface(host);
    await bind(this.answers, host, this.options.requestPort ?? 0);
  }

  /** Sends what the store holds up to number `last`, in packets as full as they get. */
  async publish(last: number = this.options.store.count): Promise<void> {
    const { store } = this.options;
    while (this.next <= last && !this.closed) {
      const { packet, messages } = packetOf(store, this.name, this.next, last - this.next + 1);
      this.next += messages;
      await this.toLines(packet);
    }
  }

  /** Says which number comes next; what was late on its way arrives before it. */
  async heartbeat(): Promise<void> {
    await this.flush();
    await this.toLines(header(this.name, this.next, 0));
  }

  async end(): Promise<void> {
    await this.flush();
    await this.toLines(header(this.name, this.next, END_OF_SESSION));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
    this.answers.close();
  }

  private async toLines(packet: Uint8Array): Promise<void> {
    for (let line = 0; line < this.options.lines.length; line++) {
      for (const one of this.late[line]!) one.left--;
      const { copies, delayPackets } = this.faults(line);
      for (let copy = 0; copy < copies; copy++) {
        if (delayPackets > 0) this.late[line]!.push({ packet, left: delayPackets });
        else await this.send(line, packet);
      }
      await this.sendDue(line, 0);
    }
  }

  private async flush(): Promise<void> {
    for (let line = 0; line < this.options.lines.length; line++) await this.sendDue(line, Number.POSITIVE_INFINITY);
  }

  private async sendDue(line: number, left: number): Promise<void> {
    const due = this.late[line]!.filter((one) => one.left <= left);
    this.late[line] = this.late[line]!.filter((one) => one.left > left);
    for (const one of due) await this.send(line, one.packet);
  }

  private async send(line: number, packet: Uint8Array): Promise<void> {
    if (this.closed) return;
    const { address, port } = this.options.lines[line]!;
    this.sentPackets++;
    await sendTo(this.socket, packet, address, port);
  }

  /** One packet with what fits of the messages asked for; nothing when there is none, or the session is another one. */
  private answer(datagram: Uint8Array, address: string, port: number): void {
    const request = requestOf(datagram);
    this.requests++;
    if (request === undefined || !this.answering || request.session !== this.name) return;
    const { store } = this.options;
    const last = Math.min(this.next - 1, request.sequence + request.count - 1);
    if (request.sequence < 1 || last < request.sequence || request.count === END_OF_SESSION) return;
    const { packet } = packetOf(store, this.name, request.sequence, last - request.sequence + 1);
    const { copies } = this.faults(ANSWERS);
    for (let copy = 0; copy < copies; copy++) void sendTo(this.answers, packet, address, port);
  }
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      // What cannot be sent is lost, as datagrams may be.
      socket.on('error', () => {});
      resolve();
    });
  });
}

/** Resolves when the kernel has taken the packet, or could not. */
function sendTo(socket: Socket, packet: Uint8Array, address: string, port: number): Promise<void> {
  return new Promise((resolve) => socket.send(packet, port, address, () => resolve()));
}
