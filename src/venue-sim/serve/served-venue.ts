import type { Instrument } from '../../core/instrument.ts';
import type { ConnectionEvent } from '../../core/ports.ts';

/** A client of the served venue, as its protocol sees it. */
export interface ServedClient {
  /** What it asked for when it connected: path and query. */
  readonly url: URL;
  /** True once it subscribed to anything: the recording plays for such clients. */
  reads: boolean;
  /** Text as a text message, bytes as text too unless `binary`. The bytes are kept until they are sent. */
  send(data: string | Uint8Array, binary?: boolean): void;
  close(code: number, reason: string): void;
  /** Bytes that were sent and have not left this machine's buffers. */
  readonly waitingBytes: number;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: string | Uint8Array;
}

/** What a served venue is made from. */
export interface ServedSource {
  readonly instruments: readonly Instrument[];
  /** True when the recording holds further instruments: what names none may be theirs. */
  readonly others: boolean;
  readonly baseEpochNs: bigint;
  /** Frames that the recording begins with, as text: what they are, tells what can be served. */
  readonly head: readonly string[];
  /** Told what a client asked for and does not get. */
  readonly note: (text: string) => void;
}

/**
 * One venue's protocol over a recording: it keeps the recording's own books, sends each client the recorded frames that it
 * subscribed to, and a snapshot of the book as it stands to a client that comes late or begins again.
 */
export interface ServedVenue {
  /** A client that neither got nor sent anything for so long is disconnected, ms; 0: never. */
  readonly idleMs: number;
  /** The venue pings its clients this often, ms, and disconnects one that does not answer in three times that; 0: never. */
  readonly pingMs: number;
  /** What the venue sends to its subscribers so that they know it alive, each second. */
  readonly heartbeat?: string;
  /** Path for the subscription, messages to be sent there, and paths for REST snapshots: how to connect, for people. */
  readonly access: { readonly stream: string; readonly subscribe: readonly string[]; readonly rest: readonly string[] };
  onConnect(client: ServedClient): void;
  onMessage(client: ServedClient, text: string): void;
  /** A binary message; absent: the venue takes none. */
  onBytes?(client: ServedClient, bytes: Uint8Array): void;
  onClose(client: ServedClient): void;
  /** One recorded frame; the bytes are valid during the call only. */
  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void;
  /** The connection of the recorder changed; a recording without such events begins connected. */
  onConnection?(event: ConnectionEvent, recvTimeNs: number): void;
  /** Called each second. */
  onBeat?(): void;
  /** The recording ended: what waits for more of it gets an answer. */
  onEnd(): void;
  /** The answer to a GET request; undefined: there is no such path. */
  get(url: URL): Promise<RestAnswer> | undefined;
}
