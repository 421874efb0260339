import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import { assert } from '../../core/assert.ts';
import { TickpathError } from '../../core/errors.ts';
import { RECORDING_QUEUE_BYTES_MAX } from '../../core/limits.ts';
import { type Compress, PACKED_ENDING, type PackedFile, type SegmentDisk, type SegmentFile } from './disk.ts';
import { encodeDocument, type SegmentSource } from './document.ts';
import { checkDocument, encodeRecord, encodeSegmentHead, payloadBytesAt, RECORD, RECORD_HEADER_BYTES } from './layout.ts';
import { closedEntry, MANIFEST_NAME, type ManifestEntry, manifestText, segmentName } from './manifest.ts';
import { type Loss, SegmentTally } from './tally.ts';

/** Records are gathered in chunks of this size on their way to the disk. */
const CHUNK_BYTES = 256 << 10;
/** Written chunks kept for the next ones. */
const POOL_CHUNKS_MAX = 8;

export interface RecordingOptions extends SegmentSource {
  readonly folder: string;
  readonly disk: SegmentDisk;
  readonly recording: string;
  readonly baseEpochNs: bigint;
  /** Where local times come from, in words. */
  readonly clock: string;
  /** Number of the first segment to write, the chain value that it continues, and what was written before. */
  readonly segment: number;
  readonly continues: number;
  readonly before: readonly ManifestEntry[];
  /** A segment is closed and the next begun when it would grow beyond these. */
  readonly segmentBytesMax: number;
  readonly segmentNsMax: number;
  /** What was written is forced to the disk this often; 0: each time that something was. */
  readonly syncNs: number;
  readonly compress: Compress;
  readonly queueBytesMax?: number;
  /** Told when a loss was recorded: what follows it is of use once the books begin anew. */
  readonly onLoss?: (loss: Loss) => void;
  /** Told once when the disk failed; nothing is recorded from then on. */
  readonly onFailure?: (error: TickpathError) => void;
}

/** What was recorded so far, by this process. */
export interface RecordingTotals {
  readonly segments: number;
  readonly frames: number;
  readonly snapshots: number;
  readonly lostFrames: number;
  readonly bytes: number;
}

/** The segment being written. */
interface OpenSegment {
  readonly name: string;
  readonly segment: number;
  readonly openedNs: number;
  readonly hash: Hash;
  readonly tally: SegmentTally;
  bytes: number;
}

/**
 * Writes a recording: records are encoded at once into chunks, chunks go to the disk one after another without the caller
 * waiting. When more than a limit waits for the disk, frames are left out and a LOSS record says so where they are missing.
 * The caller's clock decides when chunks are handed over (`tick`). A disk that fails ends the recording: the segment is cut
 * after the last record that is wholly on the disk.
 */
export class RecordingWriter {
  frames = 0;
  snapshots = 0;
  lostFrames = 0;
  /** Bytes handed to the disk and not yet written. */
  waitingBytes = 0;
  private readonly options: RecordingOptions;
  private readonly queueBytesMax: number;
  private readonly entries: ManifestEntry[];
  private readonly head = { kind: 0, detail: 0, stream: 0, timeNs: 0 };
  private readonly pool: Uint8Array[] = [];
  private chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  private used = 0;
  private chain: number;
  private segment: OpenSegment;
  private file: SegmentFile | undefined;
  private segments = 0;
  private bytes = 0;
  private connection = 0;
  private lost: { frames: number; bytes: number } | undefined;
  private syncedNs = 0;
  private unsynced = false;
  private work: Promise<void> = Promise.resolve();
  /** Apart from the rest: packing a segment takes longer than the next may wait. */
  private packing: Promise<void> = Promise.resolve();
  private failure: TickpathError | undefined;
  private closed = false;

  /** `nowNs`: local time now. */
  constructor(options: RecordingOptions, nowNs: number) {
    this.options = options;
    this.queueBytesMax = options.queueBytesMax ?? RECORDING_QUEUE_BYTES_MAX;
    this.entries = [...options.before];
    this.chain = options.continues;
    this.segment = this.begin(options.segment, nowNs);
  }

  /** A frame as received; `instrument`: the one that it was fetched for, -1 for what the socket handed over. */
  frame(bytes: Uint8Array, start: number, end: number, timeNs: number, instrument = -1): void {
    if (!this.hasRoom(end - start)) {
      this.lost ??= { frames: 0, bytes: 0 };
      this.lost.frames++;
      this.lost.bytes += end - start;
      this.lostFrames++;
      return;
    }
    this.tellLoss(timeNs);
    this.frames++;
    if (instrument >= 0) this.snapshots++;
    this.append(instrument < 0 ? RECORD.FRAME : RECORD.SNAPSHOT, 0, instrument + 1, timeNs, bytes, start, end);
  }

  /** CONNECTION changed. */
  connectionChanged(event: number, timeNs: number, reason: string): void {
    this.connection = event;
    const text = new TextEncoder().encode(reason);
    // While frames are left out the state is told with the loss.
    if (!this.hasRoom(text.length)) this.lost ??= { frames: 0, bytes: 0 };
    else if (this.lost === undefined) this.append(RECORD.CONNECTION, event, 0, timeNs, text, 0, text.length);
    else this.tellLoss(timeNs);
  }

  /** Call it some ten times a second: hands over what was gathered, forces it to the disk, begins a segment when it is time. */
  tick(nowNs: number): void {
    if (this.failure !== undefined || this.closed) return;
    if (this.lost !== undefined && this.hasRoom(0)) this.tellLoss(nowNs);
    if (nowNs - this.segment.openedNs >= this.options.segmentNsMax && this.segment.tally.records > 0) this.rotate(nowNs);
    this.handOver();
    if (this.unsynced && nowNs - this.syncedNs >= this.options.syncNs) {
      this.syncedNs = nowNs;
      this.unsynced = false;
      this.enqueue(() => this.file!.sync());
    }
  }

  /** Ends the last segment; resolves when all is on the disk, rejects with the failure if there was one. */
  async close(nowNs: number): Promise<RecordingTotals> {
    if (!this.closed) {
      if (this.lost !== undefined) this.tellLoss(nowNs);
      this.finish(nowNs);
      this.closed = true;
    }
    await this.work;
    await this.packing;
    await this.work;
    if (this.failure !== undefined) throw this.failure;
    return this.totals();
  }

  totals(): RecordingTotals {
    const { segments, frames, snapshots, lostFrames, bytes } = this;
    return { segments, frames, snapshots, lostFrames, bytes };
  }

  private hasRoom(payloadBytes: number): boolean {
    const limit = this.lost === undefined ? this.queueBytesMax : this.queueBytesMax / 2;
    return this.waitingBytes + this.used + RECORD_HEADER_BYTES + payloadBytes <= limit;
  }

  /** There is room again: says what is missing here, and what the connection is now. */
  private tellLoss(timeNs: number): void {
    const loss: Loss | undefined = this.lost;
    if (loss === undefined) return;
    this.lost = undefined;
    this.segment.tally.lose(loss);
    const text = new TextEncoder().encode(JSON.stringify(loss));
    this.append(RECORD.LOSS, 0, 0, timeNs, text, 0, text.length);
    if (this.connection !== 0) {
      const why = new TextEncoder().encode('as it was before the loss');
      this.append(RECORD.CONNECTION, this.connection, 0, timeNs, why, 0, why.length);
    }
    this.options.onLoss?.(loss);
  }

  private append(kind: number, detail: number, stream: number, timeNs: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.failure !== undefined) return;
    assert(!this.closed, 'Invariant: a recording is written before it is closed');
    const size = RECORD_HEADER_BYTES + end - start;
    const { segment, options } = this;
    const full = segment.bytes + size > options.segmentBytesMax || timeNs - segment.openedNs >= options.segmentNsMax;
    if (full && segment.tally.records > 0) this.rotate(timeNs);
    this.put(kind, detail, stream, timeNs, bytes, start, end);
  }

  private put(kind: number, detail: number, stream: number, timeNs: number, bytes: Uint8Array, start: number, end: number): void {
    const size = RECORD_HEADER_BYTES + end - start;
    if (this.used + size > this.chunk.length) {
      this.handOver();
      if (size > this.chunk.length) this.chunk = new Uint8Array(size);
    }
    const { segment, head } = this;
    head.kind = kind;
    head.detail = detail;
    head.stream = stream;
    head.timeNs = timeNs;
    segment.tally.add(kind, segment.bytes, timeNs, this.chain);
    this.chain = encodeRecord(this.chunk, this.used, this.chain, head, bytes, start, end);
    this.used += size;
    segment.bytes += size;
  }

  /** Hands the chunk at hand to the disk and takes another. */
  private handOver(): void {
    const { chunk, used } = this;
    if (used === 0) return;
    this.chunk = this.pool.pop() ?? new Uint8Array(CHUNK_BYTES);
    this.used = 0;
    this.write(chunk.subarray(0, used), chunk.length === CHUNK_BYTES ? chunk : undefined);
  }

  private write(bytes: Uint8Array, back: Uint8Array | undefined): void {
    this.segment.hash.update(bytes);
    this.waitingBytes += bytes.length;
    this.bytes += bytes.length;
    this.unsynced = true;
    this.enqueue(async () => {
      const file = this.file!;
      const before = file.bytes;
      try {
        await file.write(bytes);
      } catch (error) {
        await this.cut(file, before, bytes);
        throw error;
      }
      this.waitingBytes -= bytes.length;
      if (back !== undefined && this.pool.length < POOL_CHUNKS_MAX) this.pool.push(back);
    });
  }

  /** Cuts the file after the last whole record of `bytes`, of which some were written from `before` on. */
  private async cut(file: SegmentFile, before: number, bytes: Uint8Array): Promise<void> {
    const written = file.bytes - before;
    let whole = 0;
    // A chunk that begins with a header is all or nothing.
    while (before > 0 && whole + RECORD_HEADER_BYTES <= written) {
      const next = whole + RECORD_HEADER_BYTES + payloadBytesAt(bytes, whole);
      if (next > written) break;
      whole = next;
    }
    await file.truncate(before + whole).catch(() => {});
  }

  private rotate(nowNs: number): void {
    const { segment } = this.segment;
    this.finish(nowNs);
    this.segment = this.begin(segment + 1, nowNs);
  }

  private begin(number: number, nowNs: number): OpenSegment {
    const { options } = this;
    const openedNs = Math.floor(nowNs);
    const document = encodeDocument({ ...options, openedNs, connection: this.connection });
    const head = encodeSegmentHead(number, this.chain, document);
    const name = segmentName(number, options.baseEpochNs + BigInt(openedNs));
    const segment = { name, segment: number, openedNs, hash: createHash('sha256'), tally: new SegmentTally(), bytes: head.length };
    this.chain = checkDocument(head, 0, document.length);
    this.segment = segment;
    this.segments++;
    this.enqueue(async () => {
      this.file = await options.disk.create(join(options.folder, name));
      this.entries.push({ file: name, segment: number, closed: 'open' });
      await this.saveManifest();
    });
    this.write(head, undefined);
    return segment;
  }

  /** Ends the segment at hand with its closing record. */
  private finish(nowNs: number): void {
    this.handOver();
    const { segment, options } = this;
    const end = segment.tally.end('clean', segment.bytes, segment.hash.copy().digest('hex'));
    const text = new TextEncoder().encode(JSON.stringify(end));
    this.put(RECORD.END, 0, 0, nowNs, text, 0, text.length);
    this.handOver();
    this.unsynced = false;
    const disk = { bytes: segment.bytes, sha256: segment.hash.digest('hex') };
    this.enqueue(async () => {
      await this.file!.sync();
      await this.file!.close();
      this.file = undefined;
      const entry = closedEntry(segment.name, segment.segment, options, end, disk);
      this.entries[this.entries.length - 1] = entry;
      await this.saveManifest();
      if (options.compress !== 'none') this.pack(entry, options.compress);
    });
  }

  private pack(entry: ManifestEntry, how: Exclude<Compress, 'none'>): void {
    const { disk, folder } = this.options;
    this.packing = this.packing.then(async () => {
      let packed: PackedFile;
      try {
        packed = await disk.pack(join(folder, entry.file), how);
      } catch (error) {
        this.enqueue(() => Promise.reject(error));
        return;
      }
      this.enqueue(() => {
        this.entries[this.entries.indexOf(entry)] = { ...entry, file: entry.file + PACKED_ENDING[how], ...packed };
        return this.saveManifest();
      });
    });
  }

  private saveManifest(): Promise<void> {
    const { disk, folder, recording, venue, instruments } = this.options;
    return disk.replace(join(folder, MANIFEST_NAME), manifestText(recording, venue, instruments, this.entries));
  }

  /** One piece of work after another; none after a failure. */
  private enqueue(work: () => Promise<void>): void {
    this.work = this.work.then(async () => {
      if (this.failure !== undefined) return;
      try {
        await work();
      } catch (error) {
        await this.fail(error as Error);
      }
    });
  }

  private async fail(error: Error): Promise<void> {
    const { folder, onFailure } = this.options;
    const name = this.entries.at(-1)?.file ?? MANIFEST_NAME;
    this.failure = new TickpathError(
      'ERR_RECORDING',
      `${join(folder, name)}: cannot be written (${error.message}); the recording ends with the last whole record before`,
    );
    this.waitingBytes = 0;
    await this.file?.close().catch(() => {});
    this.file = undefined;
    onFailure?.(this.failure);
  }
}
