import { discoverBy, type FrameObserver, objectOf, type SeenSymbols } from '../../discover.ts';
import type { Discover } from '../../discovery.ts';
import { SniffingFramer } from '../../transport/sniffing-framer.ts';

type Json = { readonly [key: string]: unknown };

/** `url -> seconds: body` */
const ANSWER = /^(h[^ ]*) -> [0-9.]+: /;

/**
 * Instruments of a recording of any Binance venue, in order of first appearance: decimals as written, tick = greatest common
 * divisor of all prices of the prefix, lot = one unit of the last written decimal.
 */
export const discoverInstruments: Discover = discoverBy({
  createFramer: () => new SniffingFramer(),
  createObserver: () => new BinanceObserver(),
  expected: 'depthUpdate, bookTicker or trade messages',
});

class BinanceObserver implements FrameObserver {
  private readonly nameless: Json[] = [];

  frame(text: string, seen: SeenSymbols): void {
    const answer = ANSWER.exec(text);
    const frame = objectOf(answer === null ? text : text.slice(answer[0].length));
    if (frame === undefined) return;
    const wrapped = frame['data'];
    const data = typeof wrapped === 'object' && wrapped !== null ? (wrapped as Json) : frame;
    const symbol = data['s'];
    if (typeof symbol === 'string') observeEvent(symbol, data, seen);
    else if (data['lastUpdateId'] !== undefined) this.snapshot(data, answer?.[1], frame['stream'], seen);
  }

  private snapshot(data: Json, url: string | undefined, stream: unknown, seen: SeenSymbols): void {
    const named = data['symbol'] ?? symbolOfUrl(url) ?? symbolOfStream(stream);
    if (typeof named === 'string') seen.levels(named, data['bids'], data['asks']);
    else this.nameless.push(data);
  }

  /** A snapshot that names no symbol counts when there is one symbol only. */
  end(seen: SeenSymbols): void {
    const [only, ...others] = seen.symbols;
    if (only === undefined || others.length > 0) return;
    for (const snapshot of this.nameless) seen.levels(only, snapshot['bids'], snapshot['asks']);
  }
}

function observeEvent(symbol: string, data: Json, seen: SeenSymbols): void {
  const type = data['e'];
  if (type === 'depthUpdate') {
    seen.symbol(symbol);
    seen.levels(symbol, data['b'], data['a']);
  } else if (type === 'trade' || type === 'aggTrade') {
    seen.level(symbol, data['p'], data['q']);
  } else if (type === 'bookTicker' || (type === undefined && data['u'] !== undefined)) {
    // A ticker of spot has no event type.
    seen.level(symbol, data['b'], data['B']);
    seen.level(symbol, data['a'], data['A']);
  }
}

/** `...?symbol=BTCUSDT&limit=1000` */
function symbolOfUrl(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /[?&]symbol=([^&]+)/.exec(url)?.[1]?.toUpperCase();
}

/** `btcusdt@depth20@100ms` */
function symbolOfStream(stream: unknown): string | undefined {
  return typeof stream === 'string' && stream.includes('@') ? stream.split('@')[0]!.toUpperCase() : undefined;
}
