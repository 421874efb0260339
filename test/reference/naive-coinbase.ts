import type { Instrument } from '../../src/core/instrument.ts';
import {
  attempt,
  find,
  id,
  isObject,
  type Json,
  type Level,
  list,
  micros,
  type NaiveResult,
  object,
  parse,
  price,
  priceOrFar,
  qty,
  Refused,
  text,
  time,
} from './naive-fields.ts';

/** Frames of Coinbase Exchange and Advanced Trade decoded with JSON.parse and BigInt. */
export function naiveCoinbase(frameText: string, instruments: readonly Instrument[]): NaiveResult[] {
  if (frameText.startsWith('https://')) return ['other'];
  let results: NaiveResult[] = [];
  const first = attempt(() => {
    const frame = parse(frameText);
    if (!isObject(frame)) return 'other';
    if (frame['channel'] === undefined) return exchange(frame, instruments);
    results = advanced(frame, instruments);
    return 'other';
  });
  return results.length > 0 ? results : [first];
}

function exchange(frame: Json, instruments: readonly Instrument[]): NaiveResult {
  const type = text(frame['type']);
  if (type === 'heartbeat') {
    if (find(instruments, frame['product_id']) !== undefined) id(frame['last_trade_id']);
    return 'other';
  }
  if (!['l2update', 'snapshot', 'ticker', 'match', 'last_match'].includes(type)) return 'other';
  const instrument = find(instruments, frame['product_id']);
  if (instrument === undefined) return 'other';
  const at: [number, number] = type === 'snapshot' && frame['time'] === undefined ? [0, 0] : time(frame['time']);
  const common = { instrument: instrument.id, time: at };
  if (type === 'ticker') return { kind: 'ticker', ...common };
  if (type === 'snapshot') {
    const book = new Sides(instrument);
    for (const level of list(frame['bids'])) book.add(true, list(level)[0], list(level)[1]);
    for (const level of list(frame['asks'])) book.add(false, list(level)[0], list(level)[1]);
    return { kind: 'snapshot', ...common, last: micros(at), previous: 0, ...book.parts() };
  }
  if (type === 'l2update') {
    const book = new Sides(instrument);
    for (const change of list(frame['changes'])) {
      const [side, levelPrice, size] = list(change);
      if (side !== 'buy' && side !== 'sell') throw new Refused();
      book.add(side === 'buy', levelPrice, size);
    }
    return { kind: 'depth', ...common, last: micros(at), previous: 0, ...book.parts() };
  }
  const trade = { id: id(frame['trade_id']), price: price(frame['price'], instrument), qty: aboveZero(qty(frame['size'], instrument)) };
  if (frame['side'] !== 'buy' && frame['side'] !== 'sell') throw new Refused();
  return { kind: 'trade', ...common, ...trade, sell: frame['side'] === 'buy', market: type === 'match' };
}

function advanced(frame: Json, instruments: readonly Instrument[]): NaiveResult[] {
  const channel = text(frame['channel']);
  id(frame['sequence_num']);
  if (!['l2_data', 'market_trades', 'ticker', 'ticker_batch'].includes(channel)) return ['other'];
  const sent = time(frame['timestamp']);
  const events = list(frame['events']);
  return events.flatMap((one): NaiveResult[] => {
    if (channel === 'l2_data') return [attempt(() => bookEvent(object(one), sent, instruments))];
    let items: NaiveResult[] = [];
    const whole = attempt(() => {
      const event = object(one);
      const isHistory = isSnapshot(event);
      const list_ = list(event[channel === 'market_trades' ? 'trades' : 'tickers']);
      items = list_.map((item) => attempt(() => itemOf(channel, object(item), sent, isHistory, instruments)));
      return 'other';
    });
    return whole === 'refused' ? ['refused'] : items;
  });
}

function isSnapshot(event: Json): boolean {
  if (event['type'] !== 'snapshot' && event['type'] !== 'update') throw new Refused();
  return event['type'] === 'snapshot';
}

function bookEvent(event: Json, sent: [number, number], instruments: readonly Instrument[]): NaiveResult {
  const kind = isSnapshot(event) ? 'snapshot' : 'depth';
  const instrument = find(instruments, event['product_id']);
  if (instrument === undefined) return 'other';
  const book = new Sides(instrument);
  let at = sent;
  for (const one of list(event['updates'])) {
    const update = object(one);
    if (update['side'] !== 'bid' && update['side'] !== 'offer') throw new Refused();
    book.add(update['side'] === 'bid', update['price_level'], update['new_quantity']);
    at = time(update['event_time']);
  }
  return { kind, instrument: instrument.id, time: at, last: micros(sent), previous: 0, ...book.parts() };
}

function itemOf(channel: string, item: Json, sent: [number, number], isHistory: boolean, instruments: readonly Instrument[]): NaiveResult {
  const instrument = find(instruments, item['product_id']);
  if (instrument === undefined) return 'other';
  if (channel !== 'market_trades') return { kind: 'ticker', instrument: instrument.id, time: sent };
  if (!/^(0|[1-9]\d*)$/.test(text(item['trade_id']))) throw new Refused();
  const number = id(Number(item['trade_id']));
  if (item['side'] !== 'BUY' && item['side'] !== 'SELL') throw new Refused();
  return {
    kind: 'trade',
    instrument: instrument.id,
    time: time(item['time']),
    id: number,
    price: price(item['price'], instrument),
    qty: aboveZero(qty(item['size'], instrument)),
    sell: item['side'] === 'BUY',
    market: !isHistory,
  };
}

function aboveZero(value: number): number {
  if (value === 0) throw new Refused();
  return value;
}

class Sides {
  private readonly instrument: Instrument;
  private readonly bids: Level[] = [];
  private readonly asks: Level[] = [];
  private far = 0;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
  }

  add(isBid: boolean, levelPrice: unknown, size: unknown): void {
    const ticks = isBid ? price(levelPrice, this.instrument) : priceOrFar(levelPrice, this.instrument);
    const lots = qty(size, this.instrument);
    if (ticks < 0) this.far++;
    else (isBid ? this.bids : this.asks).push([ticks, lots]);
  }

  parts(): { bids: Level[]; asks: Level[]; far: number } {
    return { bids: this.bids, asks: this.asks, far: this.far };
  }
}
