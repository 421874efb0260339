/** A second reader of SoupBinTCP: takes all bytes at once and lists the packets of a server. */
const PAYLOAD_BYTES: Readonly<Record<string, number | undefined>> = { A: 30, J: 1, H: 0, Z: 0 };
const TYPES = '+AJSHZ';

export interface NaiveSoup {
  /** Type and payload, in hexadecimal, of each whole packet. */
  readonly packets: readonly string[];
  /** What ends the list, if not the end of the bytes. */
  readonly error: 'ZERO_LENGTH' | 'UNKNOWN_TYPE' | 'BAD_LENGTH' | undefined;
}

export function naiveSoup(bytes: Uint8Array): NaiveSoup {
  const packets: string[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length >= 2) {
    const length = rest.readUInt16BE(0);
    if (length === 0) return { packets, error: 'ZERO_LENGTH' };
    if (rest.length < 3) break;
    const type = String.fromCharCode(rest[2]!);
    if (!TYPES.includes(type)) return { packets, error: 'UNKNOWN_TYPE' };
    const expected = PAYLOAD_BYTES[type];
    if (expected !== undefined && length !== 1 + expected) return { packets, error: 'BAD_LENGTH' };
    if (rest.length < 2 + length) break;
    packets.push(type + rest.subarray(3, 2 + length).toString('hex'));
    rest = rest.subarray(2 + length);
  }
  return { packets, error: undefined };
}
