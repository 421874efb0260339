import type { MessageStore } from './message-store.ts';

/**
 * MoldUDP64 1.00 as the server writes it: `session a10, sequence u64, count u16`, then `length u16, message` for each. A request
 * is the header alone. Big-endian.
 */
export const SESSION_CHARACTERS = 10;
export const HEADER_BYTES = 20;
export const END_OF_SESSION = 0xffff;
/** What fits an Ethernet frame with room for the headers of tunnels. */
export const PACKET_BYTES_MAX = 1_400;
const LENGTH_BYTES = 2;

export interface MoldRequest {
  readonly session: string;
  readonly sequence: number;
  readonly count: number;
}

export function header(session: string, sequence: number, count: number, bytes: number = HEADER_BYTES): Uint8Array {
  const packet = new Uint8Array(bytes);
  const view = new DataView(packet.buffer);
  packet.set(new TextEncoder().encode(session.padEnd(SESSION_CHARACTERS)).subarray(0, SESSION_CHARACTERS));
  view.setBigUint64(10, BigInt(sequence));
  view.setUint16(18, count);
  return packet;
}

/** As many messages from number `first` as fit one packet, at most `count`; at least one, however long. */
export function packetOf(store: MessageStore, session: string, first: number, count: number): { packet: Uint8Array; messages: number } {
  const last = Math.min(store.count, first + count - 1);
  let bytes = HEADER_BYTES;
  let messages = 0;
  for (let number = first; number <= last && messages < END_OF_SESSION - 1; number++) {
    const more = LENGTH_BYTES + store.message(number).length;
    if (messages > 0 && bytes + more > PACKET_BYTES_MAX) break;
    bytes += more;
    messages++;
  }
  const packet = header(session, first, messages, bytes);
  const view = new DataView(packet.buffer);
  let at = HEADER_BYTES;
  for (let number = first; number < first + messages; number++) {
    const message = store.message(number);
    view.setUint16(at, message.length);
    packet.set(message, at + LENGTH_BYTES);
    at += LENGTH_BYTES + message.length;
  }
  return { packet, messages };
}

/** The request in a datagram; undefined when it is none. */
export function requestOf(datagram: Uint8Array): MoldRequest | undefined {
  if (datagram.length !== HEADER_BYTES) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const session = new TextDecoder('latin1').decode(datagram.subarray(0, SESSION_CHARACTERS));
  const sequence = view.getBigUint64(10);
  return sequence > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : { session, sequence: Number(sequence), count: view.getUint16(18) };
}
