/**
 * SoupBinTCP 3.00 packets: `length u16` (of what follows it), `type a1`, payload. Big-endian.
 */
export const SOUP_LENGTH_BYTES = 2;
export const SOUP_HEADER_BYTES = 3;
/** Of a packet, its length included. */
export const SOUP_PACKET_BYTES_MAX: number = SOUP_LENGTH_BYTES + 65_535;

export const SOUP_TYPE = {
  DEBUG: 43,
  ACCEPTED: 65,
  REJECTED: 74,
  SEQUENCED: 83,
  SERVER_HEARTBEAT: 72,
  END_OF_SESSION: 90,
  LOGIN: 76,
  UNSEQUENCED: 85,
  CLIENT_HEARTBEAT: 82,
  LOGOUT: 79,
} as const;

/** What `SoupParser.push` says of the bytes so far. */
export const SOUP = {
  OK: 0,
  /** A length of 0: not even a type. */
  ZERO_LENGTH: -1,
  /** A type that this side does not send. */
  UNKNOWN_TYPE: -2,
  /** Another length than packets of the type have. */
  BAD_LENGTH: -3,
} as const;

/** Payload of a type whose length varies, and of a byte that is no type. */
const ANY = -1;
const NO_TYPE = -2;

/** Payload bytes by type. */
export type SoupSide = Int8Array;

const side = (lengths: readonly (readonly [type: number, payloadBytes: number])[]): SoupSide => {
  const table = new Int8Array(256).fill(NO_TYPE);
  for (const [type, bytes] of lengths) table[type] = bytes;
  return table;
};
export const SOUP_SERVER: SoupSide = side([
  [SOUP_TYPE.DEBUG, ANY],
  [SOUP_TYPE.ACCEPTED, 30],
  [SOUP_TYPE.REJECTED, 1],
  [SOUP_TYPE.SEQUENCED, ANY],
  [SOUP_TYPE.SERVER_HEARTBEAT, 0],
  [SOUP_TYPE.END_OF_SESSION, 0],
]);

/** Given each whole packet. */
export interface SoupPort {
  /** The payload is `bytes[start, end)`, valid during the call. */
  onPacket(type: number, bytes: Uint8Array, start: number, end: number): void;
}

/** Finds packets in a stream of bytes that is cut anywhere. After an error it takes nothing more until `reset`. Allocates nothing. */
export class SoupParser {
  /** SOUP. */
  status: number;
  private readonly port: SoupPort;
  private readonly lengths: SoupSide;
  private readonly block: Uint8Array;
  /** Bytes of the packet at hand, and how many of them must be there before it can be judged further. */
  private have: number;
  private need: number;
  private stopped: number;

  constructor(port: SoupPort, lengths: SoupSide) {
    this.port = port;
    this.lengths = lengths;
    this.block = new Uint8Array(SOUP_PACKET_BYTES_MAX);
    this.status = SOUP.OK;
    this.have = 0;
    this.need = SOUP_HEADER_BYTES;
    this.stopped = 0;
  }

  /** Forgets a packet that was begun. */
  reset(): void {
    this.status = SOUP.OK;
    this.have = 0;
    this.need = SOUP_HEADER_BYTES;
    this.stopped = 0;
  }

  /** Takes nothing more; may be called by the port. */
  stop(): void {
    this.stopped = 1;
  }

  /** Bytes as they came; hands over the packets that they complete. */
  push(bytes: Uint8Array, start: number, end: number): number {
    const block = this.block;
    let at = start;
    while (at < end && this.status === SOUP.OK && this.stopped === 0) {
      let have = this.have;
      const need = this.need;
      while (have < need && at < end) {
        block[have] = bytes[at]!;
        have++;
        at++;
      }
      this.have = have;
      if (have >= SOUP_LENGTH_BYTES && block[0] === 0 && block[1] === 0) this.status = SOUP.ZERO_LENGTH;
      else if (have === need) this.advance();
    }
    return this.status;
  }

  /** The header is there, or the whole packet. */
  private advance(): void {
    const block = this.block;
    const size = SOUP_LENGTH_BYTES + ((block[0]! << 8) | block[1]!);
    const type = block[SOUP_LENGTH_BYTES]!;
    const payload = this.lengths[type]!;
    if (payload === NO_TYPE) this.status = SOUP.UNKNOWN_TYPE;
    else if (payload !== ANY && payload !== size - SOUP_HEADER_BYTES) this.status = SOUP.BAD_LENGTH;
    else if (this.have < size) this.need = size;
    else {
      this.have = 0;
      this.need = SOUP_HEADER_BYTES;
      this.port.onPacket(type, block, SOUP_HEADER_BYTES, size);
    }
  }
}
