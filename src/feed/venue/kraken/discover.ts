import { discoverBy, type FrameObserver, numbersAsText, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Instruments of a Kraken recording: symbols, decimals and ticks of its books, tickers and trades, of both websocket APIs. */
export const discoverKraken: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => new KrakenObserver(),
  expected: 'messages of the channels book, ticker or trade',
});

class KrakenObserver implements FrameObserver {
  frame(text: string, seen: SeenSymbols): void {
    if (text.startsWith('[')) observeV1(text, seen);
    // Prices are numbers here, and as floats they would lose their decimals.
    else observeV2(objectOf(numbersAsText(text)) ?? {}, seen);
  }
}

/** `[channelID, payload..., channelName, pair]` */
function observeV1(text: string, seen: SeenSymbols): void {
  const items = list(objectOf(`{"items":${text}}`)?.['items']);
  const [channel, pair] = items.slice(-2);
  if (typeof channel !== 'string' || typeof pair !== 'string' || !/^(book-\d+|ticker|trade)$/.test(channel)) return;
  seen.symbol(pair);
  for (const payload of items.slice(1, -2)) {
    if (channel === 'trade') seen.levels(pair, payload, undefined);
    const fields = object(payload);
    if (fields === undefined) continue;
    if (channel !== 'ticker') {
      seen.levels(pair, fields['bs'], fields['as'], true);
      seen.levels(pair, fields['b'], fields['a'], true);
    } else for (const side of [list(fields['a']), list(fields['b'])]) seen.level(pair, side[0], side[2]);
  }
}

function observeV2(frame: Json, seen: SeenSymbols): void {
  const channel = frame['channel'];
  if (channel === 'instrument') {
    for (const pair of list(object(frame['data'])?.['pairs']).map(object)) {
      if (typeof pair?.['symbol'] !== 'string') continue;
      seen.listed(pair['symbol'], unitOf(pair['price_precision']), unitOf(pair['qty_precision']));
    }
  }
  if (channel !== 'book' && channel !== 'ticker' && channel !== 'trade') return;
  for (const element of list(frame['data']).map(object)) {
    const symbol = element?.['symbol'];
    if (element === undefined || typeof symbol !== 'string') continue;
    seen.symbol(symbol);
    if (channel === 'trade') seen.level(symbol, element['price'], element['qty']);
    if (channel === 'ticker') {
      seen.level(symbol, element['bid'], element['bid_qty']);
      seen.level(symbol, element['ask'], element['ask_qty']);
    }
    for (const level of [...list(element['bids']), ...list(element['asks'])].map(object))
      seen.level(symbol, level?.['price'], level?.['qty']);
  }
}

/** One unit of the last of so many decimals, e.g. "0.0001" for "4". */
function unitOf(decimals: unknown): string | undefined {
  if (typeof decimals !== 'string' || !/^(\d|1[0-5])$/.test(decimals)) return undefined;
  const count = Math.trunc(+decimals);
  return count === 0 ? '1' : `0.${'1'.padStart(count, '0')}`;
}
