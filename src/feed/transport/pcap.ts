import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAMER_MORE, type Framer } from './framer.ts';
import { frameOfPacket, PacketView } from './pcap-packet.ts';
import { PcapTime } from './pcap-time.ts';

/** Longest packet record that is read; a capture of network packets has none near it. */
const RECORD_BYTES_MAX = 1 << 18;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** Block type and total length, and the total length again at the end. */
const BLOCK_HEADER_BYTES = 8;
const BLOCK_BYTES_MIN = 12;
const INTERFACES_MAX = 256;

/** First four bytes of a classic file, read as big-endian. */
const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;
const MAGIC_US_SWAPPED = 0xd4c3b2a1;
const MAGIC_NS_SWAPPED = 0x4d3cb2a1;
/** Block types of pcapng, and the byte-order mark of its sections. */
const BLOCK = { SECTION: 0x0a0d0d0a, INTERFACE: 1, OLD_PACKET: 2, SIMPLE_PACKET: 3, PACKET: 6 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
const FORM = { UNKNOWN: 0, CLASSIC: 1, NEXT: 2 } as const;

/**
 * The UDP payloads of a packet capture, one a frame: libpcap files of both byte orders with micro- or nanoseconds
 * (draft-ietf-opsawg-pcap), and pcapng (draft-ietf-opsawg-pcapng). Packets that hold no UDP payload (pcap-packet.ts) are
 * passed over. Receive time is the packet's time stamp.
 */
export class PcapFramer implements Framer {
  readonly bytesMax: number = RECORD_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  /** Packets passed over. */
  skipped = 0;
  private file = '';
  private offset = 0;
  private form: number = FORM.UNKNOWN;
  private little = false;
  /** Fraction of a second in a classic record, ns. */
  private unitNs = 1;
  private linkType = 0;
  private readonly linkTypes: number[] = [];
  private readonly times: PcapTime[] = [];
  private readonly view = new PacketView();

  begin(file: string): void {
    this.file = file;
    this.offset = 0;
    this.form = FORM.UNKNOWN;
    this.linkTypes.length = 0;
    this.times.length = 0;
  }

  last(block: Uint8Array, from: number, to: number): number {
    const next = this.next(block, from, to);
    if (next === FRAMER_MORE) this.bad(`the file ends within a packet, ${to - from} bytes after its beginning; expected whole packets`);
    return next;
  }

  next(block: Uint8Array, from: number, to: number): number {
    this.start = from;
    this.end = from;
    if (to - from < 4) return FRAMER_MORE;
    const next = this.form === FORM.CLASSIC ? this.record(block, from, to) : this.block(block, from, to);
    if (next !== FRAMER_MORE) this.offset += next - from;
    return next;
  }

  /** A block of pcapng, or the header of either kind of file. */
  private block(block: Uint8Array, from: number, to: number): number {
    const magic = bigU32(block, from);
    if (magic === BLOCK.SECTION) {
      if (to - from < BLOCK_BYTES_MIN) return FRAMER_MORE;
      this.little = bigU32(block, from + BLOCK_HEADER_BYTES) !== BYTE_ORDER;
      if (this.u32(block, from + BLOCK_HEADER_BYTES) !== BYTE_ORDER) this.bad('expected the byte-order mark of a pcapng section');
      this.form = FORM.NEXT;
      this.linkTypes.length = 0;
      this.times.length = 0;
    } else if (this.form === FORM.UNKNOWN) return this.fileHeader(block, from, to, magic);
    if (to - from < BLOCK_HEADER_BYTES) return FRAMER_MORE;
    const bytes = this.u32(block, from + 4);
    if (bytes < BLOCK_BYTES_MIN || bytes % 4 !== 0 || bytes > RECORD_BYTES_MAX)
      this.bad(`expected a pcapng block of ${BLOCK_BYTES_MIN} to ${RECORD_BYTES_MAX} bytes, found a length of ${bytes}`);
    if (to - from < bytes) return FRAMER_MORE;
    const end = from + bytes;
    if (this.u32(block, end - 4) !== bytes) this.bad('expected the length of the pcapng block again at its end');
    this.readBlock(block, this.u32(block, from), from + BLOCK_HEADER_BYTES, end - 4);
    return end;
  }

  /** Every field read here is checked to lie before `end`. */
  private readBlock(block: Uint8Array, type: number, at: number, end: number): void {
    const room = end - at;
    if (type === BLOCK.INTERFACE && room >= 8) {
      if (this.times.length >= INTERFACES_MAX) this.bad(`expected at most ${INTERFACES_MAX} interfaces`);
      const time = new PcapTime();
      if (!time.readOptions(block, at + 8, end, this.little))
        this.bad('expected time stamps of 1 ns or coarser, or of a power of two not below 2^-23 s');
      this.linkTypes.push(this.u16(block, at));
      this.times.push(time);
    } else if ((type === BLOCK.PACKET || type === BLOCK.OLD_PACKET) && room >= 20) {
      const which = type === BLOCK.PACKET ? this.u32(block, at) : this.u16(block, at);
      const time = this.times[which];
      if (time === undefined) this.bad(`expected an interface below ${this.times.length}, found ${which}`);
      time.read(this.u32(block, at + 4), this.u32(block, at + 8));
      this.seconds = time.seconds;
      this.nanos = time.nanos;
      this.packet(block, this.linkTypes[which]!, at + 20, at + 20 + Math.min(this.u32(block, at + 12), room - 20));
    } else if (type === BLOCK.SIMPLE_PACKET && room >= 4 && this.linkTypes.length > 0) {
      this.packet(block, this.linkTypes[0]!, at + 4, at + 4 + Math.min(this.u32(block, at), room - 4));
    }
  }

  private fileHeader(block: Uint8Array, from: number, to: number, magic: number): number {
    const nanos = magic === MAGIC_NS || magic === MAGIC_NS_SWAPPED;
    if (!nanos && magic !== MAGIC_US && magic !== MAGIC_US_SWAPPED) {
      this.bad(`expected a pcap or pcapng file, found the first bytes ${magic.toString(16).padStart(8, '0')}`);
    }
    if (to - from < FILE_HEADER_BYTES) return FRAMER_MORE;
    this.form = FORM.CLASSIC;
    this.little = magic === MAGIC_US_SWAPPED || magic === MAGIC_NS_SWAPPED;
    this.unitNs = nanos ? 1 : 1_000;
    // The upper bits say whether packets carry their check sum; it stands behind the payload.
    this.linkType = this.u32(block, from + 20) & 0xffff;
    return from + FILE_HEADER_BYTES;
  }

  private record(block: Uint8Array, from: number, to: number): number {
    if (to - from < RECORD_HEADER_BYTES) return FRAMER_MORE;
    const bytes = this.u32(block, from + 8);
    if (bytes > RECORD_BYTES_MAX - RECORD_HEADER_BYTES)
      this.bad(`expected a packet of at most ${RECORD_BYTES_MAX - RECORD_HEADER_BYTES} bytes, found a length of ${bytes}`);
    const end = from + RECORD_HEADER_BYTES + bytes;
    if (end > to) return FRAMER_MORE;
    this.seconds = this.u32(block, from);
    this.nanos = this.u32(block, from + 4) * this.unitNs;
    this.packet(block, this.linkType, from + RECORD_HEADER_BYTES, end);
    return end;
  }

  private packet(block: Uint8Array, linkType: number, at: number, end: number): void {
    if (!frameOfPacket(block, linkType, at, end, this.view)) {
      this.skipped++;
      return;
    }
    this.start = this.view.start;
    this.end = this.view.end;
  }

  private u32(block: Uint8Array, at: number): number {
    return this.little ? (block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)) >>> 0 : bigU32(block, at);
  }

  private u16(block: Uint8Array, at: number): number {
    return this.little ? block[at]! | (block[at + 1]! << 8) : (block[at]! << 8) | block[at + 1]!;
  }

  private bad(what: string): never {
    throw new TickpathError('ERR_PCAP', `${this.file}: byte ${this.offset}: ${what}`, EXIT.DATA);
  }

  tooLong(): never {
    this.bad(`a packet is longer than ${RECORD_BYTES_MAX} bytes`);
  }
}

function bigU32(block: Uint8Array, at: number): number {
  return ((block[at]! << 24) | (block[at + 1]! << 16) | (block[at + 2]! << 8) | block[at + 3]!) >>> 0;
}
