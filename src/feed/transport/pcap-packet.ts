/** Link types (tcpdump.org, "Link-Layer Header Types"). */
const LINK = { NULL: 0, ETHERNET: 1, RAW: 101, LINUX_SLL: 113, IPV4: 228, IPV6: 229, LINUX_SLL2: 276 } as const;
const ETHERNET_BYTES = 14;
const SLL_BYTES = 16;
const SLL2_BYTES = 20;
const VLAN_BYTES = 4;
const ETHERTYPE = { IPV4: 0x0800, VLAN: 0x8100, IPV6: 0x86dd, PROVIDER_VLAN: 0x88a8, OLD_VLAN: 0x9100 } as const;
const PROTOCOL_UDP = 17;
const UDP_BYTES = 8;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;

/** Where the payload of the packet at hand lies. */
export class PacketView {
  start = 0;
  end = 0;
}

/**
 * Finds the UDP payload of the packet `bytes[at, end)` behind Ethernet (with VLAN tags), Linux cooked or raw IPv4 or IPv6
 * headers; false when there is none. Later fragments of a datagram are none. A payload that the capture cut off is shorter
 * than its datagram says, which the protocol above will not take for whole.
 */
export function frameOfPacket(bytes: Uint8Array, linkType: number, at: number, end: number, out: PacketView): boolean {
  switch (linkType) {
    case LINK.ETHERNET:
      return at + ETHERNET_BYTES <= end && tagged(bytes, at + ETHERNET_BYTES - 2, end, out);
    case LINK.LINUX_SLL:
      return at + SLL_BYTES <= end && tagged(bytes, at + SLL_BYTES - 2, end, out);
    case LINK.LINUX_SLL2:
      return at + SLL2_BYTES <= end && network(bytes, u16(bytes, at), at + SLL2_BYTES, end, out);
    case LINK.NULL:
      return at + 4 < end && raw(bytes, at + 4, end, out);
    case LINK.RAW:
    case LINK.IPV4:
    case LINK.IPV6:
      return raw(bytes, at, end, out);
    default:
      return false;
  }
}

/** An EtherType stands at `at`; VLAN tags may come before the network's own. */
function tagged(bytes: Uint8Array, at: number, end: number, out: PacketView): boolean {
  let next = at;
  let type = u16(bytes, next);
  while (type === ETHERTYPE.VLAN || type === ETHERTYPE.PROVIDER_VLAN || type === ETHERTYPE.OLD_VLAN) {
    next += VLAN_BYTES;
    if (next + 2 > end) return false;
    type = u16(bytes, next);
  }
  return network(bytes, type, next + 2, end, out);
}

function raw(bytes: Uint8Array, at: number, end: number, out: PacketView): boolean {
  if (at >= end) return false;
  return network(bytes, bytes[at]! >> 4 === 6 ? ETHERTYPE.IPV6 : ETHERTYPE.IPV4, at, end, out);
}

function network(bytes: Uint8Array, type: number, at: number, end: number, out: PacketView): boolean {
  if (type === ETHERTYPE.IPV4) {
    if (at + IPV4_BYTES > end || bytes[at]! >> 4 !== 4) return false;
    const header = (bytes[at]! & 0xf) * 4;
    const total = u16(bytes, at + 2);
    const fragment = u16(bytes, at + 6) & 0x1fff;
    if (header < IPV4_BYTES || bytes[at + 9] !== PROTOCOL_UDP || fragment !== 0) return false;
    // Short frames are padded; a total of 0 is left by network cards that cut packets up themselves.
    return datagram(bytes, at + header, total === 0 ? end : Math.min(end, at + total), out);
  }
  if (type !== ETHERTYPE.IPV6 || at + IPV6_BYTES > end || bytes[at + 6] !== PROTOCOL_UDP) return false;
  return datagram(bytes, at + IPV6_BYTES, Math.min(end, at + IPV6_BYTES + u16(bytes, at + 4)), out);
}

function datagram(bytes: Uint8Array, at: number, end: number, out: PacketView): boolean {
  if (at + UDP_BYTES > end) return false;
  const length = u16(bytes, at + 4);
  out.start = at + UDP_BYTES;
  out.end = length < UDP_BYTES ? end : Math.min(end, at + length);
  return out.end > out.start;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
