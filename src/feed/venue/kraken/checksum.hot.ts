import { SIDE } from '../../../core/records/market.ts';
import type { L2Book } from '../../book/l2-book.hot.ts';
import { crc32 } from '../../checksum/crc32.hot.ts';
import { writeDigits } from '../../checksum/digits.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import type { KrakenBooks } from './books.hot.ts';

/** Levels a side that the checksum covers. */
const LEVELS = 10;
/** Digits of one number: 15 and the zeros of a precision of up to 15 decimals. */
const NUMBER_BYTES = 32;

/**
 * Kraken's book checksum (API documentation, "Checksum v2" and "WebSocket v1 checksum"): CRC32 over asks 1 to 10, then bids 1
 * to 10, each level price then quantity, in all decimals of the pair, without point and leading zeros.
 */
export class KrakenChecksum {
  /** What the checksum was last computed over. */
  readonly text: Uint8Array;
  private readonly grid: GridTable;
  private readonly books: KrakenBooks;
  private readonly ticks: Int32Array;
  private readonly lots: Float64Array;
  private readonly units: Float64Array;

  constructor(grid: GridTable, books: KrakenBooks) {
    this.text = new Uint8Array(LEVELS * 2 * 2 * NUMBER_BYTES);
    this.grid = grid;
    this.books = books;
    this.ticks = new Int32Array(LEVELS);
    this.lots = new Float64Array(LEVELS);
    this.units = new Float64Array(LEVELS);
  }

  /** The checksum as a signed int32. */
  of(instrument: number, book: L2Book): number {
    return crc32(this.text, 0, this.write(instrument, book));
  }

  /** Writes `text`; its length. */
  write(instrument: number, book: L2Book): number {
    return this.side(instrument, book, SIDE.BUY, this.side(instrument, book, SIDE.SELL, 0));
  }

  private side(instrument: number, book: L2Book, side: number, start: number): number {
    const { grid, books, ticks, lots, units, text } = this;
    const priceZeros = books.priceDecimals[instrument]! - grid.priceDecimals[instrument]!;
    const qtyZeros = books.qtyDecimals[instrument]! - grid.qtyDecimals[instrument]!;
    const tickUnits = grid.tickUnits[instrument]!;
    const lotUnits = grid.lotUnits[instrument]!;
    const levels = book.copyBest(side, LEVELS, ticks, lots);
    let at = start;
    for (let i = 0; i < levels; i++) {
      units[i] = ticks[i]! * tickUnits;
      at = shift(text, writeDigits(units, i, text, at), priceZeros);
      units[i] = lots[i]! * lotUnits;
      at = shift(text, writeDigits(units, i, text, at), qtyZeros);
    }
    return at;
  }
}

/**
 * Multiplies the digits that end at `end` by 10^zeros. A negative power cuts zeros off; where there is another digit it is
 * left standing: the number has more decimals than the venue's, and no checksum of the venue's can agree.
 */
function shift(text: Uint8Array, end: number, zeros: number): number {
  let at = end;
  for (let i = 0; i < zeros; i++) text[at++] = 48;
  for (let i = zeros; i < 0 && text[at - 1]! === 48; i++) at--;
  return at;
}
