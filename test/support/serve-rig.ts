import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { MARKET_RING_RECORDS } from '../../src/core/limits.ts';
import { CONNECTION, type ConnectionEvent, type FrameHandler } from '../../src/core/ports.ts';
import { BOOK_STATE, SIDE } from '../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../src/core/time.ts';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import type { Discovery } from '../../src/feed/discovery.ts';
import type { Feed } from '../../src/feed/feed.ts';
import { discover, type Format, recordedFormat } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import { type LiveName, openLiveFeed } from '../../src/feed/live-venues.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import type { WsTransport } from '../../src/feed/transport/ws.ts';
import { levelTexts, ownFeed } from '../../src/venue-sim/serve/book-text.ts';
import type { ServeProtocol } from '../../src/venue-sim/serve/served-formats.ts';
import { RecordingServer } from '../../src/venue-sim/serve/server.ts';
import { QuickTimers } from './quick-timers.ts';

/** Levels a side that are compared with what `tickpath book` prints. */
const PRINTED_DEPTH = 10;
/** Books of a recording that are compared so. */
const PRINTED_BOOKS = 2;
/** Frames among which there is a change of every book. */
const SYNC_FRAMES = 40;

export interface ServeRigOptions {
  readonly files: readonly string[];
  readonly format: Format;
  readonly protocol?: ServeProtocol;
  /** Default: the format's name. */
  readonly venue?: LiveName;
  readonly settings?: Partial<LiveSettings>;
  readonly loop?: boolean;
  /** Instruments of the client instead of those of the recording. */
  readonly symbols?: readonly string[];
  /** Frames after which the recording stands still at first. */
  readonly pauseAt?: number;
  /** Replaces what the client gets of a frame; undefined: the frame is lost. */
  readonly onFrame?: (text: string, count: number) => string | undefined;
  /** True for a frame that is lost on its way; for binary protocols. */
  readonly loses?: (bytes: Uint8Array, count: number) => boolean;
}

/** A recording served on loopback, and a live client of it with a feed: real sockets, timers and clock of the test. */
export class ServeRig {
  readonly server: RecordingServer;
  readonly transport: WsTransport;
  readonly feed: Feed;
  readonly clock: ManualClock;
  readonly timers: QuickTimers;
  readonly serverTimers: QuickTimers;
  readonly events: ConnectionEvent[] = [];
  readonly troubles: string[] = [];
  readonly notes: string[];
  /** Short frames as text, in order. */
  readonly texts: string[] = [];
  /** Every book when the connection was last lost: `side price qty` lines by symbol. */
  lost = new Map<string, string[]>();
  private readonly options: ServeRigOptions;
  private readonly done: Promise<void>;
  private count = 0;

  /** Opens a rig, runs `body` and ends what is left of it. */
  static async use(options: ServeRigOptions, body: (rig: ServeRig) => Promise<void>): Promise<void> {
    const rig = await ServeRig.open(options);
    try {
      await body(rig);
    } finally {
      await rig.close();
    }
  }

  private static async open(options: ServeRigOptions): Promise<ServeRig> {
    const clock = new ManualClock();
    clock.set(1);
    const notes: string[] = [];
    const serverTimers = new QuickTimers();
    const { files, format } = options;
    const server = await RecordingServer.listen({
      files,
      format,
      protocol: options.protocol ?? 'venue',
      host: '127.0.0.1',
      port: 0,
      speed: 'max',
      loop: options.loop ?? false,
      clock,
      timers: serverTimers,
      onNote: (text) => notes.push(text),
    });
    if (options.pauseAt !== undefined) server.playback.pauseAt = options.pauseAt;
    const found = await discover(format, files);
    return new ServeRig(options, server, clock, serverTimers, notes, found);
  }

  private constructor(
    options: ServeRigOptions,
    server: RecordingServer,
    clock: ManualClock,
    serverTimers: QuickTimers,
    notes: string[],
    found: Discovery,
  ) {
    this.options = options;
    this.server = server;
    this.clock = clock;
    this.serverTimers = serverTimers;
    this.notes = notes;
    this.timers = new QuickTimers();
    const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
    const consumer = new RingConsumer(views);
    const { symbols } = options;
    const instruments = symbols === undefined ? found.instruments : symbols.map((symbol, id) => ({ ...found.instruments[0]!, id, symbol }));
    const { transport, feed } = openLiveFeed(
      options.venue ?? (options.format as LiveName),
      { instruments, streamBase: `ws://${server.address}`, restBase: `http://${server.address}`, ...options.settings },
      { clock, timers: this.timers, random: () => 0.5, epochMs: () => 0, onTrouble: (text) => this.troubles.push(text) },
      {
        ring: new RingProducer(views),
        counters: ownFeedCounters(),
        baseEpochNs: found.baseEpochNs,
        room: { waitForRoom: () => consumer.release(consumer.poll(MARKET_RING_RECORDS)) },
      },
    );
    this.transport = transport;
    this.feed = feed;
    this.done = transport.run(this.handler());
  }

  /** Lets the event loop turn until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets the recording play some frames, waits for snapshots that they make the client ask for, and plays on until every book is LIVE. */
  async sync(): Promise<void> {
    await this.until(() => this.server.readers === 1);
    const states = (): number[] => this.feed.instruments.map(({ id }) => this.feed.state(id));
    this.play(this.server.playback.frames + SYNC_FRAMES);
    await this.until(() => states().every((state) => state === BOOK_STATE.SYNCING || state === BOOK_STATE.LIVE));
    this.play(this.server.playback.frames + SYNC_FRAMES);
    await this.until(() => states().every((state) => state === BOOK_STATE.LIVE));
  }

  /** Lets the recording play to frame `frames` (default: its end). */
  play(frames = Number.POSITIVE_INFINITY): void {
    this.server.playback.pauseAt = frames;
    this.server.playback.release('pause');
  }

  /** Plays to the end; the client's books after the last frame, and ends the client. */
  async finish(): Promise<Map<string, string[]>> {
    this.play();
    await this.server.ended;
    const before = this.events.filter((one) => one === CONNECTION.DISCONNECTED).length;
    this.server.disconnect(1001, 'end');
    await this.until(() => this.events.filter((one) => one === CONNECTION.DISCONNECTED).length > before);
    const books = this.lost;
    await this.close();
    return books;
  }

  async close(): Promise<void> {
    this.transport.stop();
    await this.done;
    await this.server.close();
  }

  private handler(): FrameHandler {
    return {
      onFrame: (bytes, start, end, times) => {
        this.count++;
        const { onFrame, loses } = this.options;
        if (loses?.(bytes.subarray(start, end), this.count) === true) return;
        if (end - start < 4_096) this.texts.push(new TextDecoder().decode(bytes.subarray(start, end)));
        if (onFrame === undefined) this.feed.onFrame(bytes, start, end, times);
        else {
          const text = onFrame(new TextDecoder().decode(bytes.subarray(start, end)), this.count);
          if (text !== undefined) {
            const changed = new TextEncoder().encode(text);
            this.feed.onFrame(changed, 0, changed.length, times);
          }
        }
      },
      onConnection: (event, recvNs) => {
        this.events.push(event);
        if (event === CONNECTION.DISCONNECTED) this.lost = booksOf(this.feed);
        this.feed.onConnection(event, recvNs);
      },
    };
  }
}

/**
 * The books at the end of a recording, as in `ServeRig.lost`: every level by the feed of its format; the best ones
 * of the first books are as `tickpath book` prints them last.
 */
export async function booksOfFile(files: readonly string[], format: Format): Promise<Map<string, string[]>> {
  const { instruments, baseEpochNs, source } = await discover(format, files);
  const recorded = recordedFormat(format, source);
  const feed = ownFeed({ instruments, baseEpochNs, others: false, head: [], note: () => {} }, recorded.createFeed);
  await new FileTransport({ files, clock: new ManualClock(), baseEpochNs, framer: recorded.createFramer() }).run(feed);
  for (const one of instruments.slice(0, PRINTED_BOOKS)) {
    let text = '';
    const write = (piece: string): void => {
      text = piece === '' ? text : piece;
    };
    await dumpBook({ files, format, depth: PRINTED_DEPTH, every: 'event', out: 'json', symbol: one.symbol, write });
    const last = JSON.parse(text.trimEnd().split('\n').at(-1)!) as Record<'bids' | 'asks', [string, string][]>;
    const best = [SIDE.BUY, SIDE.SELL].map((side) => levelTexts(one, feed.book(one.id), side, PRINTED_DEPTH));
    assert.equal(best, [last.bids, last.asks], one.symbol);
  }
  return booksOf(feed);
}

/** The best levels of each side: a snapshot knows no more than the venue gives of a book, the books of a file may. */
export function bestOf(books: ReadonlyMap<string, string[]>, levels: number): [symbol: string, lines: string[]][] {
  return [...books].map(([symbol, lines]) => [
    symbol,
    [SIDE.BUY, SIDE.SELL].flatMap((side) => lines.filter((line) => line.startsWith(`${side} `)).slice(0, levels)),
  ]);
}

/** Every level of every book, as in `ServeRig.lost`. */
export function booksOf(feed: Feed): Map<string, string[]> {
  const lines = (one: Instrument, side: number): string[] =>
    levelTexts(one, feed.book(one.id), side).map(([price, qty]) => `${side} ${price} ${qty}`);
  return new Map(feed.instruments.map((one) => [one.symbol, [SIDE.BUY, SIDE.SELL].flatMap((side) => lines(one, side))]));
}
