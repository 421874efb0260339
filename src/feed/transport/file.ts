import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAME_BYTES_MAX } from '../../core/limits.ts';
import { CONNECTION, FRAME_TIME, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import type { ByteSource, OpenInput } from './byte-source.ts';
import { InflatedFile, type InputDigest, inputBytes } from './inflate.ts';
import { type Pacer, timerWaiter, unpaced, type Waiter } from './pacing.ts';

/** Digits of an epoch time in nanoseconds, and the space after them. */
const TIME_DIGITS = 19;
const SECOND_DIGITS = 10;
const PREFIX_BYTES = TIME_DIGITS + 1;
const LINE_BYTES_MAX = FRAME_BYTES_MAX + PREFIX_BYTES + 1;
/** Bytes copied at a time between two frames: a few microseconds, so that a copy never makes a tick late. */
const CHUNK_BYTES_MAX = 16 << 10;
/** Inflated bytes read ahead of the frame being handed over. */
const AHEAD_BYTES = 16 << 20;
/** Inflated bytes that must be ready before the first frame is handed over. */
const AHEAD_AT_START_BYTES = 4 << 20;

/** What `pump` says: the block holds no whole line, the next line is not due yet, or `stop` was called. */
const PUMP = { MORE: 0, WAIT: 1, STOPPED: 2 } as const;

/** Bytes beyond a frame that decoders may look at without a bound check. */
const FRAME_SLACK_BYTES = 64;

export interface FileTransportOptions {
  /** One or more captures, in order; a later file continues the one before it. */
  readonly files: readonly string[];
  readonly clock: Clock;
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
 * Replays capture files: lines of `<19-digit epoch ns> <JSON>`, gzip or plain. Memory does not grow with the files.
 * `run` rejects with a TickpathError that names file and line.
 */
export class FileTransport implements Transport {
  /** Lines whose receive time lay before that of the line before; they are handed over all the same. */
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
  private readonly block = new Uint8Array(LINE_BYTES_MAX + CHUNK_BYTES_MAX + FRAME_SLACK_BYTES);
  private readonly times = new Float64Array(FRAME_TIMES);
  private from = 0;
  private to = 0;
  private file = '';
  private line = 0;
  private baseSeconds = -1;
  private baseNs = 0;
  private lastRecvNs = 0;
  private planned = -1;
  private plannedFor = -1;
  private stopped = false;

  constructor(options: FileTransportOptions) {
    this.options = options;
    this.clock = options.clock;
    this.pacer = options.pacer ?? unpaced;
    this.waiter = options.waiter ?? timerWaiter;
    this.openInput = options.openInput ?? ((file, onRead) => new InflatedFile(file, AHEAD_BYTES, onRead));
    if (options.baseEpochNs !== undefined) {
      this.baseSeconds = Number(options.baseEpochNs / 1_000_000_000n);
      this.baseNs = Number(options.baseEpochNs % 1_000_000_000n);
    }
  }

  /** Epoch time, ns, of receive time 0; known once the first line was read. */
  get baseEpochNs(): bigint {
    return BigInt(this.baseSeconds) * 1_000_000_000n + BigInt(this.baseNs);
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
    handler.onConnection(CONNECTION.CONNECTED, 0);
    let next: ByteSource | undefined = this.openInput(files[0]!, onRead);
    for (let i = 0; i < files.length && !this.stopped; i++) {
      const input: ByteSource = next!;
      next = i + 1 < files.length ? this.openInput(files[i + 1]!, onRead) : undefined;
      this.file = files[i]!;
      this.line = 0;
      try {
        await this.runFile(handler, input, next);
      } finally {
        input.close();
        if (this.stopped) next?.close();
      }
      if (!this.stopped) this.digests.push(input.digest());
    }
    handler.onConnection(CONNECTION.END, this.lastRecvNs);
  }

  /** `next` begins to be read as soon as `input` was read to its end. */
  private async runFile(handler: FrameHandler, input: ByteSource, next: ByteSource | undefined): Promise<void> {
    this.from = 0;
    this.to = 0;
    await input.fill(AHEAD_AT_START_BYTES);
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) {
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES_MAX) {
        this.append(chunk, at, Math.min(chunk.length, at + CHUNK_BYTES_MAX));
        await this.handOver(handler);
        if (this.stopped) return;
      }
      if (input.complete) next?.open();
    }
    if (this.to > this.from) {
      // A last line without a line feed.
      this.block[this.to] = 10;
      this.to++;
      await this.handOver(handler);
    }
  }

  private append(chunk: Uint8Array, start: number, end: number): void {
    const block = this.block;
    if (this.from > 0) {
      block.copyWithin(0, this.from, this.to);
      this.to -= this.from;
      this.from = 0;
    }
    if (this.to + (end - start) >= block.length - FRAME_SLACK_BYTES) this.tooLong();
    block.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.to);
    this.to += end - start;
  }

  /** Hands over every whole line in the block; rests where the schedule leaves time for it. */
  private async handOver(handler: FrameHandler): Promise<void> {
    while (this.pump(handler) === PUMP.WAIT) {
      const leftNs = this.planned - this.clock.nowNs();
      if (leftNs > this.waiter.restAboveNs) await this.waiter.rest(leftNs);
    }
  }

  /** Hands over lines until the block holds no whole line, or the next one is due later than a spin away. */
  private pump(handler: FrameHandler): number {
    const block = this.block;
    const clock = this.clock;
    while (!this.stopped) {
      const from = this.from;
      const feed = block.indexOf(10, from);
      if (feed < 0 || feed >= this.to) {
        if (this.to - from > LINE_BYTES_MAX) this.tooLong();
        return PUMP.MORE;
      }
      const fresh = this.plannedFor !== this.line + 1;
      let end = feed;
      while (end > from && (block[end - 1] === 13 || block[end - 1] === 32)) end--;
      if (end === from) {
        this.line++;
        this.from = feed + 1;
        continue;
      }
      const recvNs = this.recvTime(from, end);
      if (fresh) {
        this.planned = this.pacer.planNs(recvNs);
        this.plannedFor = this.line + 1;
      }
      const plannedNs = this.planned;
      let nowNs = clock.nowNs();
      if (plannedNs - nowNs > this.waiter.restAboveNs) return PUMP.WAIT;
      for (; plannedNs > nowNs; nowNs = clock.nowNs()) this.waiter.spin();
      this.line++;
      this.frames++;
      if (recvNs < this.lastRecvNs) this.nonMonotonic++;
      this.lastRecvNs = recvNs;
      this.from = feed + 1;
      const times = this.times;
      times[FRAME_TIME.RECV_NS] = recvNs;
      times[FRAME_TIME.T0_NS] = plannedNs < 0 ? nowNs : plannedNs;
      times[FRAME_TIME.HANDED_NS] = nowNs;
      handler.onFrame(block, from + PREFIX_BYTES, end, times);
    }
    return PUMP.STOPPED;
  }

  /** Receive time of the line in `block[from, end)`, ns since the base; throws when the line has another form. */
  private recvTime(from: number, end: number): number {
    const block = this.block;
    if (end - from < PREFIX_BYTES + 1 || block[from + TIME_DIGITS] !== 32)
      this.badLine(from, end, 'a 19-digit receive time in ns and a space');
    let seconds = 0;
    let rest = 0;
    for (let i = 0; i < TIME_DIGITS; i++) {
      const digit = block[from + i]! - 48;
      if (digit < 0 || digit > 9) this.badLine(from, end, 'a 19-digit receive time in ns and a space');
      if (i < SECOND_DIGITS) seconds = seconds * 10 + digit;
      else rest = rest * 10 + digit;
    }
    if (block[from + PREFIX_BYTES] !== 123 || block[end - 1] !== 125) this.badLine(from, end, 'a JSON object after the receive time');
    if (this.baseSeconds < 0) {
      this.baseSeconds = seconds;
      this.baseNs = rest;
    }
    return (seconds - this.baseSeconds) * 1e9 + (rest - this.baseNs);
  }

  private badLine(from: number, end: number, expected: string): never {
    const text = new TextDecoder().decode(this.block.subarray(from, Math.min(end, from + 60)));
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: expected ${expected}, found "${text}"${end - from > 60 ? '...' : ''}`,
      EXIT.DATA,
    );
  }

  private tooLong(): never {
    throw new TickpathError(
      'ERR_LINE',
      `${this.file}:${this.line + 1}: the line is longer than ${LINE_BYTES_MAX} bytes; expected one frame a line`,
      EXIT.DATA,
    );
  }
}
