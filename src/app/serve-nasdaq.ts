import { EXIT, TickpathError } from '../core/errors.ts';
import { type Clock, ManualClock, monotonicBaseNs, systemClock } from '../core/time.ts';
import { FileTransport } from '../feed/transport/file.ts';
import { MOLD_BLOCK_BYTES, MOLD_HEADER_BYTES, moldPacket, moldU16 } from '../feed/transport/mold.hot.ts';
import { M_SEEN, MoldSequencer, OFFER } from '../feed/transport/mold-sequencer.hot.ts';
import { PcapFramer } from '../feed/transport/pcap.ts';
import { systemTimers, type Timers } from '../feed/transport/timers.ts';
import { BinaryFileFramer } from '../feed/venue/nasdaq-itch/binary-file.ts';
import { MessageStore } from '../venue-sim/nasdaq/message-store.ts';
import { MoldServer } from '../venue-sim/nasdaq/mold-server.ts';
import { type PacketFaults, type SeededFaults, seededFaults } from '../venue-sim/nasdaq/packet-faults.ts';
import { Playback } from '../venue-sim/nasdaq/playback.ts';
import { SoupServer } from '../venue-sim/nasdaq/soup-server.ts';

const PLAY_MS = 1;
const HEARTBEAT_MS = 1_000;
const SESSION = 'TICKPATH01';

export interface ServeItchOptions {
  readonly files: readonly string[];
  /** A BinaryFILE, or a capture of MoldUDP64 packets, of which the first session is served. */
  readonly format: 'itch' | 'mold-pcap';
  readonly session?: string;
  /** 1: as it was recorded; 0, the default: as fast as possible. */
  readonly speed?: number;
  /** Address to listen on and to send from; default 127.0.0.1. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly timers?: Timers;
}

export interface ServeMoldOptions extends ServeItchOptions {
  /** Where packets go: one line, or two (A and B). */
  readonly lines: readonly { readonly address: string; readonly port: number }[];
  /** Port of the request server; default: whichever is free. */
  readonly requestPort?: number;
  readonly faults?: SeededFaults | PacketFaults;
}

export interface ServeSoupOptions extends ServeItchOptions {
  /** Default: whichever is free. */
  readonly port?: number;
  readonly username: string;
  readonly password: string;
}

/** A session that is being served, until `close`. */
export interface ServedSession {
  /** Port that requests or logins come to. */
  readonly port: number;
  readonly messages: number;
  /** Resolves when the last message and the end of the session were sent; requests are answered on. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

/** Serves a recorded ITCH session over MoldUDP64 with a request server. Rejects with a TickpathError. */
export async function serveMold(options: ServeMoldOptions): Promise<ServedSession> {
  const store = await readSession(options);
  const { lines, requestPort, faults, host, session = SESSION } = options;
  const server = new MoldServer({
    session,
    store,
    lines,
    ...(host === undefined ? {} : { host }),
    ...(requestPort === undefined ? {} : { requestPort }),
    ...(faults === undefined ? {} : { faults: typeof faults === 'function' ? faults : seededFaults(faults) }),
  });
  await server.open();
  const { done, stop } = play(store, options, {
    publish: (last) => server.publish(last),
    quiet: () => server.heartbeat(),
    end: () => server.end(),
  });
  const close = async (): Promise<void> => {
    stop();
    server.close();
  };
  return { port: server.requestPort, messages: store.count, done, close };
}

/** Serves a recorded ITCH session over SoupBinTCP. Rejects with a TickpathError. */
export async function serveSoup(options: ServeSoupOptions): Promise<ServedSession> {
  const store = await readSession(options);
  const { username, password, host, port, session = SESSION } = options;
  const server = new SoupServer({
    session,
    store,
    username,
    password,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
  await server.open();
  const { done, stop } = play(store, options, {
    publish: async (last) => server.publish(last),
    // Its connections have heartbeats of their own.
    quiet: async () => {},
    end: async () => server.end(),
  });
  const close = (): Promise<void> => {
    stop();
    return server.close();
  };
  return { port: server.port, messages: store.count, done, close };
}

interface PlayPort {
  publish(last: number): Promise<void>;
  /** Nothing was published for a second. */
  quiet(): Promise<void>;
  end(): Promise<void>;
}

/** Publishes what is due each millisecond, and the end after the last message, which is said each second until `stop`. */
function play(store: MessageStore, options: ServeItchOptions, port: PlayPort): { readonly done: Promise<void>; stop(): void } {
  const { speed = 0, timers = systemTimers, clock = systemClock(monotonicBaseNs()) } = options;
  const playback = new Playback(store, speed);
  const beganNs = clock.nowNs();
  let saidNs = beganNs;
  let sent = 0;
  let ended = false;
  let busy = false;
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const turn = async (): Promise<void> => {
    const nowNs = clock.nowNs();
    const due = playback.due(nowNs - beganNs);
    const quiet = nowNs - saidNs >= HEARTBEAT_MS * 1e6;
    if (due > sent) await port.publish(due);
    else if (!playback.finished && quiet) await port.quiet();
    else if (playback.finished && (!ended || quiet)) {
      await port.end();
      ended = true;
      finish();
    } else return;
    sent = due;
    saidNs = nowNs;
  };
  const stop = timers.every(PLAY_MS, () => {
    if (busy) return;
    busy = true;
    void turn().finally(() => {
      busy = false;
    });
  });
  return { done, stop };
}

/** The messages of a recording in order. */
async function readSession({ files, format }: ServeItchOptions): Promise<MessageStore> {
  const store = new MessageStore();
  const framer = format === 'itch' ? new BinaryFileFramer() : new PcapFramer();
  const append = (bytes: Uint8Array, start: number, end: number): void => store.append(bytes, start, end);
  const onFrame = format === 'itch' ? append : packets(append);
  await new FileTransport({ files, framer, clock: new ManualClock() }).run({ onFrame, onConnection: () => {} });
  if (store.count === 0) throw new TickpathError('ERR_SERVE', `${files[0]}: no message; expected Nasdaq TotalView-ITCH 5.0`, EXIT.DATA);
  return store;
}

/** Finds the messages of the first session in captured packets: each number once, what was not captured left out. */
function packets(onMessage: (bytes: Uint8Array, start: number, end: number) => void) {
  const sequence = new Float64Array(1);
  let sequencer: MoldSequencer | undefined;
  return (bytes: Uint8Array, start: number, end: number): void => {
    const count = moldPacket(bytes, start, end, sequence, 0);
    if (count < 0) return;
    if (sequencer === undefined) {
      sequencer = new MoldSequencer(0);
      sequencer.begin(bytes, start, sequence, 0);
    }
    if (!sequencer.isNamed(bytes, start)) return;
    if (sequencer.offer(bytes, start, end, count, sequence, 0) === OFFER.AHEAD) {
      sequencer.skipToOffered();
      sequencer.offer(bytes, start, end, count, sequence, 0);
    }
    let at = start + MOLD_HEADER_BYTES;
    for (let i = 0; at < end; i++) {
      const from = at + MOLD_BLOCK_BYTES;
      at = from + moldU16(bytes, at);
      if (i >= sequencer.numbers[M_SEEN]!) onMessage(bytes, from, at);
    }
  };
}
