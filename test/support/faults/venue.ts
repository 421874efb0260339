import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { cut, difference, type Level, Market, type Sides } from './market.ts';

/** One frame of a synthetic venue, and what it does to a book: brings it from version `from` to version `to`. */
export interface VenueMessage {
  readonly bytes: Uint8Array;
  readonly kind: 'depth' | 'snapshot' | 'other';
  /** -1 where it concerns no book. */
  readonly instrument: number;
  readonly from: number;
  readonly to: number;
}

/** A seeded venue in this process. It knows the truth about its books at every version. */
export interface SyntheticVenue {
  readonly instruments: readonly Instrument[];
  /** What a subscription begins with. */
  begin(): VenueMessage[];
  next(): VenueMessage;
  /** A snapshot that was asked for, as of now. */
  answer(instrument: number): VenueMessage;
  truth(instrument: number, version: number): Sides;
}

type Frame = string | Uint8Array;

/** How a venue of price levels writes its frames. A number of a message is the format's own matter; versions are the market's. */
export interface LevelFormat {
  readonly instruments: readonly Instrument[];
  /** Snapshots: asked for elsewhere, in the stream, or nothing else ever comes. */
  readonly snapshots: 'asked' | 'stream' | 'every';
  /** Levels a side that the venue shows; absent: all. */
  readonly depth?: number;
  /** A message that brings the book from one version to another; for `every`, `sides` is all of it. */
  depthFrame(instrument: number, from: number, to: number, changes: readonly Level[], sides: Sides): Frame;
  snapshotFrame(instrument: number, version: number, sides: Sides): Frame;
  /** A frame that changes no book: ticker, trade, heartbeat. */
  otherFrame?(instrument: number, version: number, sides: Sides): Frame;
}

const encoder = new TextEncoder();
const bytesOf = (frame: Frame): Uint8Array => (typeof frame === 'string' ? encoder.encode(frame) : frame);
const CHANGES_MAX = 3;
/** Versions that the answer to a request may be behind. */
const LAG_MAX = 8;

/** A venue of price levels: random markets, changes told in batches, snapshots that may fall into the middle of one. */
export class LevelVenue implements SyntheticVenue {
  readonly instruments: readonly Instrument[];
  private readonly format: LevelFormat;
  private readonly prng: Prng;
  private readonly markets: readonly Market[];
  /** Version up to which changes were told. */
  private readonly told: number[];

  constructor(format: LevelFormat, prng: Prng, middles: readonly number[] = [40_000, 700]) {
    this.format = format;
    this.instruments = format.instruments;
    this.prng = prng;
    this.markets = format.instruments.map((_, i) => new Market(prng, middles[i]!));
    this.told = format.instruments.map(() => 0);
  }

  begin(): VenueMessage[] {
    return this.format.snapshots === 'stream' ? this.instruments.map((_, i) => this.answer(i)) : [];
  }

  next(): VenueMessage {
    const { prng, format, markets } = this;
    const instrument = prng.nextInt(markets.length);
    const market = markets[instrument]!;
    if (format.otherFrame !== undefined && prng.nextInt(8) === 0) {
      const told = this.told[instrument]!;
      const frame = format.otherFrame(instrument, told, this.truth(instrument, told));
      return { bytes: bytesOf(frame), kind: 'other', instrument, from: told, to: told };
    }
    for (let changes = 1 + prng.nextInt(CHANGES_MAX); changes > 0; changes--) market.change();
    const from = this.told[instrument]!;
    // A venue may have gone on by the time it tells: a snapshot now holds more than was told.
    const to = from + 1 + prng.nextInt(market.version - from);
    this.told[instrument] = to;
    const sides = this.truth(instrument, to);
    const changes = format.depth === undefined ? market.touched(from, to) : difference(this.truth(instrument, from), sides);
    const frame = format.depthFrame(instrument, from, to, changes, sides);
    return { bytes: bytesOf(frame), kind: format.snapshots === 'every' ? 'snapshot' : 'depth', instrument, from, to };
  }

  answer(instrument: number): VenueMessage {
    const newest = this.markets[instrument]!.version;
    // An answer from elsewhere may lag behind the stream.
    const lag = this.format.snapshots === 'asked' && this.prng.nextInt(4) === 0 ? this.prng.nextInt(LAG_MAX) : 0;
    const version = Math.max(0, newest - lag);
    // In a stream the changes after a snapshot are those that it does not hold.
    if (this.format.snapshots !== 'asked') this.told[instrument] = version;
    const frame = this.format.snapshotFrame(instrument, version, this.truth(instrument, version));
    return { bytes: bytesOf(frame), kind: 'snapshot', instrument, from: version, to: version };
  }

  truth(instrument: number, version: number): Sides {
    const sides = this.markets[instrument]!.history[version]!;
    return this.format.depth === undefined ? sides : cut(sides, this.format.depth);
  }
}
