import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';
import { MARKET_RING_RECORDS } from '../core/limits.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME, type FrameHandler } from '../core/ports.ts';
import { Prng } from '../core/prng.ts';
import { BOOK_STATE } from '../core/records/market.ts';
import { ringBytes, ringViews } from '../core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../core/ring/spsc.hot.ts';
import { monotonicBaseNs, systemClock, wallTimeMs } from '../core/time.ts';
import { ownFeedCounters } from '../feed/counters.ts';
import type { Feed } from '../feed/feed.ts';
import { chooseLive, type LiveSettings } from '../feed/live.ts';
import { liveVenue, openLiveFeed } from '../feed/live-venues.ts';
import { nodeDisk } from '../feed/segment/disk.ts';
import { resumeRecording } from '../feed/segment/resume.ts';
import { type RecordingTotals, RecordingWriter } from '../feed/segment/writer.ts';
import { RECONNECT } from '../feed/transport/connection.ts';
import { systemTimers } from '../feed/transport/timers.ts';
import type { WsTransport } from '../feed/transport/ws.ts';
import { lockFolder } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';
import { liveSettings, type RecordConfig } from './record-config.ts';

/** What was received is handed to the disk this often: what a process that is killed loses. */
const HAND_OVER_MS = 100;
const STATUS_MS = 500;
const NS_PER_MS = 1_000_000n;

/** How a recording stands. */
export interface RecordStatus {
  readonly seconds: number;
  /** State of each instrument's book, by symbol, as text. */
  readonly books: Readonly<Record<string, string>>;
  readonly totals: RecordingTotals;
  /** Bytes that wait for the disk. */
  readonly waitingBytes: number;
  readonly reconnects: number;
}

export interface RecordHooks {
  readonly onStatus?: (status: RecordStatus) => void;
  /** Told what went wrong and was mended, for people. */
  readonly onNote?: (text: string) => void;
  /** Aborting ends the recording; what was received until then is kept. */
  readonly signal?: AbortSignal;
  /** Ends the recording after so long. */
  readonly forMs?: number;
}

export interface RecordOutcome extends RecordStatus {
  readonly folder: string;
  readonly recording: string;
  readonly venue: string;
  /** Feed counters by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly interrupted: boolean;
}

const STATE_NAMES = new Map<number, string>(Object.entries(BOOK_STATE).map(([name, value]) => [value, name]));

/** Writes every frame down before it is decoded, and hands it to the feed that keeps the books beside the recording. */
class RecordingTap implements FrameHandler {
  ended = false;
  /** Why the connection will have changed. */
  reason = '';
  private readonly writer: RecordingWriter;
  private readonly feed: Feed;
  private readonly transport: WsTransport;

  constructor(writer: RecordingWriter, feed: Feed, transport: WsTransport) {
    this.writer = writer;
    this.feed = feed;
    this.transport = transport;
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    // A message of nothing says nothing, and a replay has no frame for it.
    if (this.ended || start === end) return;
    this.writer.frame(bytes, start, end, times[FRAME_TIME.RECV_NS]!, this.transport.fetched);
    this.feed.onFrame(bytes, start, end, times);
  }

  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    // Ending a recording is nothing that the venue did.
    if (this.ended) return;
    if (event !== CONNECTION.END) this.writer.connectionChanged(event, recvTimeNs, this.reason);
    this.reason = '';
    this.feed.onConnection(event, recvTimeNs);
  }
}

/** Records a venue until it is told to stop; rejects with a TickpathError when the disk fails or the folder is another's. */
export async function runRecord(config: RecordConfig, hooks: RecordHooks = {}): Promise<RecordOutcome> {
  const folder = resolve(config.record.dir);
  const settings = liveSettings(config);
  chooseLive(config.venue, liveVenue(config.venue), settings);
  makeRecordingFolder(folder);
  const release = lockFolder(folder);
  try {
    return await recordInto(folder, config, settings, hooks);
  } finally {
    release();
  }
}

async function recordInto(folder: string, config: RecordConfig, settings: LiveSettings, hooks: RecordHooks): Promise<RecordOutcome> {
  const { instruments } = settings;
  const { depth, mode } = chooseLive(config.venue, liveVenue(config.venue), settings);
  const source = { venue: config.venue, depth, mode, instruments };
  const point = await resumeRecording(folder, source);
  for (const text of point.notes) hooks.onNote?.(text);
  const clock = systemClock(monotonicBaseNs());
  const baseEpochNs = BigInt(wallTimeMs()) * NS_PER_MS - BigInt(Math.floor(clock.nowNs()));
  const recording = point.recording ?? `${config.venue}-${baseEpochNs}`;
  const end = new Ending();
  const { record } = config;
  const writer = new RecordingWriter(
    {
      ...source,
      folder,
      disk: nodeDisk,
      recording,
      baseEpochNs,
      clock: clock.source,
      segment: point.segment,
      continues: point.continues,
      before: point.before,
      segmentBytesMax: record.segment_mb * 2 ** 20,
      segmentNsMax: record.segment_minutes * 60e9,
      syncNs: record.sync_ms * 1e6,
      compress: record.compress,
      onLoss: ({ frames }) => {
        hooks.onNote?.(`the disk did not keep up: ${frames} frames are missing in the recording; connecting anew`);
        transport.replace(RECONNECT.ASKED);
      },
      // `close` throws what failed.
      onFailure: () => end.stop(),
    },
    clock.nowNs(),
  );
  const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
  const consumer = new RingConsumer(views);
  const counters = ownFeedCounters();
  const onTrouble = (text: string): void => {
    tap.reason = text;
    hooks.onNote?.(text);
  };
  const random = new Prng(Number(baseEpochNs / NS_PER_MS));
  const { transport, feed } = openLiveFeed(
    config.venue,
    settings,
    { clock, timers: systemTimers, random: () => random.nextFloat(), epochMs: wallTimeMs, onTrouble },
    {
      ring: new RingProducer(views),
      counters,
      baseEpochNs,
      // Nobody reads these records: the books are what is wanted.
      room: { waitForRoom: () => consumer.release(consumer.poll(MARKET_RING_RECORDS)) },
    },
  );
  const tap = new RecordingTap(writer, feed, transport);
  const status = (): RecordStatus => ({
    seconds: clock.nowNs() / 1e9,
    books: Object.fromEntries(instruments.map(({ id, symbol }) => [symbol, STATE_NAMES.get(feed.state(id)) ?? ''])),
    totals: writer.totals(),
    waitingBytes: writer.waitingBytes,
    reconnects: transport.reconnects.total,
  });
  const cancels = [
    systemTimers.every(HAND_OVER_MS, () => writer.tick(clock.nowNs())),
    systemTimers.every(STATUS_MS, () => hooks.onStatus?.(status())),
    ...(hooks.forMs === undefined ? [] : [systemTimers.after(hooks.forMs, () => end.stop())]),
  ];
  const interrupt = (): void => end.stop();
  hooks.signal?.addEventListener('abort', interrupt);
  if (hooks.signal?.aborted === true) end.stop();
  const running = transport.run(tap);
  try {
    await end.reached;
  } finally {
    tap.ended = true;
    for (const cancel of cancels) cancel();
    hooks.signal?.removeEventListener('abort', interrupt);
  }
  const last = status();
  transport.stop();
  await running;
  const totals = await writer.close(clock.nowNs());
  const interrupted = hooks.signal?.aborted === true;
  return { ...last, totals, waitingBytes: 0, folder, recording, venue: config.venue, counters: counters.snapshot(), interrupted };
}

function makeRecordingFolder(folder: string): void {
  try {
    makeFolder(folder);
    readdirSync(folder);
  } catch (error) {
    throw new TickpathError('ERR_RECORDING', `${folder}: no folder to record into (${(error as Error).message})`, EXIT.USAGE);
  }
}

/** When a recording is to end. */
class Ending {
  readonly reached: Promise<void>;
  private settle!: () => void;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  stop(): void {
    this.settle();
  }
}
