import { Prng } from '../../core/prng.ts';

/** What becomes of one packet: how many copies arrive (0: it is lost), and after how many later packets. */
export interface PacketFate {
  readonly copies: number;
  readonly delayPackets: number;
}

/** Decides the fate of the next packet of a line. */
export type PacketFaults = (line: number) => PacketFate;

export interface SeededFaults {
  readonly seed: number;
  /** Shares of packets, 0 to 1. */
  readonly drop?: number;
  readonly duplicate?: number;
  /** Packets that come late, by 1 to `delayPacketsMax` others. */
  readonly delay?: number;
  readonly delayPacketsMax?: number;
}

const DELAY_PACKETS_MAX = 8;
const INTACT: PacketFate = { copies: 1, delayPackets: 0 };

export const noFaults: PacketFaults = () => INTACT;

/** Faults drawn from a seed, each line independently of the others. */
export function seededFaults(faults: SeededFaults): PacketFaults {
  const lines = new Map<number, Prng>();
  return (line) => {
    const prng = lines.get(line) ?? new Prng(faults.seed, line);
    lines.set(line, prng);
    if (prng.nextFloat() < (faults.drop ?? 0)) return { copies: 0, delayPackets: 0 };
    return {
      copies: prng.nextFloat() < (faults.duplicate ?? 0) ? 2 : 1,
      delayPackets: prng.nextFloat() < (faults.delay ?? 0) ? 1 + prng.nextInt(faults.delayPacketsMax ?? DELAY_PACKETS_MAX) : 0,
    };
  };
}
