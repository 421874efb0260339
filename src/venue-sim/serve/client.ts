import type { WebSocket } from 'ws';
import type { ServedClient } from './served-venue.ts';

/** One websocket of a served venue, and when it was last heard and spoken to. */
export class SocketClient implements ServedClient {
  readonly url: URL;
  reads = false;
  /** When anything was last sent or received, and since when a ping waits for its answer (-1: none does), ns. */
  lastNs: number;
  pingedNs = -1;
  readonly socket: WebSocket;
  private readonly nowNs: () => number;
  private readonly onSent: () => void;

  constructor(socket: WebSocket, url: URL, nowNs: () => number, onSent: () => void) {
    this.socket = socket;
    this.url = url;
    this.nowNs = nowNs;
    this.onSent = onSent;
    this.lastNs = nowNs();
  }

  get waitingBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(data: string | Uint8Array, binary = false): void {
    this.lastNs = this.nowNs();
    this.socket.send(data, { binary }, this.onSent);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }
}
