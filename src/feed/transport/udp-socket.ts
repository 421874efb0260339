import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { EXIT, TickpathError } from '../../core/errors.ts';

export interface UdpAddress {
  /** A multicast group to join, or an address of this machine; default: all of its addresses. */
  readonly address?: string;
  /** 0: whichever is free. */
  readonly port: number;
  /** Address of the interface that joins a group. */
  readonly interface?: string;
  /** Only what this address sent to the group. */
  readonly source?: string;
}

/** Linux gives twice of what was asked for, for its own bookkeeping, and says so. */
const GRANTED_OF_SAID = process.platform === 'linux' ? 2 : 1;

/** A bound socket that has joined its group; rejects with ERR_UDP. */
export async function openUdp(to: UdpAddress, recvBufferBytes: number): Promise<Socket> {
  const { address, port, source } = to;
  const group = address !== undefined && isMulticast(address);
  const socket = createSocket({ type: isIP(address ?? to.interface ?? '') === 6 ? 'udp6' : 'udp4', reuseAddr: group });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      // Bound to the group itself, so that what is sent to other groups of the same port stays out.
      socket.bind({ port, ...bindAddress(address ?? to.interface) }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    if (group && source !== undefined) socket.addSourceSpecificMembership(source, address, to.interface);
    else if (group) socket.addMembership(address, to.interface);
    socket.setRecvBufferSize(recvBufferBytes);
  } catch (error) {
    socket.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new TickpathError(
      'ERR_UDP',
      `udp ${address ?? to.interface ?? ''}:${port}: ${why}; expected an address that can be received`,
      EXIT.FAILURE,
    );
  }
  return socket;
}

/** Bytes of the receive buffer that the kernel gave. */
export function grantedRecvBytes(socket: Socket): number {
  return Math.floor(socket.getRecvBufferSize() / GRANTED_OF_SAID);
}

export function isMulticast(address: string): boolean {
  if (isIP(address) === 6) return /^ff/i.test(address);
  const first = address.slice(0, address.indexOf('.'));
  return isIP(address) === 4 && first.length === 3 && first >= '224' && first <= '239';
}

function bindAddress(address: string | undefined): { address?: string } {
  return address === undefined ? {} : { address };
}
