import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** Frames sent between two turns of the event loop. */
const BURST_FRAMES = 40;
/** After so many frames a connection waits until the client has asked for its snapshot. */
const UNTIL_SNAPSHOT_FRAMES = 80;

/**
 * Binance USD-M on loopback: every connection gets the same session from its beginning, every request for a snapshot the
 * session's one. Lines are capture lines, the snapshot among them.
 */
export class SessionVenue {
  connections = 0;
  snapshots = 0;
  private readonly frames: readonly Buffer[];
  private readonly snapshot: string;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly clients = new Set<WebSocket>();

  private constructor(lines: readonly string[]) {
    const frames = lines.map((line) => line.slice(20));
    this.snapshot = frames.find((frame) => frame.startsWith('{"lastUpdateId"')) ?? '';
    this.frames = frames.filter((frame) => !frame.startsWith('{"lastUpdateId"')).map((frame) => Buffer.from(frame));
    this.http = createServer((request, response) => {
      this.snapshots++;
      response.writeHead(request.url!.startsWith('/fapi/v1/depth?symbol=') ? 200 : 404).end(this.snapshot);
    });
    this.sockets = new WebSocketServer({ server: this.http });
    this.sockets.on('connection', (socket) => {
      this.connections++;
      this.clients.add(socket);
      const asked = this.snapshots;
      this.play(socket, 0, () => this.snapshots > asked);
    });
  }

  static async listen(lines: readonly string[]): Promise<SessionVenue> {
    const venue = new SessionVenue(lines);
    await new Promise<void>((resolve) => venue.http.listen(0, '127.0.0.1', resolve));
    return venue;
  }

  get host(): string {
    return `127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Bytes of all frames of one connection. */
  get bytes(): number {
    return this.frames.reduce((sum, frame) => sum + frame.length, 0);
  }

  get frameCount(): number {
    return this.frames.length;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.terminate();
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }

  private play(socket: WebSocket, from: number, hasAsked: () => boolean): void {
    if (socket.readyState !== socket.OPEN) return;
    if (from >= UNTIL_SNAPSHOT_FRAMES && !hasAsked()) {
      setImmediate(() => this.play(socket, from, hasAsked));
      return;
    }
    const to = Math.min(this.frames.length, from + BURST_FRAMES);
    for (let i = from; i < to; i++) socket.send(this.frames[i]!, { binary: false });
    if (to < this.frames.length) setImmediate(() => this.play(socket, to, hasAsked));
  }
}
