import type { Instrument } from '../../src/core/instrument.ts';
import type { OkxBooks } from '../../src/feed/venue/okx/modes.ts';
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
  price,
  priceOrFar,
  qty,
  Refused,
  text,
} from './naive-fields.ts';

const CHANGES = ['books', 'books-l2-tbt', 'books50-l2-tbt'];

/** Frames of OKX decoded with JSON.parse and BigInt, for a feed of such books. */
export function naiveOkx(books: OkxBooks): (frameText: string, instruments: readonly Instrument[]) => NaiveResult[] {
  return (frameText, instruments) => {
    if (/^\s*(http|pong\s*$)/.test(frameText)) return ['other'];
    let results: NaiveResult[] = [];
    const whole = attempt(() => {
      const frame = parse(frameText);
      if (isObject(frame) && frame['arg'] !== undefined && frame['data'] !== undefined) results = read(frame, instruments, books);
      return 'other';
    });
    return results.length > 0 ? results : [whole];
  };
}

function read(frame: Json, instruments: readonly Instrument[], books: OkxBooks): NaiveResult[] {
  const argument = object(frame['arg']);
  const channel = text(argument['channel']);
  const whole = channel === books && (books === 'books5' || books === 'bbo-tbt');
  const changes = CHANGES.includes(channel) && (books === 'books' || books === 'books-rest');
  const rest = channel === 'rest-books' && books === 'books-rest';
  const others = ['tickers', 'trades', 'trades-all', 'bbo-tbt'].includes(channel);
  if (!whole && !changes && !rest && !others) return [];
  const instrument = find(instruments, argument['instId']);
  if (instrument === undefined) return [];
  const elements = list(rest ? object(frame['data'])['data'] : frame['data']);
  if (!whole && !changes && !rest)
    return elements.map((one) => attempt(() => (channel.startsWith('trades') ? trade : ticker)(object(one), instrument)));
  if (elements.length !== 1) throw new Refused();
  if (changes && frame['action'] === 'snapshot' && books === 'books-rest') return [];
  if (changes && frame['action'] !== 'snapshot' && frame['action'] !== 'update') throw new Refused();
  const isDepth = changes && frame['action'] === 'update';
  return [
    attempt(() => {
      const element = object(elements[0]);
      const checked = books !== 'books-rest' && Boolean(element['checksum']);
      if (!whole && element['seqId'] === undefined && !checked) throw new Refused();
      return book(element, instrument, isDepth, !whole);
    }),
  ];
}

function book(element: Json, instrument: Instrument, isDepth: boolean, mayBeFar: boolean): NaiveResult {
  const bids = list(element['bids']).map((level): Level => [price(list(level)[0], instrument), qty(list(level)[1], instrument)]);
  const all = list(element['asks']).map((level): Level => [priceOrFar(list(level)[0], instrument), qty(list(level)[1], instrument)]);
  const asks = all.filter(([ticks]) => ticks > 0);
  if (!mayBeFar && asks.length < all.length) throw new Refused();
  const numbered = element['seqId'] !== undefined;
  return {
    kind: isDepth ? 'depth' : 'snapshot',
    instrument: instrument.id,
    time: [textId(element['ts']), 0],
    last: numbered ? id(element['seqId']) : 0,
    previous: numbered && isDepth ? signed(element['prevSeqId']) : 0,
    bids,
    asks,
    far: all.length - asks.length,
  };
}

function ticker(element: Json, instrument: Instrument): NaiveResult {
  if (element['bids'] === undefined) for (const side of ['bid', 'ask']) tickerSide(element[`${side}Px`], element[`${side}Sz`], instrument);
  return { kind: 'ticker', instrument: instrument.id, time: [textId(element['ts']), 0] };
}

/** Both texts are empty, or both zero, on an empty side. */
function tickerSide(priceText: unknown, sizeText: unknown, instrument: Instrument): void {
  if (text(priceText) === '' && text(sizeText) === '') return;
  const isZero = /^0*\.?0*$/.test(text(priceText)) && text(priceText) !== '';
  if (!isZero) price(priceText, instrument);
  if (isZero !== (qty(sizeText, instrument) === 0)) throw new Refused();
}

function trade(element: Json, instrument: Instrument): NaiveResult {
  const side = element['side'];
  if (side !== 'buy' && side !== 'sell') throw new Refused();
  const lots = qty(element['sz'], instrument);
  if (lots === 0) throw new Refused();
  return {
    kind: 'trade',
    instrument: instrument.id,
    time: [textId(element['ts']), 0],
    id: textId(element['tradeId']),
    price: price(element['px'], instrument),
    qty: lots,
    sell: side === 'sell',
    market: true,
  };
}

/** A number, or a string of digits. */
export function textId(value: unknown): number {
  if (typeof value === 'string' && !/^(0|[1-9]\d*)$/.test(value)) throw new Refused();
  return id(typeof value === 'string' ? Number(value) : value);
}

function signed(value: unknown): number {
  if (typeof value !== 'number') throw new Refused();
  return value < 0 ? -id(-value) : id(value);
}
