import type { Variates } from '../flow/variates.ts';

const NS_PER_MS = 1_000_000;

export interface LinkParameters {
  /** Shortest way from the venue to the receiver, and what is usually added to it: median, standard deviation of its logarithm. */
  readonly floorNs: number;
  readonly jitterNs: number;
  readonly jitterSigma: number;
  /** No packet is delayed by more than this beyond the floor. */
  readonly jitterMaxNs: number;
  /** Frames sent within this time of the first one share its packet and its delay. */
  readonly packetNs: number;
  /** Time that the receiver needs for a frame, and for each of its bytes: the distance of frames that arrive together. */
  readonly perFrameNs: number;
  readonly perByteNs: number;
  /** The receiver's clock minus the venue's. */
  readonly clockOffsetNs: number;
}

export const DEFAULT_LINK: LinkParameters = {
  floorNs: 1_200_000,
  jitterNs: 1_000_000,
  jitterSigma: 1.15,
  jitterMaxNs: 60_000_000,
  packetNs: 2_000_000,
  perFrameNs: 500,
  perByteNs: 0.8,
  clockOffsetNs: 0,
};

/** One connection: delays each packet by a log-normal draw, keeps the order, and lets what queued up arrive back to back. */
export class Link {
  private readonly parameters: LinkParameters;
  private readonly variates: Variates;
  private packetEndNs = -Infinity;
  private packetDelayNs = 0;
  private lastNs = -Infinity;

  constructor(parameters: LinkParameters, variates: Variates) {
    this.parameters = parameters;
    this.variates = variates;
  }

  /** Local receive time, whole ns since the venue's epoch of the run, of a frame sent at `sentNs`. Never decreases. */
  receiveNs(sentNs: number, bytes: number): number {
    const p = this.parameters;
    if (sentNs >= this.packetEndNs) {
      this.packetEndNs = sentNs + p.packetNs;
      this.packetDelayNs = p.floorNs + Math.min(this.variates.logNormal(p.jitterNs, p.jitterSigma), p.jitterMaxNs);
    }
    const busyNs = p.perFrameNs * (1 + this.variates.uniform()) + p.perByteNs * bytes;
    this.lastNs = Math.max(this.lastNs + busyNs, sentNs + this.packetDelayNs);
    return Math.floor(this.lastNs) + p.clockOffsetNs;
  }
}

/** The 19 digits of `epochMs` plus `offsetNs` as Unix nanoseconds: more than a double can hold, so written in two parts. */
export function unixNsText(epochMs: number, offsetNs: number): string {
  const ms = Math.floor(offsetNs / NS_PER_MS);
  return `${epochMs + ms}${String(offsetNs - ms * NS_PER_MS).padStart(6, '0')}`;
}
