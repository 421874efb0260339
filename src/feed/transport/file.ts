import { EXIT, TickpathError } from '../../core/errors.ts';
import { CONNECTION, type ConnectionEvent, FRAME_TIME, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import type { ByteSource, OpenInput } from './byte-source.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';
import { type InputDigest, inputBytes } from './inflate.ts';
import { inputGroups, openGroup } from './inputs.ts';
import { LineFramer } from './line-framer.ts';
import { type Pacer, timerWaiter, unpaced, type Waiter } from './pacing.ts';

/** Bytes copied at a time between two frames: a few microseconds, so that a copy never makes a tick late. */
const CHUNK_BYTES_MAX = 16 << 10;
/** Inflated bytes read ahead of the frame being handed over. */
export const AHEAD_BYTES = 16 << 20;
/** Inflated bytes that must be ready before the first frame is handed over. */
const AHEAD_AT_START_BYTES = 4 << 20;

/** What `pump` says: the block holds no whole frame, the next one is not due yet, or `stop` was called. */
const PUMP = { MORE: 0, WAIT: 1, STOPPED: 2 } as const;

/** Bytes beyond a frame that decoders may look at without a bound check. */
const FRAME_SLACK_BYTES = 64;

export interface FileTransportOptions {
  /** One or more recordings, in order; a later file continues the one before it, or is merged with it (`inputGroups`). */
  readonly files: readonly string[];
  readonly clock: Clock;
  /** How frames stand in the files; default: capture lines. */
  readonly framer?: Framer;
  /** Default: as fast as possible. */
  readonly pacer?: Pacer;
  readonly waiter?: Waiter;
  /** How files are read; default: inflated in this thread. */
  readonly openInput?: OpenInput;
  /** Epoch time, ns, that receive times count from; default: the first line's receive time. */
  readonly baseEpochNs?: bigint;
  /** Bytes of the files read so far, and of all of them. */
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void;
}

/**
 * Replays recorded files, gzip or plain: a framer says where frames stand in them, a pacer when each is due. Memory does
 * not grow with the files. `run` rejects with a TickpathError that names file and place.
 */
export class FileTransport implements Transport {
  /** Frames whose receive time lay before that of the frame before; they are handed over all the same. */
  nonMonotonic = 0;
  /** Frames handed over. */
  frames = 0;
  /** One entry a file read to its end. */
  readonly digests: InputDigest[] = [];
  private readonly options: FileTransportOptions;
  private readonly clock: Clock;
  private readonly pacer: Pacer;
  private readonly waiter: Waiter;
  private readonly openInput: OpenInput;
  private readonly framer: Framer;
  private readonly block: Uint8Array;
  private readonly times = new Float64Array(FRAME_TIMES);
  private from = 0;
  private to = 0;
  private baseSeconds = -1;
  private baseNs = 0;
  private lastRecvNs = 0;
  private planned = -1;
  /** True while the framer's frame has not been handed over. */
  private found = false;
  /** Where the frame after the one at hand begins. */
  private next = 0;
  /** True once the whole file stands in the block. */
  private ending = false;
  private stopped = false;

  constructor(options: FileTransportOptions) {
    this.options = options;
    this.clock = options.clock;
    this.framer = options.framer ?? new LineFramer();
    this.block = new Uint8Array(this.framer.bytesMax + CHUNK_BYTES_MAX + FRAME_SLACK_BYTES);
    this.pacer = options.pacer ?? unpaced;
    this.waiter = options.waiter ?? timerWaiter;
    this.openInput = options.openInput ?? ((files, onRead) => openGroup(files, AHEAD_BYTES, onRead));
    if (options.baseEpochNs !== undefined) {
      this.baseSeconds = Number(options.baseEpochNs / 1_000_000_000n);
      this.baseNs = Number(options.baseEpochNs % 1_000_000_000n);
    }
  }

  /** Epoch time, ns, of receive time 0; known once the first frame was read. */
  get baseEpochNs(): bigint {
    return BigInt(this.baseSeconds) * 1_000_000_000n + BigInt(this.baseNs);
  }

  /** What was odd about the files, a sentence each. */
  get warnings(): readonly string[] {
    return this.framer.warnings ?? [];
  }

  stop(): void {
    this.stopped = true;
  }

  async run(handler: FrameHandler): Promise<void> {
    const files = this.options.files;
    if (files.length === 0) throw new TickpathError('ERR_INPUT', 'no input file; expected at least one', EXIT.USAGE);
    const total = files.reduce((sum, file) => sum + inputBytes(file), 0);
    let read = 0;
    const onRead = (bytes: number): void => {
      read += bytes;
      this.options.onProgress?.(read, total);
    };
    const groups = inputGroups(files);
    if (this.framer.connection === undefined) handler.onConnection(CONNECTION.CONNECTED, 0);
    let next: ByteSource | undefined = this.openInput(groups[0]!, onRead);
    for (let i = 0; i < groups.length && !this.stopped; i++) {
      const input: ByteSource = next!;
      next = i + 1 < groups.length ? this.openInput(groups[i + 1]!, onRead) : undefined;
      this.framer.begin(groups[i]!.join(' + '));
      try {
        await this.runFile(handler, input, next);
      } finally {
        input.close();
        if (this.stopped) next?.close();
      }
      if (this.stopped) break;
      this.framer.finish?.();
      this.digests.push(...input.digests());
    }
    handler.onConnection(CONNECTION.END, this.lastRecvNs);
  }

  /** `next` begins to be read as soon as `input` was read to its end. */
  private async runFile(handler: FrameHandler, input: ByteSource, next: ByteSource | undefined): Promise<void> {
    this.from = 0;
    this.to = 0;
    this.ending = false;
    await input.fill(AHEAD_AT_START_BYTES);
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) {
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES_MAX) {
        this.append(chunk, at, Math.min(chunk.length, at + CHUNK_BYTES_MAX));
        await this.handOver(handler);
        if (this.stopped) return;
      }
      if (input.complete) next?.open();
    }
    this.ending = true;
    while (this.to > this.from && !this.stopped) await this.handOver(handler);
  }

  private append(chunk: Uint8Array, start: number, end: number): void {
    const block = this.block;
    if (this.from > 0) {
      block.copyWithin(0, this.from, this.to);
      this.to -= this.from;
      this.from = 0;
    }
    if (this.to + (end - start) >= block.length - FRAME_SLACK_BYTES) this.framer.tooLong();
    block.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.to);
    this.to += end - start;
  }

  /** Hands over every whole frame in the block; rests where the schedule leaves time for it. */
  private async handOver(handler: FrameHandler): Promise<void> {
    while (this.pump(handler) === PUMP.WAIT) {
      const leftNs = this.planned - this.clock.nowNs();
      if (leftNs > this.waiter.restAboveNs) await this.waiter.rest(leftNs);
    }
  }

  /** Hands over frames until the block holds no whole one, or the next is due later than the waiter spins. */
  private pump(handler: FrameHandler): number {
    const { block, clock, framer, times } = this;
    while (!this.stopped) {
      // After a rest the frame at hand is still the one found before it.
      if (!this.found) {
        if (this.from === this.to) return PUMP.MORE;
        const next = this.ending ? framer.last(block, this.from, this.to) : framer.next(block, this.from, this.to);
        if (next === FRAMER_MORE) {
          if (this.to - this.from > framer.bytesMax) framer.tooLong();
          return PUMP.MORE;
        }
        this.next = next;
        if (framer.start === framer.end && (framer.connection ?? 0) === 0) {
          this.from = next;
          continue;
        }
        this.plan();
      }
      const plannedNs = this.planned;
      let nowNs = clock.nowNs();
      if (plannedNs - nowNs > this.waiter.restAboveNs) return PUMP.WAIT;
      for (; plannedNs > nowNs; nowNs = clock.nowNs()) this.waiter.spin();
      this.found = false;
      this.from = this.next;
      if (framer.start === framer.end) {
        handler.onConnection(framer.connection as ConnectionEvent, this.lastRecvNs);
        continue;
      }
      this.frames++;
      times[FRAME_TIME.RECV_NS] = this.lastRecvNs;
      times[FRAME_TIME.T0_NS] = plannedNs < 0 ? nowNs : plannedNs;
      times[FRAME_TIME.HANDED_NS] = nowNs;
      handler.onFrame(block, framer.start, framer.end, times);
    }
    return PUMP.STOPPED;
  }

  /** Receive time and planned time of the frame just found. */
  private plan(): void {
    const { seconds, nanos } = this.framer;
    const timed = seconds !== 0 || nanos !== 0;
    if (this.baseSeconds < 0 && timed) {
      this.baseSeconds = seconds;
      this.baseNs = nanos;
    }
    // A snapshot that was saved without a time has that of the frame before it.
    const recvNs = timed ? (seconds - this.baseSeconds) * 1e9 + (nanos - this.baseNs) : this.lastRecvNs;
    if (recvNs < this.lastRecvNs) this.nonMonotonic++;
    this.lastRecvNs = recvNs;
    this.planned = this.pacer.planNs(recvNs);
    this.found = true;
  }
}
