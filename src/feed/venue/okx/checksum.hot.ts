import { SIDE } from '../../../core/records/market.ts';
import type { L2Book } from '../../book/l2-book.hot.ts';
import { crc32 } from '../../checksum/crc32.hot.ts';
import { writeDecimal } from '../../checksum/digits.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';

/** Levels a side that the checksum covers. */
const LEVELS = 25;
/** Sixteen digits, a point, a zero before it and a colon, and what writing moves about. */
const NUMBER_BYTES = 40;
const COLON = 58;

/**
 * OKX's book checksum (API documentation, "Checksum", before 2026-06): CRC32 over the best 25 levels, bid and ask in turn, price
 * then quantity as the venue writes them, which is without trailing zeros, joined by colons; where one side has
 * more levels than the other, its rest follows.
 */
export class OkxChecksum {
  /** What the checksum was last computed over. */
  readonly text: Uint8Array;
  private readonly grid: GridTable;
  private readonly bidTicks: Int32Array;
  private readonly bidLots: Float64Array;
  private readonly askTicks: Int32Array;
  private readonly askLots: Float64Array;
  private readonly units: Float64Array;

  constructor(grid: GridTable) {
    this.text = new Uint8Array(LEVELS * 2 * 2 * NUMBER_BYTES);
    this.grid = grid;
    this.bidTicks = new Int32Array(LEVELS);
    this.bidLots = new Float64Array(LEVELS);
    this.askTicks = new Int32Array(LEVELS);
    this.askLots = new Float64Array(LEVELS);
    this.units = new Float64Array(2);
  }

  /** The checksum, a signed int32 as OKX sends it. */
  of(instrument: number, book: L2Book): number {
    return crc32(this.text, 0, this.write(instrument, book));
  }

  /** Writes `text`; its length. */
  write(instrument: number, book: L2Book): number {
    const { bidTicks, bidLots, askTicks, askLots } = this;
    const bids = book.copyBest(SIDE.BUY, LEVELS, bidTicks, bidLots);
    const asks = book.copyBest(SIDE.SELL, LEVELS, askTicks, askLots);
    let at = 0;
    for (let i = 0; i < bids || i < asks; i++) {
      if (i < bids) at = this.level(instrument, bidTicks, bidLots, i, at);
      if (i < asks) at = this.level(instrument, askTicks, askLots, i, at);
    }
    return at === 0 ? 0 : at - 1;
  }

  /** `price:quantity:`; the last colon is not part of the text. */
  private level(instrument: number, ticks: Int32Array, lots: Float64Array, i: number, start: number): number {
    const { grid, units, text } = this;
    units[0] = ticks[i]! * grid.tickUnits[instrument]!;
    units[1] = lots[i]! * grid.lotUnits[instrument]!;
    let at = writeDecimal(units, 0, grid.priceDecimals[instrument]!, text, start);
    text[at++] = COLON;
    at = writeDecimal(units, 1, grid.qtyDecimals[instrument]!, text, at);
    text[at++] = COLON;
    return at;
  }
}
