import { EXIT, TickpathError } from '../../core/errors.ts';
import { FRAMER_MORE, type Framer } from '../transport/framer.ts';
import { leanMidnightS } from './file-name.ts';

/** Bytes of one row with its line feed. */
const ROW_BYTES_MAX = 512;
const SHOWN_BYTES = 60;
const LINE_FEED = 10;
const RETURN = 13;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
/** Milliseconds of the longest day, when clocks go back. */
const DAY_MS = 25 * 3_600_000;
/** Digits behind the point of a time in milliseconds, down to nanoseconds. */
const FRACTION_DIGITS_MAX = 6;

/**
 * Rows of LEAN ticks, one a frame; a row of a bid and the row of an ask behind it with the same time are one frame, because
 * together they are one state of the market. Times are milliseconds since New York midnight of the date in the file's name.
 */
export class LeanFramer implements Framer {
  readonly bytesMax = 2 * ROW_BYTES_MAX;
  start = 0;
  end = 0;
  seconds = 0;
  nanos = 0;
  private file = '';
  /** Line that the bytes asked for next begin with, from 1. */
  private line = 1;
  private midnightS = 0;
  /** Milliseconds of the row read last, and nanoseconds beyond them. */
  private ms = 0;
  private restNs = 0;

  begin(file: string): void {
    this.file = file;
    this.line = 1;
    this.midnightS = leanMidnightS(file);
  }

  next(block: Uint8Array, from: number, to: number): number {
    return this.take(block, from, to, false);
  }

  /** A last row may lack its line feed. */
  last(block: Uint8Array, from: number, to: number): number {
    return this.take(block, from, to, true);
  }

  tooLong(): never {
    throw this.bad(`a row of more than ${ROW_BYTES_MAX} bytes`);
  }

  private take(block: Uint8Array, from: number, to: number, ending: boolean): number {
    const feed = endOfLine(block, from, to, ending);
    if (feed < 0) return FRAMER_MORE;
    const row = feed < to ? feed + 1 : to;
    if (feed === from || (feed === from + 1 && block[from] === RETURN)) return this.pass(from, from, row, 1);
    this.readTime(block, from, feed);
    this.seconds = this.midnightS + Math.floor(this.ms / 1000);
    this.nanos = (this.ms % 1000) * 1e6 + this.restNs;
    if (!isBidOnly(block, from, feed)) return this.pass(from, feed, row, 1);
    const other = row < to ? endOfLine(block, row, to, ending) : ending ? to : -1;
    if (other < 0) return FRAMER_MORE;
    if (!isAskOfSameTime(block, from, feed, row, other)) return this.pass(from, feed, row, 1);
    return this.pass(from, other, other < to ? other + 1 : to, 2);
  }

  private pass(start: number, end: number, next: number, lines: number): number {
    this.start = start;
    this.end = end;
    this.line += lines;
    return next;
  }

  private readTime(block: Uint8Array, from: number, feed: number): void {
    let at = from;
    let ms = 0;
    for (; at < feed && block[at]! >= ZERO && block[at]! <= ZERO + 9 && ms <= DAY_MS; at++) ms = ms * 10 + (block[at]! - ZERO);
    let rest = 0;
    let digits = 0;
    if (block[at] === POINT) {
      for (at++; at < feed && block[at]! >= ZERO && block[at]! <= ZERO + 9; at++, digits++)
        if (digits < FRACTION_DIGITS_MAX) rest = rest * 10 + (block[at]! - ZERO);
      for (let i = digits; i < FRACTION_DIGITS_MAX; i++) rest *= 10;
    }
    if (at === from || block[at] !== COMMA || ms >= DAY_MS || digits > FRACTION_DIGITS_MAX) {
      const text = new TextDecoder().decode(block.subarray(from, Math.min(feed, from + SHOWN_BYTES)));
      throw this.bad(`expected a time in milliseconds since midnight and a comma, found "${text}"`);
    }
    this.ms = ms;
    this.restNs = rest;
  }

  private bad(what: string): TickpathError {
    return new TickpathError('ERR_LEAN', `${this.file}:${this.line}: ${what}`, EXIT.DATA);
  }
}

function endOfLine(block: Uint8Array, from: number, to: number, ending: boolean): number {
  const feed = block.indexOf(LINE_FEED, from);
  if (feed >= 0 && feed < to) return feed;
  return ending ? to : -1;
}

/** Where column `column` begins; `feed` when the row has fewer. */
function cellAt(block: Uint8Array, from: number, feed: number, column: number): number {
  let at = from;
  for (let left = column; left > 0; left--) {
    while (at < feed && block[at] !== COMMA) at++;
    if (at >= feed) return feed;
    at++;
  }
  return at;
}

/** True when the cell is `0`. */
function isZero(block: Uint8Array, at: number, feed: number): boolean {
  return at < feed && block[at] === ZERO && block[at + 1] === COMMA;
}

/** A quote whose columns of the ask are 0,0. */
function isBidOnly(block: Uint8Array, from: number, feed: number): boolean {
  const ask = cellAt(block, from, feed, 3);
  return isZero(block, ask, feed) && isZero(block, cellAt(block, ask, feed, 1), feed) && !isZero(block, cellAt(block, from, feed, 1), feed);
}

function isAskOfSameTime(block: Uint8Array, from: number, feed: number, other: number, otherFeed: number): boolean {
  const bid = cellAt(block, other, otherFeed, 1);
  if (!isZero(block, bid, otherFeed) || !isZero(block, cellAt(block, bid, otherFeed, 1), otherFeed)) return false;
  for (let i = 0; from + i < feed && other + i < otherFeed; i++) {
    if (block[from + i] !== block[other + i]) return false;
    if (block[from + i] === COMMA) return true;
  }
  return false;
}
