import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

const object = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/** `url -> seconds: body`, the recorded answer to a request. */
const ANSWER = /^https?:\/\/\S+ -> [0-9.]+: /;
const BOOKS = new Set(['books', 'books-l2-tbt', 'books50-l2-tbt', 'books5', 'bbo-tbt']);

/** Instruments of an OKX recording: those of its books, tickers and trades; ticks also from a list of instruments in it. */
export const discoverOkx: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => new OkxObserver(),
  expected: 'messages of the channels books, tickers or trades',
});

class OkxObserver implements FrameObserver {
  frame(text: string, seen: SeenSymbols): void {
    const frame = objectOf(text.replace(ANSWER, ''));
    const data = frame?.['data'];
    if (frame === undefined || !Array.isArray(data)) return;
    const argument = object(frame['arg']);
    const channel = argument?.['channel'];
    const symbol = argument?.['instId'];
    for (const element of (data as unknown[]).map(object)) {
      if (element === undefined) continue;
      if (typeof element['instId'] === 'string') seen.listed(element['instId'], element['tickSz'], element['lotSz']);
      if (typeof channel === 'string' && typeof symbol === 'string') observe(channel, symbol, element, seen);
    }
  }
}

function observe(channel: string, symbol: string, element: Json, seen: SeenSymbols): void {
  if (BOOKS.has(channel)) {
    seen.symbol(symbol);
    seen.levels(symbol, element['bids'], element['asks'], channel.includes('books') && channel !== 'books5');
  } else if (channel === 'tickers') {
    seen.level(symbol, element['bidPx'], element['bidSz']);
    seen.level(symbol, element['askPx'], element['askSz']);
  } else if (channel === 'trades' || channel === 'trades-all') {
    seen.level(symbol, element['px'], element['sz']);
  }
}
