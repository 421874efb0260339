import { BOOK_STATE } from '../../src/core/records/market.ts';
import { naiveItch } from './naive-itch.ts';
import { naiveMold } from './naive-mold.ts';

/**
 * Integrity class A over one session of two stocks or more: numbers follow one another, what came before is passed over, and after a
 * missing one nothing is known until the next start of messages.
 */
export class NaiveMold {
  /** Number expected next, undefined before the first packet. */
  next: number | undefined;
  /** What was damaged may have been taken for anything, until the next start of messages or, where `foreign`, the next connection. */
  damaged = false;
  foreign = false;
  private readonly stocks: readonly string[];
  private readonly session: string;
  private state: number = BOOK_STATE.DISCONNECTED;
  private whole = false;
  private readonly named: boolean[];
  private readonly lost: boolean[];
  private readonly trading: boolean[];

  constructor(stocks: readonly string[], session: string) {
    this.stocks = stocks;
    this.session = session;
    this.named = stocks.map(() => false);
    this.lost = stocks.map(() => false);
    this.trading = stocks.map(() => false);
  }

  connection(state: number): void {
    this.state = state;
    this.next = undefined;
    this.whole = false;
    this.damaged = false;
    this.foreign = false;
    for (const list of [this.named, this.lost, this.trading]) list.fill(false);
  }

  onPacket(bytes: Uint8Array, intact: boolean): void {
    const packet = naiveMold(bytes);
    if (packet === undefined) return;
    if (!intact && (packet.session !== this.session || packet.count === 0xffff)) {
      this.foreign = true;
      return;
    }
    const sequence = Number(packet.sequence);
    const joins = this.next === undefined;
    if (!joins && sequence > this.next!) {
      this.whole = false;
      this.named.forEach((named, i) => {
        if (named) this.lost[i] = true;
      });
    }
    this.next = Math.max(sequence, this.next ?? 0);
    packet.messages.forEach((message, i) => {
      if (sequence + i < this.next!) return;
      this.next = sequence + i + 1;
      if (!intact) this.damaged = true;
      this.onMessage(message, joins && i === 0, intact);
    });
  }

  stateOf(i: number): number {
    if (this.state !== BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT) return this.state;
    if (this.lost[i]!) return BOOK_STATE.GAP;
    if (!this.whole || !this.named[i]!) return BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT;
    return this.trading[i]! ? BOOK_STATE.LIVE : BOOK_STATE.NOT_TRADING;
  }

  private onMessage(bytes: Uint8Array, isFirst: boolean, intact: boolean): void {
    const message = naiveItch(bytes);
    if (typeof message === 'string') return;
    const { type, fields } = message;
    const isStart = type === 'S' && fields.get('event') === 'O';
    if (isFirst) this.whole = isStart || type === 'R';
    if (isStart) {
      this.whole = true;
      if (intact) this.damaged = false;
      this.lost.fill(false);
      this.trading.fill(false);
      return;
    }
    const stock = fields.get('stock');
    const i = typeof stock === 'string' ? this.stocks.indexOf(stock.trimEnd()) : -1;
    if (i < 0) return;
    this.named[i] = true;
    if (type === 'H') this.trading[i] = fields.get('state') === 'T';
  }
}
