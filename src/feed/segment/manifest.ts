import type { Instrument } from '../../core/instrument.ts';
import { instrumentsJson, type SegmentDocument } from './document.ts';
import type { SegmentEnd } from './tally.ts';

export const MANIFEST_NAME = 'manifest.json';
const MANIFEST_VERSION = 1;
const SEGMENT_ENDING = '.tpr';
/** `000001-20260101T000000Z.tpr`, packed or not. */
const SEGMENT_NAME = /^(\d{6})-\d{8}T\d{6}Z\.tpr(?:\.gz|\.zst)?$/;

/** A segment as the manifest of its recording lists it. Epoch times are text: they exceed a JSON number's digits. */
export interface ManifestEntry {
  readonly file: string;
  readonly segment: number;
  /** `open` while it is written, and after a crash until the recording is taken up again. */
  readonly closed: SegmentEnd['closed'] | 'open';
  /** Bytes and SHA-256 of the file as it stands on the disk. */
  readonly bytes?: number;
  readonly sha256?: string;
  readonly records?: number;
  readonly frames?: number;
  readonly snapshots?: number;
  readonly lost_frames?: number;
  readonly first_epoch_ns?: string | null;
  readonly last_epoch_ns?: string | null;
}

/** Name of a segment begun at `openedEpochNs`; names sort in the order of writing. */
export function segmentName(segment: number, openedEpochNs: bigint): string {
  const stamp = new Date(Number(openedEpochNs / 1_000_000n)).toISOString().replace(/[-:]/g, '').slice(0, 15);
  return `${String(segment).padStart(6, '0')}-${stamp}Z${SEGMENT_ENDING}`;
}

/** Number of the segment that `name` names, or undefined. */
export function segmentOfName(name: string): number | undefined {
  const match = SEGMENT_NAME.exec(name);
  return match === null ? undefined : Number.parseInt(match[1]!, 10);
}

export function isPlainSegment(name: string): boolean {
  return name.endsWith(SEGMENT_ENDING);
}

/** The entry of a closed segment. */
export function closedEntry(
  file: string,
  segment: number,
  document: Pick<SegmentDocument, 'baseEpochNs'>,
  end: SegmentEnd,
  disk: { readonly bytes: number; readonly sha256: string },
): ManifestEntry {
  const epoch = (timeNs: number | null): string | null => (timeNs === null ? null : (document.baseEpochNs + BigInt(timeNs)).toString());
  return {
    file,
    segment,
    closed: end.closed,
    bytes: disk.bytes,
    sha256: disk.sha256,
    records: end.records,
    frames: end.frames,
    snapshots: end.snapshots,
    lost_frames: end.lost_frames,
    first_epoch_ns: epoch(end.first_ns),
    last_epoch_ns: epoch(end.last_ns),
  };
}

export function manifestText(
  recording: string,
  venue: string,
  instruments: readonly Instrument[],
  segments: readonly ManifestEntry[],
): string {
  const document = { version: MANIFEST_VERSION, recording, venue, instruments: instrumentsJson(instruments), segments };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Entries of a manifest's text; none when it cannot be read: it can be made again from the segments. */
export function manifestEntries(text: string): readonly ManifestEntry[] {
  try {
    const { version, segments } = JSON.parse(text) as { readonly version?: unknown; readonly segments?: unknown };
    if (version !== MANIFEST_VERSION || !Array.isArray(segments)) return [];
    return (segments as ManifestEntry[]).filter((one) => typeof one?.file === 'string' && Number.isSafeInteger(one.segment));
  } catch {
    return [];
  }
}
