import { PRICE_NONE } from '../../core/price.ts';
import { RECORD_DOUBLES, RECORD_WORDS } from '../../core/records/layout.ts';
import {
  BBO_D_ASK_LOTS,
  BBO_D_BID_LOTS,
  BBO_D_UPDATE_ID,
  BBO_W_ASK_TICKS,
  BBO_W_BID_TICKS,
  BOOK_STATE,
  SIDE,
} from '../../core/records/market.ts';
import { L2Book } from '../../feed/book/l2-book.hot.ts';

/** Levels that own fills may have taken from at one time; beyond it nothing more is available until one is refreshed. */
export const CONSUMED_LEVELS_MAX = 512;

/** float64 indexes of the update ids and the ticker's quantities. */
const BOOK_ID = 0;
const BBO_ID = 1;
const BBO_BID = 2;
const BBO_ASK = 3;
const ID_NONE = -1;

/**
 * What the recorded market displays: the depth book under the freshest top of book, less what own fills took already. The
 * ticker counts where its update id is above the book's: levels better than its price are gone, the level at its price
 * has its quantity, levels behind it are the book's. What own fills took from a level stays taken until the venue next
 * says something newer of that level. Called by the simulated exchange on each market record; allocates nothing.
 */
export class DisplayedMarket {
  /** BOOK_STATE as last told. */
  state: number = BOOK_STATE.DISCONNECTED;
  /** The level the last `nextLevel` stopped at, and the lots available there. */
  levelTicks = PRICE_NONE;
  levelLots = 0;
  private readonly book = new L2Book();
  private readonly numbers = new Float64Array(4).fill(ID_NONE);
  private bboBidTicks = PRICE_NONE;
  private bboAskTicks = PRICE_NONE;
  private cursorSide: number = SIDE.BUY;
  private cursor = 0;
  private consumedCount = 0;
  private readonly consumedSide = new Int32Array(CONSUMED_LEVELS_MAX);
  private readonly consumedTicks = new Int32Array(CONSUMED_LEVELS_MAX);
  private readonly consumedLots = new Float64Array(CONSUMED_LEVELS_MAX);
  /** 1 when the depth message being applied names this level. */
  private readonly consumedTouched = new Int32Array(CONSUMED_LEVELS_MAX);

  clear(): void {
    this.book.clear();
    this.consumedCount = 0;
    this.numbers[BOOK_ID] = ID_NONE;
    this.numbers[BBO_ID] = ID_NONE;
  }

  /** A level of a depth message; its lots stand at `f64[at]`: as an argument V8 would box them. */
  level(side: number, priceTicks: number, f64: Float64Array, at: number): void {
    this.book.applyFrom(side, priceTicks, f64, at);
    if (this.consumedCount === 0) return;
    const consumed = this.consumedAt(side, priceTicks);
    if (consumed >= 0) this.consumedTouched[consumed] = 1;
  }

  /** A depth message is complete; `f64[at]` is its update id. Levels it named are refreshed when it is news. */
  depthEnd(f64: Float64Array, at: number): void {
    const numbers = this.numbers;
    const id = f64[at]!;
    const news = id > numbers[BOOK_ID]! && id > numbers[BBO_ID]!;
    numbers[BOOK_ID] = id;
    for (let i = this.consumedCount - 1; i >= 0; i--) {
      if (this.consumedTouched[i] === 0) continue;
      this.consumedTouched[i] = 0;
      if (news) this.dropConsumed(i);
    }
  }

  /** A ticker record; one that is no newer than the last is ignored. */
  bbo(i32: Int32Array, f64: Float64Array, slot: number): void {
    const word = slot * RECORD_WORDS;
    const double = slot * RECORD_DOUBLES;
    const numbers = this.numbers;
    const id = f64[double + BBO_D_UPDATE_ID]!;
    if (id <= numbers[BBO_ID]!) return;
    const bidTicks = i32[word + BBO_W_BID_TICKS]!;
    const askTicks = i32[word + BBO_W_ASK_TICKS]!;
    const bidLots = f64[double + BBO_D_BID_LOTS]!;
    const askLots = f64[double + BBO_D_ASK_LOTS]!;
    if (this.consumedCount > 0 && id > numbers[BOOK_ID]!) {
      // A ticker repeats the side that did not change: only another quantity refreshes a level.
      if (this.shownLots(SIDE.BUY, bidTicks) !== bidLots) this.refresh(SIDE.BUY, bidTicks);
      if (this.shownLots(SIDE.SELL, askTicks) !== askLots) this.refresh(SIDE.SELL, askTicks);
    }
    this.bboBidTicks = bidTicks;
    this.bboAskTicks = askTicks;
    numbers[BBO_ID] = id;
    numbers[BBO_BID] = bidLots;
    numbers[BBO_ASK] = askLots;
  }

  /** Best displayed price of a side, PRICE_NONE when it is empty. */
  bestTicks(side: number): number {
    if (this.tickerFresh(side)) return side === SIDE.BUY ? this.bboBidTicks : this.bboAskTicks;
    return side === SIDE.BUY ? this.book.bidTicks : this.book.askTicks;
  }

  /** Lots displayed at a price of a side, whatever own fills took. */
  shownLots(side: number, priceTicks: number): number {
    if (this.tickerFresh(side)) {
      const best = side === SIDE.BUY ? this.bboBidTicks : this.bboAskTicks;
      if (priceTicks === best) return this.numbers[side === SIDE.BUY ? BBO_BID : BBO_ASK]!;
      if (side === SIDE.BUY ? priceTicks > best : priceTicks < best) return 0;
    }
    return this.book.qtyOf(side, priceTicks);
  }

  /** Puts the cursor before the best level of `side`. */
  beginLevels(side: number): void {
    this.cursorSide = side;
    this.cursor = this.tickerFresh(side) ? -1 : 0;
  }

  /** Steps to the next level with something available, best first; false after the last. */
  nextLevel(): boolean {
    const side = this.cursorSide;
    const fresh = this.tickerFresh(side);
    const best = side === SIDE.BUY ? this.bboBidTicks : this.bboAskTicks;
    const count = this.book.levels(side);
    while (this.cursor < count) {
      const i = this.cursor++;
      let ticks = best;
      let lots = 0;
      if (i < 0) {
        lots = this.numbers[side === SIDE.BUY ? BBO_BID : BBO_ASK]!;
      } else {
        ticks = this.book.priceAt(side, i);
        if (fresh && (side === SIDE.BUY ? ticks >= best : ticks <= best)) continue;
        lots = this.book.qtyAt(side, i);
      }
      const at = this.consumedAt(side, ticks);
      if (at >= 0) lots -= this.consumedLots[at]!;
      else if (this.consumedCount === CONSUMED_LEVELS_MAX) continue;
      if (lots <= 0) continue;
      this.levelTicks = ticks;
      this.levelLots = lots;
      return true;
    }
    return false;
  }

  /** Takes lots from the level that `nextLevel` stopped at; at most `levelLots`. */
  consume(lots: number): void {
    const at = this.consumedAt(this.cursorSide, this.levelTicks);
    if (at >= 0) {
      this.consumedLots[at] = this.consumedLots[at]! + lots;
      return;
    }
    const last = this.consumedCount;
    this.consumedSide[last] = this.cursorSide;
    this.consumedTicks[last] = this.levelTicks;
    this.consumedLots[last] = lots;
    this.consumedTouched[last] = 0;
    this.consumedCount = last + 1;
  }

  private tickerFresh(side: number): boolean {
    const ticks = side === SIDE.BUY ? this.bboBidTicks : this.bboAskTicks;
    return ticks !== PRICE_NONE && this.numbers[BBO_ID]! > this.numbers[BOOK_ID]!;
  }

  private consumedAt(side: number, priceTicks: number): number {
    const count = this.consumedCount;
    for (let i = 0; i < count; i++) {
      if (this.consumedTicks[i] === priceTicks && this.consumedSide[i] === side) return i;
    }
    return -1;
  }

  private refresh(side: number, priceTicks: number): void {
    const at = this.consumedAt(side, priceTicks);
    if (at >= 0) this.dropConsumed(at);
  }

  private dropConsumed(at: number): void {
    const last = this.consumedCount - 1;
    this.consumedSide[at] = this.consumedSide[last]!;
    this.consumedTicks[at] = this.consumedTicks[last]!;
    this.consumedLots[at] = this.consumedLots[last]!;
    this.consumedTouched[at] = this.consumedTouched[last]!;
    this.consumedCount = last;
  }
}
