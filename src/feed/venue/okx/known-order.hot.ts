import { BOOK_LEVELS_MAX } from '../../../core/limits.ts';
import { BETWEEN_TEXTS, KnownOrder, LOW_THREE } from '../../json/known-order.hot.ts';
import { OTHER_SHAPE } from '../../json/levels.hot.ts';
import { scanSignedId } from '../../json/text-id.hot.ts';
import { Literal, matches } from '../../json/words.hot.ts';
import type { GridTable } from '../../l2/grid.hot.ts';
import { type L2Message, N_CHECKSUM, N_EVENT_MS, N_LAST_ID, N_PREVIOUS_ID, N_TRANSACT_MS } from '../../l2/message.hot.ts';
import { DECODE, MESSAGE } from '../../l2/status.ts';
import type { SymbolTable } from '../../symbol-table.hot.ts';

const OPEN_BOOKS = new Literal('{"arg":{"channel":"books","instId":"');
const UPDATE_TO_ASKS = new Literal('"},"action":"update","data":[{"asks":[');
const SNAPSHOT_TO_ASKS = new Literal('"},"action":"snapshot","data":[{"asks":[');
const BIDS = new Literal(',"bids":[');
const TIME = new Literal('],"ts":"');
const CHECKSUM = new Literal(',"checksum":');
const SEQUENCE = new Literal(',"seqId":');
const PREVIOUS = new Literal(',"prevSeqId":');
/** `}]}` */
const CLOSE_FRAME = 0x7d5d7d;

/** OKX's books, and their changes. */
export class OkxKnownOrder extends KnownOrder {
  constructor(message: L2Message, symbols: SymbolTable, grid: GridTable) {
    super(message, symbols, grid, 125);
  }

  /** `{"arg":{"channel":"books","instId":"X"},"action":"update" or "snapshot","data":[{"asks":[...],"bids":[...],"ts":"1",...}]}` */
  protected read(bytes: Uint8Array, start: number, end: number): number {
    const { message, view } = this;
    if (!matches(view, start, OPEN_BOOKS) || !this.symbol(bytes, start + OPEN_BOOKS.length)) return OTHER_SHAPE;
    const isUpdate = matches(view, this.at, UPDATE_TO_ASKS);
    if (!isUpdate && !matches(view, this.at, SNAPSHOT_TO_ASKS)) return OTHER_SHAPE;
    let p = this.at + (isUpdate ? UPDATE_TO_ASKS.length : SNAPSHOT_TO_ASKS.length);
    if (p >= end) return OTHER_SHAPE;
    p = this.levels(bytes, p, end, message.askTicks, message.askLots);
    if (p < 0 || !matches(view, p, BIDS)) return OTHER_SHAPE;
    message.askCount = message.levelCount;
    p = this.levels(bytes, p + BIDS.length, end, message.bidTicks, message.bidLots);
    if (p < 0 || !this.isTime(bytes, p)) return OTHER_SHAPE;
    message.bidCount = message.levelCount;
    message.kind = isUpdate ? MESSAGE.DEPTH : MESSAGE.SNAPSHOT;
    return this.tail(bytes, this.at, end);
  }

  /** `["1","2","0","1"],...]`, its bracket being open; position after the one that closes it. */
  private levels(bytes: Uint8Array, start: number, end: number, ticks: Int32Array, lots: Float64Array): number {
    const { view, message } = this;
    message.levelCount = 0;
    if (bytes[start]! === 93) return start + 1;
    let p = start;
    for (let count = 0; count < BOOK_LEVELS_MAX; count++) {
      p = this.level(bytes, p, ticks, lots, count);
      if (p < 0 || (view.getInt32(p, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
      // Liquidation orders and the number of orders.
      p = this.textEnd(bytes, p + 3);
      if (p < 0 || (view.getInt32(p, true) & LOW_THREE) !== BETWEEN_TEXTS) return OTHER_SHAPE;
      p = this.textEnd(bytes, p + 3);
      if (p < 0 || bytes[p + 1]! !== 93 || p + 2 >= end) return OTHER_SHAPE;
      message.levelCount = count + 1;
      const next = bytes[p + 2]!;
      p += 3;
      if (next === 93) return p;
      if (next !== 44) return OTHER_SHAPE;
    }
    return OTHER_SHAPE;
  }

  /** `],"ts":"1652459225680"` of 13 digits, the bracket before `p`; sets `at`. */
  private isTime(bytes: Uint8Array, p: number): boolean {
    if (!matches(this.view, p - 1, TIME)) return false;
    const at = this.ids.readText(this.view, bytes, p - 1 + TIME.length, N_TRANSACT_MS);
    this.at = at + 1;
    return at >= 0;
  }

  /** Checksum and numbers of the message in any order, and the end of the frame. */
  private tail(bytes: Uint8Array, start: number, end: number): number {
    const { view, message } = this;
    const numbers = message.numbers;
    let p = start;
    let status: number = DECODE.OK;
    let hasSequence = false;
    let hasPrevious = false;
    let hasChecksum = false;
    while (bytes[p]! === 44) {
      if (matches(view, p, CHECKSUM) && !hasChecksum) {
        hasChecksum = true;
        p += CHECKSUM.length;
        status = scanSignedId(bytes, p, end, numbers, N_CHECKSUM);
      } else if (matches(view, p, SEQUENCE) && !hasSequence) {
        hasSequence = true;
        p += SEQUENCE.length;
        status = scanSignedId(bytes, p, end, numbers, N_LAST_ID);
      } else if (matches(view, p, PREVIOUS) && !hasPrevious) {
        hasPrevious = true;
        p += PREVIOUS.length;
        status = scanSignedId(bytes, p, end, numbers, N_PREVIOUS_ID);
      } else return OTHER_SHAPE;
      if (status !== DECODE.OK) return OTHER_SHAPE;
      if (bytes[p]! === 45) p++;
      while ((bytes[p]! - 48) >>> 0 < 10) p++;
    }
    if ((view.getInt32(p, true) & LOW_THREE) !== CLOSE_FRAME || p + 3 !== end) return OTHER_SHAPE;
    // Without numbers before 2022; a number without the one before, or no integrity at all, is for the general path.
    if (hasSequence !== hasPrevious || numbers[N_LAST_ID]! < 0) return OTHER_SHAPE;
    message.hasChecksum = hasChecksum && numbers[N_CHECKSUM]! !== 0 ? 1 : 0;
    if (!hasSequence && message.hasChecksum === 0) return OTHER_SHAPE;
    if (message.kind === MESSAGE.SNAPSHOT) numbers[N_PREVIOUS_ID] = 0;
    else message.beginsAnew = numbers[N_LAST_ID]! < numbers[N_PREVIOUS_ID]! ? 1 : 0;
    numbers[N_EVENT_MS] = numbers[N_TRANSACT_MS]!;
    return DECODE.OK;
  }
}
