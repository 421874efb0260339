/** Builds MoldUDP64 packets and packet captures for tests. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const big = (value: number | bigint, width: number): Uint8Array =>
  Uint8Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * (width - 1 - i))) & 0xffn));

/** A downstream packet; `count`: another count than the number of messages. */
export function moldPacketOf(
  sequence: number | bigint,
  messages: readonly Uint8Array[],
  session = 'SESSION001',
  count?: number,
): Uint8Array {
  const blocks = messages.flatMap((message) => [big(message.length, 2), message]);
  return concat(new TextEncoder().encode(session.padEnd(10)), big(sequence, 8), big(count ?? messages.length, 2), ...blocks);
}

export interface UdpOptions {
  /** VLAN tags, each an EtherType. */
  readonly vlans?: readonly number[];
  readonly ipv6?: boolean;
  readonly protocol?: number;
  readonly fragment?: number;
  /** Bytes that pad the Ethernet frame. */
  readonly padding?: number;
}

/** An Ethernet frame around a UDP payload. */
export function udpFrame(payload: Uint8Array, options: UdpOptions = {}): Uint8Array {
  const udp = concat(big(26_400, 2), big(26_400, 2), big(8 + payload.length, 2), big(0, 2), payload);
  const protocol = options.protocol ?? 17;
  const ip =
    options.ipv6 === true
      ? concat(big(0x60000000, 4), big(udp.length, 2), big(protocol, 1), big(64, 1), new Uint8Array(32))
      : concat(
          big(0x45, 1),
          big(0, 1),
          big(20 + udp.length, 2),
          big(0, 2),
          big(options.fragment ?? 0, 2),
          big(64, 1),
          big(protocol, 1),
          new Uint8Array(10),
        );
  const tags = (options.vlans ?? []).map((type) => concat(big(type, 2), big(100, 2)));
  return concat(
    new Uint8Array(12),
    ...tags,
    big(options.ipv6 === true ? 0x86dd : 0x0800, 2),
    ip,
    udp,
    new Uint8Array(options.padding ?? 0),
  );
}

export interface CapturedPacket {
  readonly seconds: number;
  /** Fraction of a second in the file's unit. */
  readonly fraction: number;
  readonly bytes: Uint8Array;
}

const order = (little: boolean) => (value: number | bigint, width: number) => (little ? big(value, width).reverse() : big(value, width));

/** A classic libpcap file. */
export function pcapFile(packets: readonly CapturedPacket[], little: boolean, nanos: boolean, linkType = 1): Uint8Array {
  const put = order(little);
  const header = concat(put(nanos ? 0xa1b23c4d : 0xa1b2c3d4, 4), put(2, 2), put(4, 2), put(0, 8), put(65_535, 4), put(linkType, 4));
  return concat(
    header,
    ...packets.map(({ seconds, fraction, bytes }) =>
      concat(put(seconds, 4), put(fraction, 4), put(bytes.length, 4), put(bytes.length, 4), bytes),
    ),
  );
}

/** A pcapng file with one Ethernet interface; `resolution`: if_tsresol, left out when undefined. */
export function pcapngFile(packets: readonly CapturedPacket[], little: boolean, unitsPerS: bigint, resolution?: number): Uint8Array {
  const put = order(little);
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4));
    return concat(put(type, 4), put(padded.length + 12, 4), padded, put(padded.length + 12, 4));
  };
  const option = resolution === undefined ? [] : [put(9, 2), put(1, 2), Uint8Array.of(resolution, 0, 0, 0), put(0, 4)];
  return concat(
    block(0x0a0d0d0a, concat(put(0x1a2b3c4d, 4), put(1, 2), put(0, 2), put(0xffffffffffffffffn, 8))),
    block(1, concat(put(1, 2), put(0, 2), put(0, 4), ...option)),
    ...packets.map(({ seconds, fraction, bytes }) => {
      const units = BigInt(seconds) * unitsPerS + BigInt(fraction);
      return block(
        6,
        concat(put(0, 4), put(units >> 32n, 4), put(units & 0xffffffffn, 4), put(bytes.length, 4), put(bytes.length, 4), bytes),
      );
    }),
    block(5, new Uint8Array(8)),
  );
}
