import type { Instrument } from '../../src/core/instrument.ts';
import {
  attempt,
  find,
  id,
  isObject,
  type Json,
  type Level,
  list,
  type NaiveResult,
  object,
  parse,
  parseTexts,
  price,
  qty,
  Refused,
  text,
} from './naive-fields.ts';

/** Frames of Deribit decoded with JSON.parse, their numbers kept as text, and BigInt. */
export function naiveDeribit(frameText: string, instruments: readonly Instrument[]): NaiveResult[] {
  if (frameText.startsWith('https://')) return ['other'];
  let results: NaiveResult[] = [];
  const first = attempt(() => {
    parse(frameText);
    const frame = parseTexts(frameText);
    if (!isObject(frame) || frame['method'] !== 'subscription' || frame['params'] === undefined) return 'other';
    const params = object(frame['params']);
    const channel = text(params['channel']);
    if (params['data'] === undefined) throw new Refused();
    if (/^book\.[^.]*\.[^.]*$/.test(channel)) return book(object(params['data']), instruments);
    if (channel.startsWith('ticker.')) return ticker(object(params['data']), instruments);
    if (channel.startsWith('trades.')) results = list(params['data']).map((one) => attempt(() => trade(object(one), instruments)));
    return 'other';
  });
  return results.length > 0 ? results : [first];
}

/** Text of a JSON number. */
function number(value: unknown): string {
  const found = text(value);
  if (!found.startsWith('#')) throw new Refused();
  return found.slice(1);
}

function whole(value: unknown): number {
  const found = number(value);
  if (!/^\d+$/.test(found)) throw new Refused();
  return id(Number(found));
}

function head(data: Json, instruments: readonly Instrument[]): { instrument: Instrument; time: [number, number] } | undefined {
  if (text(data['instrument_name']).startsWith('#')) throw new Refused();
  const instrument = find(instruments, data['instrument_name']);
  return instrument === undefined ? undefined : { instrument, time: [whole(data['timestamp']), 0] };
}

function ticker(data: Json, instruments: readonly Instrument[]): NaiveResult {
  const found = head(data, instruments);
  return found === undefined ? 'other' : { kind: 'ticker', instrument: found.instrument.id, time: found.time };
}

function book(data: Json, instruments: readonly Instrument[]): NaiveResult {
  const found = head(data, instruments);
  if (found === undefined) return 'other';
  const { instrument, time } = found;
  if (data['type'] !== 'snapshot' && data['type'] !== 'change') throw new Refused();
  const kind = data['type'] === 'snapshot' ? 'snapshot' : 'depth';
  const last = whole(data['change_id']);
  const previous = kind === 'depth' ? whole(data['prev_change_id']) : 0;
  const side = (value: unknown): Level[] =>
    list(value).map((one): Level => {
      const [action, levelPrice, amount, ...more] = list(one);
      if (!['new', 'change', 'delete'].includes(text(action)) || more.length > 0) throw new Refused();
      const level: Level = [price(number(levelPrice), instrument), qty(number(amount), instrument)];
      if (action === 'delete') level[1] = 0;
      else if (level[1] === 0) throw new Refused();
      return level;
    });
  return { kind, instrument: instrument.id, time, last, previous, bids: side(data['bids']), asks: side(data['asks']), far: 0 };
}

function trade(data: Json, instruments: readonly Instrument[]): NaiveResult {
  const found = head(data, instruments);
  if (found === undefined) return 'other';
  const { instrument, time } = found;
  if (data['direction'] !== 'buy' && data['direction'] !== 'sell') throw new Refused();
  const size = qty(number(data['amount']), instrument);
  if (size === 0) throw new Refused();
  const elsewhere = ['block_trade_id', 'block_rfq_id', 'combo_id', 'combo_trade_id'].some((key) => data[key] != null);
  return {
    kind: 'trade',
    instrument: instrument.id,
    time,
    id: whole(data['trade_seq']),
    price: price(number(data['price']), instrument),
    qty: size,
    sell: data['direction'] === 'sell',
    market: !elsewhere,
  };
}
