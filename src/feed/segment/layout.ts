import { crc32c } from '../../core/crc32c.ts';

/**
 * A recording is a folder of segments `000001-20260101T000000Z.tpr`, ...; little endian. docs/recordings.md has the same picture.
 *
 * Segment header, then its document:
 *   byte  0  "TPSEGMT1"
 *         8  u16 format version       10  u16 0
 *        12  u32 segment number, from 1
 *        16  u32 bytes of the document
 *        20  u32 chain value that the segment continues: that of the end of the one before, 0 at the beginning of a recording
 *        24  u32 CRC-32C of bytes 0-23
 *        28  u32 CRC-32C of the document, continued from the one at 24
 *        32  the document (JSON, SegmentDocument)
 *
 * Records follow each other. Record header, 24 bytes, then the payload:
 *   byte  0  u32 bytes of payload
 *         4  u8 kind (RECORD)          5  u8 detail: CONNECTION of a connection event, else 0
 *         6  u16 stream: 0 the socket, i + 1 an answer fetched for instrument i
 *         8  u32 low, 12 u32 high      local receive time, ns since the segment's base
 *        16  u32 CRC-32C of bytes 0-15, continued from the chain value
 *        20  u32 CRC-32C of the payload, continued from the one at 16: the chain value of what follows
 *
 * The chain begins with the checksum at byte 28 of the header, so no record can be taken out, put in or moved. The checksum of
 * a record's header is apart from that of its payload so that a corrupt length is corruption, never a torn tail.
 */
export const SEGMENT_MAGIC = 'TPSEGMT1';
export const SEGMENT_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 24;

/** Kinds of records. */
export const RECORD = {
  /** A frame as the socket handed it over. */
  FRAME: 1,
  /** A frame that was fetched (REST), as the decoder saw it. */
  SNAPSHOT: 2,
  /** The connection changed; payload: why, UTF-8. */
  CONNECTION: 3,
  /** Frames are missing here because the disk did not keep up; payload: JSON (Loss). */
  LOSS: 4,
  /** The segment was closed: nothing follows; payload: JSON (SegmentEnd). */
  END: 5,
} as const;

const WORD = 4_294_967_296;
const CHECKED_BYTES = 16;
const HEADER_CRC_AT = 16;
const CHAIN_AT = 20;

export interface SegmentHead {
  readonly segment: number;
  /** Chain value that the segment continues. */
  readonly continues: number;
  readonly documentBytes: number;
}

/** Header and document of a segment. */
export function encodeSegmentHead(segment: number, continues: number, document: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + document.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(SEGMENT_MAGIC));
  view.setUint16(8, SEGMENT_VERSION, true);
  view.setUint32(12, segment, true);
  view.setUint32(16, document.length, true);
  view.setUint32(20, continues, true);
  const crc = crc32c(bytes, 0, 24);
  view.setUint32(24, crc, true);
  view.setUint32(28, crc32c(document, 0, document.length, crc), true);
  bytes.set(document, SEGMENT_HEADER_BYTES);
  return bytes;
}

/** The header at `from`, of which all bytes are there, or what was expected instead and where in it. */
export function decodeSegmentHead(bytes: Uint8Array, from: number): SegmentHead | { readonly at: number; readonly expected: string } {
  const view = viewOf(bytes);
  const magic = new TextDecoder('latin1').decode(bytes.subarray(from, from + 8));
  if (magic !== SEGMENT_MAGIC) return { at: 0, expected: `"${SEGMENT_MAGIC}": this is no segment of a recording` };
  if (view.getUint32(from + 24, true) !== crc32c(bytes, from, from + 24)) return { at: 24, expected: 'the checksum of the header' };
  const version = view.getUint16(from + 8, true);
  if (version !== SEGMENT_VERSION) return { at: 8, expected: `format version ${SEGMENT_VERSION}, found ${version}` };
  return {
    segment: view.getUint32(from + 12, true),
    documentBytes: view.getUint32(from + 16, true),
    continues: view.getUint32(from + 20, true),
  };
}

/** The chain value that the records of a segment begin with, or -1 when the document's checksum is wrong. All of it is there. */
export function checkDocument(bytes: Uint8Array, from: number, documentBytes: number): number {
  const view = viewOf(bytes);
  const start = from + SEGMENT_HEADER_BYTES;
  const chain = crc32c(bytes, start, start + documentBytes, view.getUint32(from + 24, true));
  return chain === view.getUint32(from + 28, true) ? chain : -1;
}

/**
 * Writes a record at `target[at]`, its payload `source[start, end)` included; returns the chain value after it. `timeNs`: whole
 * nanoseconds from 0.
 */
export function encodeRecord(
  target: Uint8Array,
  at: number,
  chain: number,
  head: { readonly kind: number; readonly detail: number; readonly stream: number; readonly timeNs: number },
  source: Uint8Array,
  start: number,
  end: number,
): number {
  putWord(target, at, end - start);
  target[at + 4] = head.kind;
  target[at + 5] = head.detail;
  target[at + 6] = head.stream & 0xff;
  target[at + 7] = head.stream >>> 8;
  putWord(target, at + 8, head.timeNs % WORD);
  putWord(target, at + 12, Math.floor(head.timeNs / WORD));
  const crc = crc32c(target, at, at + CHECKED_BYTES, chain);
  putWord(target, at + HEADER_CRC_AT, crc);
  const after = crc32c(source, start, end, crc);
  putWord(target, at + CHAIN_AT, after);
  target.set(source.subarray(start, end), at + RECORD_HEADER_BYTES);
  return after;
}

export const kindAt = (bytes: Uint8Array, at: number): number => bytes[at + 4]!;
export const detailAt = (bytes: Uint8Array, at: number): number => bytes[at + 5]!;
export const streamAt = (bytes: Uint8Array, at: number): number => bytes[at + 6]! | (bytes[at + 7]! << 8);
export const payloadBytesAt = (bytes: Uint8Array, at: number): number => wordAt(bytes, at);
/** Local receive time, ns since the segment's base. */
export const timeAt = (bytes: Uint8Array, at: number): number => wordAt(bytes, at + 12) * WORD + wordAt(bytes, at + 8);

/** True when the 24 bytes at `at` are a record header that continues `chain`. */
export function isRecordHeader(bytes: Uint8Array, at: number, chain: number): boolean {
  return crc32c(bytes, at, at + CHECKED_BYTES, chain) === wordAt(bytes, at + HEADER_CRC_AT);
}

/** The chain value after the record at `at`, or -1 when its payload's checksum is wrong. All of it is there, its header checked. */
export function checkPayload(bytes: Uint8Array, at: number): number {
  const start = at + RECORD_HEADER_BYTES;
  const chain = crc32c(bytes, start, start + wordAt(bytes, at), wordAt(bytes, at + HEADER_CRC_AT));
  return chain === wordAt(bytes, at + CHAIN_AT) ? chain : -1;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
