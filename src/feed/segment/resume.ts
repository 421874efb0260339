import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { PART_ENDING } from './disk.ts';
import { type SegmentDocument, type SegmentSource, sourceText } from './document.ts';
import { encodeRecord, RECORD, RECORD_HEADER_BYTES } from './layout.ts';
import { closedEntry, isPlainSegment, MANIFEST_NAME, type ManifestEntry, manifestEntries, segmentOfName } from './manifest.ts';
import { type SegmentScan, scanSegment } from './scan.ts';

/** Where a recording goes on. */
export interface ResumePoint {
  /** Undefined when the folder holds no recording yet. */
  readonly recording: string | undefined;
  readonly segment: number;
  readonly continues: number;
  readonly before: readonly ManifestEntry[];
  /** What was found and done, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Finds where the recording in `folder` ends. The last segment is closed if a stop within it left it open: bytes of an
 * unfinished record are cut off, a closing record that says so is put behind the last whole one. A segment that is corrupt, or
 * of another venue or other instruments, is refused: nothing of it is touched.
 */
export async function resumeRecording(folder: string, source: SegmentSource): Promise<ResumePoint> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) if (name.endsWith(PART_ENDING)) rmSync(join(folder, name));
  const segments = names.filter((name) => segmentOfName(name) !== undefined).sort();
  const packed = new Set(segments.filter((name) => !isPlainSegment(name)).map((name) => name.replace(/\.(gz|zst)$/, '')));
  // The packed file is whole, or it would not have its name: the plain one was about to go.
  for (const name of segments) if (packed.has(name)) rmSync(join(folder, name));
  const left = segments.filter((name) => !packed.has(name));
  const listed = new Map(readManifest(folder).map((entry) => [entry.file, entry]));
  const notes: string[] = [];
  const before: ManifestEntry[] = [];
  let last: SegmentScan | undefined;
  for (const [i, name] of left.entries()) {
    const path = join(folder, name);
    const isLast = i === left.length - 1;
    const entry = listed.get(name);
    if (!isLast && entry !== undefined && entry.closed !== 'open') {
      before.push(entry);
      continue;
    }
    const scan = await scanSegment(path);
    if (scan.header === undefined) {
      rmSync(path);
      notes.push(`${path}: ended within its header and was removed`);
      continue;
    }
    checkSame(path, scan.header.document, source);
    last = scan.closed ? scan : await closeOpen(path, scan);
    if (!scan.closed) notes.push(cutNote(path, scan));
    before.push(closedEntry(name, scan.header.head.segment, scan.header.document, last.end, last.disk));
  }
  if (last === undefined && before.length > 0) last = await scanSegment(join(folder, before.at(-1)!.file));
  const header = last?.header;
  return {
    recording: header?.document.recording,
    segment: (header?.head.segment ?? 0) + 1,
    continues: last?.chain ?? 0,
    before,
    notes,
  };
}

function readManifest(folder: string): readonly ManifestEntry[] {
  const path = join(folder, MANIFEST_NAME);
  return existsSync(path) ? manifestEntries(readFileSync(path, 'utf8')) : [];
}

function cutNote(path: string, { tail, end }: SegmentScan): string {
  const cut = tail === undefined ? '' : ` ${tail.bytes} bytes of an unfinished record were cut off at byte ${tail.offset},`;
  return `${path}: the recorder was stopped in this segment;${cut} ${end.records} records are whole`;
}

function checkSame(path: string, found: SegmentDocument, source: SegmentSource): void {
  const [a, b] = [sourceText(found), sourceText(source)];
  if (a === b) return;
  throw new TickpathError(
    'ERR_RECORDING',
    `${path}: records ${a}, the configuration says ${b}; expected the same, or another folder`,
    EXIT.USAGE,
  );
}

/** Cuts the tail and closes the segment; what it is then. */
function closeOpen(path: string, scan: SegmentScan): Promise<SegmentScan> {
  const text = new TextEncoder().encode(JSON.stringify(scan.end));
  const record = new Uint8Array(RECORD_HEADER_BYTES + text.length);
  const head = { kind: RECORD.END, detail: 0, stream: 0, timeNs: scan.lastNs };
  encodeRecord(record, 0, scan.chain, head, text, 0, text.length);
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, scan.wholeBytes);
    for (let done = 0; done < record.length; ) done += writeSync(file, record, done, record.length - done, scan.wholeBytes + done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return scanSegment(path);
}
