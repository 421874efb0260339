import { createHash } from 'node:crypto';
import { crc32c } from '../core/crc32c.ts';

/**
 * A journal is a folder of segments `000001.tpj`, `000002.tpj`, ...; little endian.
 *
 * Segment header, 64 bytes:
 *   byte  0  "TPJOURN1"
 *         8  u16 format version      10  u16 version of the record layout
 *        12  u32 segment number, from 1
 *        16  u32 low, 20 u32 high    epoch nanoseconds of the run's base
 *        24  32 bytes                chain value that the first block continues
 *        56  u32 CRC-32C of bytes 0-55
 *        60  u32 0
 *
 * Blocks follow each other. Block header, 64 bytes, then the payload:
 *   byte  0  u32 magic "TPJB"        4  u32 kind: 1 records, 2 document (MessagePack)
 *         8  u32 low, 12 u32 high    number of the first record of the block, from 0
 *        16  u32 records             20  u32 bytes of payload
 *        24  u32 CRC-32C of bytes 0-23 and the payload
 *        28  u32 0
 *        32  32 bytes                chain: SHA-256(chain before || bytes 0-31 || payload)
 *
 * Payload of a record block: the 64-byte records, the same bytes as in the rings.
 */
export const SEGMENT_MAGIC = 'TPJOURN1';
export const JOURNAL_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 64;
export const BLOCK_MAGIC = 0x424a5054;
export const BLOCK_HEADER_BYTES = 64;
export const BLOCK_KIND = { RECORDS: 1, DOCUMENT: 2 } as const;
export const CHAIN_BYTES = 32;
/** Payload of one block; a reader refuses more, so a corrupt length costs nothing. */
export const BLOCK_PAYLOAD_BYTES_MAX = 4 << 20;

const CHECKED_BYTES = 24;
const CRC_AT = 24;
const CHAIN_AT = 32;
const WORD = 4_294_967_296;

export function segmentName(segment: number): string {
  return `${String(segment).padStart(6, '0')}.tpj`;
}

export interface SegmentHeader {
  readonly segment: number;
  readonly recordLayout: number;
  readonly baseEpochNs: bigint;
  readonly chain: Uint8Array;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(SEGMENT_MAGIC));
  view.setUint16(8, JOURNAL_VERSION, true);
  view.setUint16(10, header.recordLayout, true);
  view.setUint32(12, header.segment, true);
  view.setBigUint64(16, header.baseEpochNs, true);
  bytes.set(header.chain, 24);
  view.setUint32(56, crc32c(bytes, 0, 56), true);
  return bytes;
}

/** The header, or in words what is wrong with it. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return `a segment header of ${SEGMENT_HEADER_BYTES} bytes, found ${bytes.length}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== SEGMENT_MAGIC)
    return `"${SEGMENT_MAGIC}" at the start: this is no journal segment`;
  const version = view.getUint16(8, true);
  if (version !== JOURNAL_VERSION) return `format version ${JOURNAL_VERSION}, found ${version}`;
  if (view.getUint32(56, true) !== crc32c(bytes, 0, 56) || view.getUint32(60, true) !== 0)
    return 'a segment header whose checksum is right';
  return {
    segment: view.getUint32(12, true),
    recordLayout: view.getUint16(10, true),
    baseEpochNs: view.getBigUint64(16, true),
    chain: bytes.slice(24, 24 + CHAIN_BYTES),
  };
}

export interface BlockHeader {
  readonly kind: number;
  readonly firstRecord: number;
  readonly records: number;
  readonly payloadBytes: number;
}

/** Fills `target` (64 bytes) with the header of a block and returns its chain value. */
export function encodeBlockHeader(target: Uint8Array, header: BlockHeader, payload: Uint8Array, chainBefore: Uint8Array): Uint8Array {
  const view = new DataView(target.buffer, target.byteOffset, BLOCK_HEADER_BYTES);
  target.fill(0, 0, BLOCK_HEADER_BYTES);
  view.setUint32(0, BLOCK_MAGIC, true);
  view.setUint32(4, header.kind, true);
  view.setUint32(8, header.firstRecord % WORD, true);
  view.setUint32(12, Math.floor(header.firstRecord / WORD), true);
  view.setUint32(16, header.records, true);
  view.setUint32(20, header.payloadBytes, true);
  view.setUint32(CRC_AT, crc32c(payload, 0, payload.length, crc32c(target, 0, CHECKED_BYTES)), true);
  const chain = chainOf(chainBefore, target, payload);
  target.set(chain, CHAIN_AT);
  return chain;
}

/** The header at the start of `bytes`, unchecked but for the magic; undefined when it is none. */
export function decodeBlockHeader(bytes: Uint8Array): BlockHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES);
  if (view.getUint32(0, true) !== BLOCK_MAGIC) return undefined;
  return {
    kind: view.getUint32(4, true),
    firstRecord: view.getUint32(8, true) + view.getUint32(12, true) * WORD,
    records: view.getUint32(16, true),
    payloadBytes: view.getUint32(20, true),
  };
}

/** Checks checksum and chain of a whole block; returns its chain value, or in words what was expected. */
export function checkBlock(header: Uint8Array, payload: Uint8Array, chainBefore: Uint8Array): Uint8Array | string {
  const view = new DataView(header.buffer, header.byteOffset, BLOCK_HEADER_BYTES);
  const found = view.getUint32(CRC_AT, true);
  const expected = crc32c(payload, 0, payload.length, crc32c(header, 0, CHECKED_BYTES));
  if (found !== expected) return `checksum ${hex(expected)}, found ${hex(found)}`;
  const chain = chainOf(chainBefore, header, payload);
  for (let i = 0; i < CHAIN_BYTES; i++) if (chain[i] !== header[CHAIN_AT + i]) return 'a block that continues the chain of the one before';
  return chain;
}

function chainOf(before: Uint8Array, header: Uint8Array, payload: Uint8Array): Uint8Array {
  return createHash('sha256').update(before).update(header.subarray(0, CHAIN_AT)).update(payload).digest();
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
