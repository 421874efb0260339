import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { CoinbaseFullFeed } from '../../../src/feed/venue/coinbase-full/feed.hot.ts';
import { naiveFull } from '../../reference/naive-coinbase-full.ts';
import { CONTIGUOUS_RULE } from '../../reference/naive-rules.ts';
import { BTC_USD, SKL_EUR } from '../coinbase-frames.ts';
import {
  changeText,
  doneText,
  fullMatchText,
  fullSnapshotText,
  openText,
  receivedText,
  type SnapshotOrder,
} from '../coinbase-full-frames.ts';
import type { FaultCase } from './check.ts';
import { priceText, qtyText, type Sides } from './market.ts';
import { type MarketOrder, type OrderEvent, OrderMarket } from './order-market.ts';
import type { SyntheticVenue, VenueMessage } from './venue.ts';

const FIRST_SEQUENCE = 1_000;
/** Events that the venue is ahead of what it told. */
const AHEAD_MAX = 4;
const MIDDLES = [40_000, 900];
const encoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** Coinbase Exchange's channel `full`: order events of two products, each with its own sequence. */
class FullVenue implements SyntheticVenue {
  readonly instruments = [BTC_USD, SKL_EUR];
  private readonly prng: Prng;
  private readonly markets: readonly OrderMarket[];
  /** Events told of each product, and those that are still to be told. */
  private readonly told = [0, 0];
  private readonly untold: string[][] = [[], []];

  constructor(prng: Prng) {
    this.prng = prng;
    let orders = 0;
    this.markets = MIDDLES.map((middle) => new OrderMarket(prng, middle, () => ++orders));
    for (let i = 0; i < 20; i++) for (const market of this.markets) market.event();
    this.markets.forEach((market, i) => {
      this.told[i] = market.version;
    });
  }

  begin(): VenueMessage[] {
    return [];
  }

  next(): VenueMessage {
    const { prng } = this;
    const i = prng.nextInt(2);
    const market = this.markets[i]!;
    // The venue goes on while it tells, so that a snapshot may hold more than was told.
    for (let ahead = this.untold[i]!.length < AHEAD_MAX ? prng.nextInt(3) : 0; ahead > 0 || this.untold[i]!.length === 0; ahead--) {
      const event = prng.nextInt(6) === 0 ? market.pass() : market.event();
      this.untold[i]!.push(this.textOf(i, FIRST_SEQUENCE + market.version, event));
    }
    const from = this.told[i]!;
    this.told[i] = from + 1;
    return { bytes: encoder.encode(this.untold[i]!.shift()!), kind: 'depth', instrument: i, from, to: from + 1 };
  }

  answer(i: number): VenueMessage {
    const market = this.markets[i]!;
    const instrument = this.instruments[i]!;
    const side = (of: number): SnapshotOrder[] =>
      market.orders
        .filter((order) => order.side === of)
        .map((order) => [priceText(instrument, order.priceTicks), qtyText(instrument, order.lots), order.id]);
    const text = fullSnapshotText(FIRST_SEQUENCE + market.version, side(SIDE.BUY), side(SIDE.SELL));
    const { version } = market;
    return {
      bytes: encoder.encode(text.replace('BTC-USD', instrument.symbol)),
      kind: 'snapshot',
      instrument: i,
      from: version,
      to: version,
    };
  }

  truth(i: number, version: number): Sides {
    return this.markets[i]!.history[version]!;
  }

  private textOf(i: number, sequence: number, event: OrderEvent): string {
    const instrument = this.instruments[i]!;
    const product = instrument.symbol;
    const lots = (value: number): string => qtyText(instrument, value);
    if (event.type === 'none') return receivedText(sequence, product);
    const { order } = event;
    const side = order.side === SIDE.BUY ? 'buy' : 'sell';
    const price = priceText(instrument, order.priceTicks);
    switch (event.type) {
      case 'add':
        return openText(sequence, order.id, side, price, lots(event.lots), product);
      case 'match':
        return fullMatchText(sequence, order.id, side, price, lots(event.lots)).replace('BTC-USD', product);
      case 'cancel':
        return doneText(sequence, order.id, side, price, lots(event.lots)).replace('BTC-USD', product);
      case 'reduce':
        return changeText(sequence, order.id, side, { new_size: lots(order.lots), price }).replace('BTC-USD', product);
      case 'replace':
        return this.replaceText(i, sequence, order, event.by);
    }
  }

  /** The order keeps its id here and gets another price and size. */
  private replaceText(i: number, sequence: number, order: MarketOrder, by: MarketOrder): string {
    const instrument = this.instruments[i]!;
    const fields = { new_size: qtyText(instrument, by.lots), new_price: priceText(instrument, by.priceTicks), reason: 'modify_order' };
    const text = changeText(sequence, order.id, order.side === SIDE.BUY ? 'buy' : 'sell', fields);
    Object.assign(by, { id: order.id });
    return text.replace('BTC-USD', instrument.symbol);
  }
}

export const FULL_CASE: FaultCase = {
  name: 'coinbase-full',
  reveals: 'every message',
  orders: true,
  createVenue: (prng) => new FullVenue(prng),
  createFeed: (options) => new CoinbaseFullFeed(options),
  decode: (bytes, { instruments }) => {
    const text = textDecoder.decode(bytes);
    const event = naiveFull(text, instruments);
    if (event === 'refused' && text.startsWith('{"type":"snapshot"')) return ['untaken'];
    if (typeof event === 'string') return [event];
    const { instrument, sequence } = event;
    const numbers = { first: sequence, last: sequence, previous: 0, sequence: 0, timeMs: event.time[0] };
    return [{ kind: event.kind === 'snapshot' ? 'snapshot' : 'depth', instrument, ...numbers, bids: [], asks: [] }];
  },
  rule: CONTIGUOUS_RULE,
};
