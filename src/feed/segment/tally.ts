import { RECORD } from './layout.ts';

/** Bytes between two entries of a segment's index. */
const INDEX_BYTES = 4 << 20;

/** Place of a record: byte offset in the (inflated) segment, records before it, its time in ns, chain value before it. */
export type IndexEntry = readonly [offset: number, records: number, timeNs: number, chain: number];

/** Frames left out because the disk did not keep up. */
export interface Loss {
  readonly frames: number;
  readonly bytes: number;
}

/** What a closing record says of the records before it. */
export interface SegmentEnd {
  /** `recovered`: closed by a later start, because the recorder was stopped within the segment. */
  readonly closed: 'clean' | 'recovered';
  readonly records: number;
  readonly frames: number;
  readonly snapshots: number;
  readonly connections: number;
  readonly lost_frames: number;
  readonly lost_bytes: number;
  /** Times of the first and last frame, ns since the segment's base; null without frames. */
  readonly first_ns: number | null;
  readonly last_ns: number | null;
  /** Bytes before the closing record, and their SHA-256. */
  readonly bytes: number;
  readonly sha256: string;
  readonly index: readonly IndexEntry[];
}

/** Counts the records of one segment as they are written or read. */
export class SegmentTally {
  records = 0;
  frames = 0;
  snapshots = 0;
  connections = 0;
  lostFrames = 0;
  lostBytes = 0;
  firstNs = -1;
  lastNs = -1;
  private readonly index: IndexEntry[] = [];
  private indexedTo = 0;

  /** A record of `kind` at byte `offset`; `chain` before it. */
  add(kind: number, offset: number, timeNs: number, chain: number): void {
    if (offset - this.indexedTo >= INDEX_BYTES) {
      this.index.push([offset, this.records, timeNs, chain]);
      this.indexedTo = offset;
    }
    this.records++;
    if (kind === RECORD.CONNECTION) this.connections++;
    if (kind !== RECORD.FRAME && kind !== RECORD.SNAPSHOT) return;
    this.frames++;
    if (kind === RECORD.SNAPSHOT) this.snapshots++;
    if (this.firstNs < 0) this.firstNs = timeNs;
    this.lastNs = timeNs;
  }

  lose(loss: Loss): void {
    this.lostFrames += loss.frames;
    this.lostBytes += loss.bytes;
  }

  end(closed: SegmentEnd['closed'], bytes: number, sha256: string): SegmentEnd {
    return {
      closed,
      records: this.records,
      frames: this.frames,
      snapshots: this.snapshots,
      connections: this.connections,
      lost_frames: this.lostFrames,
      lost_bytes: this.lostBytes,
      first_ns: this.firstNs < 0 ? null : this.firstNs,
      last_ns: this.firstNs < 0 ? null : this.lastNs,
      bytes,
      sha256,
      index: this.index,
    };
  }
}
