import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { Xxh64 } from './xxh64.ts';
import {
  hasEndlessWeights,
  isZstdFrame,
  isZstdSkippable,
  readZstdHeader,
  ZSTD_BLOCK,
  ZSTD_BLOCK_BYTES_MAX,
  ZSTD_BLOCK_HEADER_BYTES,
  ZSTD_CHECKSUM_BYTES,
  ZSTD_MAGIC_BYTES,
  ZSTD_SKIPPABLE_HEADER_BYTES,
  ZSTD_WINDOW_BYTES_LOG2_MAX,
  ZstdError,
  type ZstdFrameHeader,
} from './zstd-frame.ts';

/** Inflated bytes that may wait in the stream; one block comes on top. */
const WAITING_BYTES = 256 << 10;

/** Inflates one frame, handed over in whole pieces: its header, each block, the checksum. */
interface FrameInflater {
  /** Resolves when everything that `piece` inflates to was taken; rejects with any error. `last`: nothing follows. */
  write(piece: Uint8Array, last: boolean): Promise<void>;
  destroy(): void;
}
type CreateInflater = (header: ZstdFrameHeader, take: (bytes: Uint8Array) => void) => FrameInflater;

/** What `node:zlib` has from Node 22.15 on; the types this project builds with are older. */
interface ZlibWithZstd {
  readonly createZstdCompress?: () => Transform;
  readonly createZstdDecompress?: (options: { params: Record<number, number> }) => Transform;
  readonly constants: { readonly ZSTD_d_windowLogMax?: number };
}
const native = zlib as unknown as ZlibWithZstd;

export const ZSTD_NATIVE = native.createZstdDecompress !== undefined;

/** Packs a stream with Node's own zstd; ask ZSTD_NATIVE first. */
export function createZstdPacker(): Transform {
  return native.createZstdCompress!();
}

/** The frame by Node's own zstd. */
class NativeInflater implements FrameInflater {
  private readonly stream: Transform;
  private readonly ended: Promise<void>;
  private failed: (error: Error) => void = () => {};

  constructor(take: (bytes: Uint8Array) => void) {
    const stream = native.createZstdDecompress!({ params: { [native.constants.ZSTD_d_windowLogMax!]: ZSTD_WINDOW_BYTES_LOG2_MAX } });
    this.stream = stream;
    stream.on('data', take);
    stream.on('error', (error) => this.failed(error));
    this.ended = new Promise((resolve) => stream.on('end', resolve));
  }

  write(piece: Uint8Array, last: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.failed = reject;
      if (!last) {
        this.stream.write(piece, () => resolve());
        return;
      }
      this.stream.end(piece);
      this.ended.then(resolve);
    });
  }

  destroy(): void {
    this.stream.destroy();
  }
}

/** The frame by `fzstd`, which checks neither checksum nor much else: the checksum is taken here. */
class PortableInflater implements FrameInflater {
  private readonly inner: Decompress;
  private readonly hash: Xxh64 | undefined;

  constructor(header: ZstdFrameHeader, take: (bytes: Uint8Array) => void) {
    this.hash = header.checksum ? new Xxh64() : undefined;
    this.inner = new Decompress((bytes) => {
      this.hash?.update(bytes);
      take(bytes);
    });
  }

  async write(piece: Uint8Array, last: boolean): Promise<void> {
    this.inner.push(piece, last);
    if (!last || this.hash === undefined) return;
    const expected = new DataView(piece.buffer, piece.byteOffset + piece.length - ZSTD_CHECKSUM_BYTES).getUint32(0, true);
    if (Number(BigInt.asUintN(32, this.hash.digest())) !== expected) throw new ZstdError('is corrupt (its checksum is wrong)');
  }

  destroy(): void {}
}

export const nativeZstd: CreateInflater = (_, take) => new NativeInflater(take);
export const portableZstd: CreateInflater = (header, take) => new PortableInflater(header, take);

/**
 * Inflates a zstd stream of any number of frames, skippable ones passed over. Frames and blocks are found here, because the
 * decoders beneath are not to be trusted with them: Node 22 and 24 drop the frames after the first when they come in one
 * piece, Node 22 takes a stream that is cut off for whole, and none minds bytes after the last frame. Memory is bounded by
 * the window and a few blocks. Fails with ZstdError.
 */
export class ZstdInflate extends Transform {
  private readonly create: CreateInflater;
  private pending: Uint8Array = new Uint8Array(0);
  private at = 0;
  private skip = 0;
  private header: ZstdFrameHeader | undefined;
  private inflater: FrameInflater | undefined;
  private inflatedBytes = 0;
  private awaitsChecksum = false;
  private full = false;
  private whenRoom: (() => void) | undefined;

  constructor(create: CreateInflater = ZSTD_NATIVE ? nativeZstd : portableZstd) {
    super({ readableHighWaterMark: WAITING_BYTES });
    this.create = create;
  }

  override _transform(chunk: Uint8Array, _: BufferEncoding, done: TransformCallback): void {
    const left = this.pending.length - this.at;
    if (left > 0) {
      const joined = new Uint8Array(left + chunk.length);
      joined.set(this.pending.subarray(this.at));
      joined.set(chunk, left);
      this.pending = joined;
    } else {
      this.pending = chunk;
    }
    this.at = 0;
    this.consume().then(() => done(), done);
  }

  override _flush(done: TransformCallback): void {
    const whole = this.header === undefined && this.skip === 0 && this.at === this.pending.length;
    done(whole ? null : new ZstdError('is cut off'));
  }

  override _read(size: number): void {
    const whenRoom = this.whenRoom;
    this.full = false;
    this.whenRoom = undefined;
    if (whenRoom !== undefined) whenRoom();
    else super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inflater?.destroy();
    done(error);
  }

  /** Takes every whole piece that stands in `pending`. */
  private async consume(): Promise<void> {
    while (!this.destroyed) {
      if (this.full)
        await new Promise<void>((resolve) => {
          this.whenRoom = resolve;
        });
      const taken = this.header === undefined ? await this.beginFrame() : await this.takePiece(this.header);
      if (!taken) return;
    }
  }

  /** False when the bytes at hand do not hold the header of a frame. */
  private async beginFrame(): Promise<boolean> {
    const { pending } = this;
    const skipped = Math.min(this.skip, pending.length - this.at);
    this.skip -= skipped;
    this.at += skipped;
    if (pending.length - this.at < ZSTD_MAGIC_BYTES) return false;
    if (isZstdSkippable(pending, this.at)) {
      if (pending.length - this.at < ZSTD_SKIPPABLE_HEADER_BYTES) return false;
      this.skip = new DataView(pending.buffer, pending.byteOffset + this.at + ZSTD_MAGIC_BYTES).getUint32(0, true);
      this.at += ZSTD_SKIPPABLE_HEADER_BYTES;
      return true;
    }
    if (!isZstdFrame(pending, this.at)) throw new ZstdError('is corrupt (other bytes stand where a frame should begin)');
    const header = readZstdHeader(pending, this.at);
    if (header === undefined) return false;
    this.header = header;
    this.inflatedBytes = 0;
    this.inflater = this.create(header, (bytes) => this.pass(bytes));
    await this.hand(header.bytes, false);
    return true;
  }

  /** A block or the checksum; false when the bytes at hand hold none that is whole. */
  private async takePiece(header: ZstdFrameHeader): Promise<boolean> {
    const { pending, at } = this;
    const left = pending.length - at;
    if (this.awaitsChecksum) {
      if (left < ZSTD_CHECKSUM_BYTES) return false;
      this.awaitsChecksum = false;
      await this.hand(ZSTD_CHECKSUM_BYTES, true);
      return true;
    }
    if (left < ZSTD_BLOCK_HEADER_BYTES) return false;
    const word = pending[at]! | (pending[at + 1]! << 8) | (pending[at + 2]! << 16);
    const type = (word >> 1) & 3;
    const size = word >> 3;
    if (type === ZSTD_BLOCK.RESERVED || size > Math.min(header.windowBytes, ZSTD_BLOCK_BYTES_MAX))
      throw new ZstdError('is corrupt (an impossible block)');
    const bytes = ZSTD_BLOCK_HEADER_BYTES + (type === ZSTD_BLOCK.RLE ? 1 : size);
    if (left < bytes) return false;
    if (type === ZSTD_BLOCK.COMPRESSED && (size < 2 || hasEndlessWeights(pending, at + ZSTD_BLOCK_HEADER_BYTES)))
      throw new ZstdError('is corrupt (an impossible block)');
    const last = (word & 1) === 1;
    this.awaitsChecksum = last && header.checksum;
    await this.hand(bytes, last && !header.checksum);
    return true;
  }

  /** Hands the next `bytes` to the inflater; `last` ends the frame. */
  private async hand(bytes: number, last: boolean): Promise<void> {
    const piece = this.pending.subarray(this.at, this.at + bytes);
    this.at += bytes;
    try {
      await this.inflater!.write(piece, last);
    } catch (error) {
      throw error instanceof ZstdError ? error : new ZstdError(`is corrupt (${(error as Error).message})`);
    }
    if (!last) return;
    if (this.header!.contentBytes >= 0 && this.header!.contentBytes !== this.inflatedBytes)
      throw new ZstdError(`is corrupt (a frame of ${this.header!.contentBytes} bytes inflates to ${this.inflatedBytes})`);
    this.header = undefined;
    this.inflater = undefined;
  }

  private pass(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.inflatedBytes += bytes.length;
    if (!this.push(bytes)) this.full = true;
  }
}
