import { CONNECTION, type ConnectionEvent } from '../../src/core/ports.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { SegmentDisk, SegmentFile } from '../../src/feed/segment/disk.ts';
import type { SegmentSource } from '../../src/feed/segment/document.ts';
import { SegmentFramer } from '../../src/feed/segment/framer.ts';
import { RECORD } from '../../src/feed/segment/layout.ts';
import { type RecordingOptions, RecordingWriter } from '../../src/feed/segment/writer.ts';
import { FRAMER_MORE } from '../../src/feed/transport/framer.ts';
import { BTC } from './binance-frames.ts';

export const BASE_EPOCH_NS = 1_767_225_600_000_000_000n;
export const SOURCE: SegmentSource = { venue: 'binance-usdm', depth: 0, mode: '', instruments: [BTC] };
export const FRAME_BYTES = 1 << 20;

/** A disk in memory that can be slow, full or broken. */
export class MemoryDisk implements SegmentDisk {
  readonly files = new Map<string, Uint8Array>();
  /** Files in the order of their creation. */
  readonly names: string[] = [];
  syncs = 0;
  /** Bytes of all files together; a write beyond them fails half way. */
  room = Number.POSITIVE_INFINITY;
  /** While set, writes wait for it. */
  gate: Promise<void> | undefined;

  async create(path: string): Promise<SegmentFile> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (this.files.has(name)) throw new Error('EEXIST');
    this.files.set(name, new Uint8Array(0));
    this.names.push(name);
    return this.file(name);
  }

  async replace(path: string, text: string): Promise<void> {
    this.files.set(path.slice(path.lastIndexOf('/') + 1), new TextEncoder().encode(text));
  }

  pack(): never {
    throw new Error('a disk in memory packs nothing');
  }

  /** Bytes of the segment created as number `index`. */
  bytes(index = 0): Uint8Array {
    return this.files.get(this.names[index]!)!;
  }

  private file(name: string): SegmentFile {
    const disk = this;
    return {
      get bytes() {
        return disk.files.get(name)!.length;
      },
      write: async (bytes) => {
        await disk.gate;
        const taken = Math.max(0, Math.min(bytes.length, disk.room));
        disk.room -= taken;
        disk.files.set(name, Buffer.concat([disk.files.get(name)!, bytes.subarray(0, taken)]));
        if (taken < bytes.length) throw new Error('ENOSPC: no space left on device, write');
      },
      sync: async () => void disk.syncs++,
      truncate: async (bytes) => void disk.files.set(name, disk.files.get(name)!.subarray(0, bytes)),
      close: async () => {},
    };
  }
}

export function openRecording(disk: SegmentDisk, options: Partial<RecordingOptions> = {}, nowNs = 0): RecordingWriter {
  return new RecordingWriter(
    {
      folder: '/recording',
      disk,
      recording: 'test',
      ...SOURCE,
      baseEpochNs: BASE_EPOCH_NS,
      clock: 'manual',
      segment: 1,
      continues: 0,
      before: [],
      segmentBytesMax: 1 << 30,
      segmentNsMax: Number.POSITIVE_INFINITY,
      syncNs: 1e9,
      compress: 'none',
      ...options,
    },
    nowNs,
  );
}

/** Something that a recording holds, as one text. */
export type Step =
  | { readonly what: 'frame' | 'snapshot'; readonly timeNs: number; readonly bytes: Uint8Array }
  | { readonly what: 'connection'; readonly timeNs: number; readonly event: ConnectionEvent };

export function randomSteps(prng: Prng, count: number, bytesMax: number): Step[] {
  let timeNs = 0;
  return Array.from({ length: count }, () => {
    timeNs += prng.nextInt(3e9);
    const kind = prng.nextInt(10);
    if (kind === 0) return { what: 'connection', timeNs, event: (1 + prng.nextInt(3)) as ConnectionEvent };
    const bytes = Uint8Array.from({ length: 1 + prng.nextInt(bytesMax) }, () => prng.nextInt(256));
    return { what: kind === 1 ? 'snapshot' : 'frame', timeNs, bytes };
  });
}

export function writeStep(writer: RecordingWriter, step: Step): void {
  if (step.what === 'connection') writer.connectionChanged(step.event, step.timeNs, 'because');
  else writer.frame(step.bytes, 0, step.bytes.length, step.timeNs, step.what === 'snapshot' ? 3 : -1);
}

export function stepText(step: Step): string {
  const said = step.what === 'connection' ? `${step.event}` : Buffer.from(step.bytes).toString('hex');
  return `${step.timeNs} ${step.what} ${said}`;
}

export interface Replayed {
  readonly steps: string[];
  readonly warnings: readonly string[];
  readonly closed: boolean;
}

/** What a framer makes of the bytes of segments, handed over in pieces of at most `pieceBytes`. */
export function readSegments(segments: readonly Uint8Array[], pieceBytes = 1 << 16): Replayed {
  const framer = new SegmentFramer(FRAME_BYTES);
  const steps: string[] = [];
  let closed = false;
  for (const [i, bytes] of segments.entries()) {
    framer.begin(`segment ${i + 1}`);
    let to = 0;
    for (let from = 0; from < bytes.length; ) {
      if (from === to) to = Math.min(bytes.length, to + pieceBytes);
      const wasHeader = framer.document === undefined;
      const next = to === bytes.length ? framer.last(bytes, from, to) : framer.next(bytes, from, to);
      if (next === FRAMER_MORE) {
        to = Math.min(bytes.length, to + pieceBytes);
        continue;
      }
      const timeNs = BigInt(framer.seconds) * 1_000_000_000n + BigInt(framer.nanos) - BASE_EPOCH_NS;
      if (framer.connection !== 0) {
        steps.push(`${timeNs} ${wasHeader ? 'begins' : framer.kind === RECORD.LOSS ? 'loss' : 'connection'} ${framer.connection}`);
      } else if (framer.start < framer.end) {
        const what = framer.kind === RECORD.SNAPSHOT ? 'snapshot' : 'frame';
        steps.push(`${timeNs} ${what} ${Buffer.from(bytes.subarray(framer.start, framer.end)).toString('hex')}`);
      }
      from = next;
    }
    framer.finish();
    closed = framer.closed;
  }
  return { steps, warnings: framer.warnings, closed };
}

/** Names of connection events, for expectations. */
export const { CONNECTING, CONNECTED, DISCONNECTED } = CONNECTION;
