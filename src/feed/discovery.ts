import type { Instrument, InstrumentText } from '../core/instrument.ts';

/** Whose frames a recording holds, where the files say so. */
export interface RecordedSource {
  readonly venue: string;
  readonly depth: number;
  readonly mode: string;
}

/** What the beginning of an input says of it. */
export interface Discovery {
  readonly instruments: readonly Instrument[];
  /** Receive time of the first frame, epoch ns: the base of all times of a replay. */
  readonly baseEpochNs: bigint;
  /** Symbols whose grid was read from the input and not given. */
  readonly discovered: readonly string[];
  /** Present for the formats that hold frames of any venue. */
  readonly source?: RecordedSource;
}

/**
 * Reads the beginning of an input; `configured` instruments come first and are taken as they are. `wanted`: the one symbol
 * that is needed; a format whose inputs hold thousands finds that one alone, others may pass over it.
 */
export type Discover = (files: readonly string[], configured?: readonly InstrumentText[], wanted?: string) => Promise<Discovery>;
