import type { Counters } from '../../../core/counters.ts';
import type { Clock } from '../../../core/time.ts';
import { newYorkMidnightS } from '../../new-york.ts';
import { MOLD_BLOCK_BYTES, MOLD_HEADER_BYTES } from '../../transport/mold.hot.ts';
import { type MoldLine, type MoldRequestServer, MoldUdpTransport } from '../../transport/mold-udp.ts';
import { SoupTransport } from '../../transport/soup.ts';
import type { Timers } from '../../transport/timers.ts';
import { H_TIME, ITCH_BYTES_MAX, ITCH_HEADER_BYTES } from './layout.ts';

const NS_PER_S = 1_000_000_000;
const DAY_NS = 86_400e9;
/** Bytes of an answer to a request: what fits an Ethernet frame. */
const ANSWER_BYTES_MAX = 1_400;
/** A message older than this by the machine's clock, or from further ahead, is not taken for one of the present. */
const PRESENT_NS = 1e9;

/** What a live configuration says of ITCH over MoldUDP64. Both transports hand their frames to MoldItchFeed. */
export interface ItchMoldConfig {
  /** The line, or its copies A and B: `{ address, port, interface, source }`. */
  readonly lines: readonly MoldLine[];
  /** `{ address, port, interface, fromStart }`; without one a lost packet ends the day's books. */
  readonly requests?: MoldRequestServer;
  readonly session?: string;
  readonly gapWaitMs?: number;
  readonly requestTimeoutMs?: number;
  readonly requestAttemptsMax?: number;
  readonly recvBufferBytes?: number;
}

/** What a live configuration says of ITCH over SoupBinTCP. The password comes from the configuration's secrets. */
export interface ItchSoupConfig {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly session?: string;
  readonly sequence?: number;
}

/** What a live run gives every transport. */
export interface ItchLivePorts {
  readonly clock: Clock;
  /** Epoch time, ns, of the clock's zero. */
  readonly baseEpochNs: bigint;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly timers?: Timers;
  readonly counters?: Counters;
  readonly onWatch?: (nowNs: number) => void;
  readonly onTrouble?: (text: string) => void;
}

/** `silenceMs`: told as trouble when no packet came for so long. */
export function itchMoldTransport(config: ItchMoldConfig, ports: ItchLivePorts, silenceMs: number): MoldUdpTransport {
  const { baseEpochNs: _, ...rest } = ports;
  const requestMessagesMax = Math.floor((ANSWER_BYTES_MAX - MOLD_HEADER_BYTES) / (MOLD_BLOCK_BYTES + ITCH_BYTES_MAX));
  return new MoldUdpTransport({ ...config, ...rest, requestMessagesMax, silenceMs });
}

/** Throws ERR_SOUP when the login does not fit its fields. */
export function itchSoupTransport(config: ItchSoupConfig, ports: ItchLivePorts): SoupTransport {
  const { baseEpochNs, ...rest } = ports;
  return new SoupTransport({ ...config, ...rest, isPresent: presentBy(baseEpochNs) });
}

/**
 * Says whether an ITCH message is of the present by its own time, which counts from midnight in New York, against the machine's
 * clock. A clock that is more than a second off makes no message one of the present; then a heartbeat alone does.
 */
function presentBy(baseEpochNs: bigint): (bytes: Uint8Array, start: number, end: number, recvNs: number) => boolean {
  const baseS = Number(baseEpochNs / BigInt(NS_PER_S));
  const baseNs = Number(baseEpochNs % BigInt(NS_PER_S));
  let midnightNs = Number.NaN;
  return (bytes, start, end, recvNs) => {
    if (end - start < ITCH_HEADER_BYTES) return false;
    if (!(recvNs - midnightNs >= 0 && recvNs - midnightNs < DAY_NS)) {
      const midnightS = newYorkMidnightS(baseS + Math.floor((baseNs + recvNs) / NS_PER_S));
      midnightNs = (midnightS - baseS) * NS_PER_S - baseNs;
    }
    let timeNs = 0;
    for (let i = 0; i < 6; i++) timeNs = timeNs * 256 + bytes[start + H_TIME + i]!;
    return Math.abs(recvNs - midnightNs - timeNs) < PRESENT_NS;
  };
}
