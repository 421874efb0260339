import type { Instrument } from '../../../core/instrument.ts';

/** Depths that Kraken offers (API documentation, WebSocket v2, channel `book`). */
const DEPTHS = new Int32Array([10, 25, 100, 500, 1000]);

/** What Kraken's own messages say of each book beside its levels; the decoder writes it, the rule reads it. */
export class KrakenBooks {
  /** Levels a side subscribed to, 0 while unknown. */
  readonly depth: Int32Array;
  /** Decimals of the text that checksums are computed over; those of the instrument until the venue says otherwise. */
  readonly priceDecimals: Int32Array;
  readonly qtyDecimals: Int32Array;
  /** Depth that the feed was created for: books of another depth are not its own. 0: whatever the venue sends. */
  readonly only: number;

  constructor(instruments: readonly Instrument[], only: number) {
    this.depth = new Int32Array(instruments.length).fill(only);
    this.priceDecimals = Int32Array.from(instruments, (one) => one.priceDecimals);
    this.qtyDecimals = Int32Array.from(instruments, (one) => one.qtyDecimals);
    this.only = only;
  }

  /** A snapshot of `levels` a side came and nobody said how deep the subscription is: the shallowest that can hold it. */
  guessDepth(instrument: number, levels: number): void {
    if (this.depth[instrument]! >= levels && this.depth[instrument]! > 0) return;
    let i = 0;
    while (i < DEPTHS.length - 1 && DEPTHS[i]! < levels) i++;
    this.depth[instrument] = DEPTHS[i]! < levels ? levels : DEPTHS[i]!;
  }
}
