import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { itchMessage } from '../itch-messages.ts';
import { stock } from '../itch-rig.ts';
import { moldPacketOf } from '../packets.ts';
import type { Sides } from './market.ts';
import { type OrderEvent, OrderMarket } from './order-market.ts';
import type { SyntheticVenue, VenueMessage } from './venue.ts';

export const ITCH_SESSION = 'SESSION001';
export const ITCH_STOCKS = ['ABC', 'XYZ'] as const;
const MIDDLES = [400_000, 9_000];
const MESSAGES_MAX = 4;
/** Packets of one day. */
const DAY_PACKETS = 30;

/**
 * ITCH 5.0 over MoldUDP64: order events of two stocks in one session, heartbeats between them, and a new day now and then, the
 * only thing after which a late or broken stream is whole again. The version of a book is the number of the last message.
 */
export class ItchVenue implements SyntheticVenue {
  readonly instruments = ITCH_STOCKS.map((name, id) => stock(id, name));
  private readonly prng: Prng;
  private readonly markets: readonly OrderMarket[];
  /** `versions[n]`: version of each market after message number n. */
  private readonly versions: (readonly number[])[] = [[0, 0]];
  private match = 0;
  private packets = 0;

  constructor(prng: Prng) {
    this.prng = prng;
    let orders = 0;
    this.markets = MIDDLES.map((middle) => new OrderMarket(prng, middle, () => ++orders));
  }

  /** Late, as a receiver is that joins a multicast group. */
  begin(): VenueMessage[] {
    return [];
  }

  answer(): VenueMessage {
    throw new Error('a multicast stream gives no snapshots');
  }

  next(): VenueMessage {
    const { prng } = this;
    const first = this.versions.length;
    if (this.packets++ % DAY_PACKETS === 0) return this.packet(first, this.day());
    if (prng.nextInt(10) === 0) return this.packet(first, []);
    const messages = Array.from({ length: 1 + prng.nextInt(MESSAGES_MAX) }, () => {
      const i = prng.nextInt(2);
      const message = this.messageOf(i, this.markets[i]!.event());
      this.note();
      return message;
    });
    return this.packet(first, messages);
  }

  truth(i: number, number: number): Sides {
    return this.markets[i]!.history[this.versions[number]![i]!]!;
  }

  private packet(first: number, messages: readonly Uint8Array[]): VenueMessage {
    return {
      bytes: moldPacketOf(first, messages, ITCH_SESSION),
      kind: 'depth',
      instrument: -1,
      from: first - 1,
      to: first - 1 + messages.length,
    };
  }

  private note(): void {
    this.versions.push(this.markets.map(({ version }) => version));
  }

  private day(): Uint8Array[] {
    for (const market of this.markets) market.clear();
    const messages = [itchMessage('S', { event: 'O', locate: 0 })];
    ITCH_STOCKS.forEach((name, i) => messages.push(itchMessage('R', { stock: name, locate: 7 + i })));
    ITCH_STOCKS.forEach((name, i) => messages.push(itchMessage('H', { stock: name, locate: 7 + i, state: 'T' })));
    for (const _ of messages) this.note();
    return messages;
  }

  private messageOf(i: number, event: OrderEvent): Uint8Array {
    if (event.type === 'none') throw new Error('Invariant: every event changes an order');
    const { order } = event;
    const common = { locate: 7 + i, timeNs: 34_200_000_000_000 + this.versions.length * 1_000, ref: order.id };
    switch (event.type) {
      case 'add': {
        const side = order.side === SIDE.BUY ? 'B' : 'S';
        return itchMessage('A', { ...common, side, shares: event.lots, stock: ITCH_STOCKS[i]!, price: order.priceTicks });
      }
      case 'match':
        return itchMessage('E', { ...common, shares: event.lots, match: ++this.match });
      case 'reduce':
        return itchMessage('X', { ...common, shares: event.lots });
      case 'cancel':
        return itchMessage('D', common);
      case 'replace':
        return itchMessage('U', { ...common, newRef: event.by.id, shares: event.lots, price: event.by.priceTicks });
    }
  }
}
