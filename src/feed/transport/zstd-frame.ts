/**
 * The outer layout of zstd (RFC 8878), little-endian; what stands in a block is the decoder's part.
 *
 *   frame      magic 28 B5 2F FD | header 2..14 bytes | blocks | checksum 4 bytes, if the descriptor says so
 *   header     descriptor u8: 7-6 size of the content size, 5 single segment, 4-3 zero, 2 checksum, 1-0 size of the dictionary id
 *              window u8 (absent in a single segment) | dictionary id 0, 1, 2 or 4 | content size 0, 1, 2, 4 or 8
 *   block      u24: bit 0 last, 1-2 type, 3-23 size | content: `size` bytes, one byte when the type is RLE
 *   skippable  magic 5x 2A 4D 18 | size u32 | `size` bytes
 */
export const ZSTD_MAGIC_BYTES = 4;
export const ZSTD_BLOCK_HEADER_BYTES = 3;
export const ZSTD_CHECKSUM_BYTES = 4;
export const ZSTD_SKIPPABLE_HEADER_BYTES = 8;
/** Most that one block inflates to. */
export const ZSTD_BLOCK_BYTES_MAX = 128 << 10;
/** Most that a frame may look back: every level of the `zstd` program but `--ultra` and `--long` stays below. */
export const ZSTD_WINDOW_BYTES_LOG2_MAX = 25;
const CONTENT_BYTES_MAX = BigInt(Number.MAX_SAFE_INTEGER);

export const ZSTD_BLOCK = { RAW: 0, RLE: 1, COMPRESSED: 2, RESERVED: 3 } as const;

/** A stream that is no whole, sound zstd stream; the message says what is wrong with it. */
export class ZstdError extends Error {}

export interface ZstdFrameHeader {
  /** Bytes of the header with its magic. */
  readonly bytes: number;
  readonly windowBytes: number;
  /** Inflated size of the frame, -1 when it does not say. */
  readonly contentBytes: number;
  readonly checksum: boolean;
}

export function isZstdFrame(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x28 && bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd;
}

export function isZstdSkippable(bytes: Uint8Array, at: number): boolean {
  return (bytes[at]! & 0xf0) === 0x50 && bytes[at + 1] === 0x2a && bytes[at + 2] === 0x4d && bytes[at + 3] === 0x18;
}

/** The header of the frame at `at`, undefined when more bytes are needed; throws ZstdError. */
export function readZstdHeader(bytes: Uint8Array, at: number): ZstdFrameHeader | undefined {
  if (bytes.length - at <= ZSTD_MAGIC_BYTES) return undefined;
  const descriptor = bytes[at + ZSTD_MAGIC_BYTES]!;
  const single = (descriptor & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = descriptor < 64 ? (single ? 1 : 0) : 1 << (descriptor >> 6);
  const windowAt = at + ZSTD_MAGIC_BYTES + 1;
  const dictionaryAt = windowAt + (single ? 0 : 1);
  const sizeAt = dictionaryAt + dictionaryBytes;
  if (bytes.length < sizeAt + sizeBytes) return undefined;
  if ((descriptor & 8) !== 0) throw new ZstdError('is corrupt (a reserved bit of a frame header is set)');
  for (let i = dictionaryAt; i < sizeAt; i++) if (bytes[i] !== 0) throw new ZstdError('needs a dictionary; expected one that needs none');
  const contentBytes = contentSize(bytes, sizeAt, sizeBytes);
  const windowBytes = single ? contentBytes : windowSize(bytes[windowAt]!);
  if (windowBytes > 2 ** ZSTD_WINDOW_BYTES_LOG2_MAX) {
    throw new ZstdError(`looks back ${windowBytes} bytes; expected at most ${2 ** ZSTD_WINDOW_BYTES_LOG2_MAX} (compress without --long)`);
  }
  return { bytes: sizeAt + sizeBytes - at, windowBytes, contentBytes, checksum: (descriptor & 4) !== 0 };
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

function contentSize(bytes: Uint8Array, at: number, count: number): number {
  if (count === 0) return -1;
  let size = 0n;
  for (let i = count - 1; i >= 0; i--) size = (size << 8n) | BigInt(bytes[at + i]!);
  if (size > CONTENT_BYTES_MAX) throw new ZstdError(`is corrupt (a frame of ${size} bytes)`);
  return Number(size) + (count === 2 ? 256 : 0);
}

/**
 * True when the Huffman weights of a compressed block are coded by a table of one symbol. No encoder writes it and the
 * reference decoder refuses it; `fzstd` would read weights for ever. `at`: the block's content.
 */
export function hasEndlessWeights(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!;
  if ((first & 3) !== 2) return false;
  const treeAt = at + [3, 3, 4, 5][(first >> 2) & 3]!;
  if (bytes[treeAt]! >= 128) return false;
  const size = 1 << ((bytes[treeAt + 1]! & 15) + 5);
  const bit = (index: number): number => (bytes[treeAt + 1 + (index >> 3)]! >> (index & 7)) & 1;
  let position = 4;
  const take = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value |= bit(position++) << i;
    return value;
  };
  // Probabilities of symbols before the first that has one: a zero is followed by counts of further zeros.
  for (let symbols = 0; symbols < 256; symbols++) {
    // A value of 0 .. size + 1 takes one bit less than the others when it is small.
    const bits = 32 - Math.clz32(size + 1);
    const small = (1 << bits) - 1 - (size + 1);
    const low = take(bits - 1);
    if (low < small) {
      if (low !== 1) return false;
    } else {
      const value = low | (take(1) << (bits - 1));
      return (value >= 1 << (bits - 1) ? value - small : value) - 1 === size;
    }
    while (take(2) === 3) if (position > 4_096) return false;
  }
  return false;
}
