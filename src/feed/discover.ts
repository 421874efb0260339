import { EXIT, TickpathError } from '../core/errors.ts';
import { type Instrument, type InstrumentText, instrumentFromText } from '../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../core/limits.ts';
import type { FrameHandler } from '../core/ports.ts';
import { decimalsOf, formatDecimal, PRICE_TICKS_MAX, parseDecimalText } from '../core/price.ts';
import { ManualClock } from '../core/time.ts';
import type { Discover } from './discovery.ts';
import { FileTransport } from './transport/file.ts';
import type { Framer } from './transport/framer.ts';

/** Length of the prefix that is looked at, unless a venue needs more. */
const MESSAGES_MAX = 4_096;
const BYTES_MAX = 16 << 20;
/** With fewer prices than this the greatest common divisor may be too coarse by chance; a power of ten is taken instead. */
const PRICES_FOR_GCD = 64;
const PLAIN_DECIMAL = /^\d{1,15}(\.\d{1,15})?$/;

interface Seen {
  readonly symbol: string;
  readonly prices: Set<string>;
  /** Those that must lie within PRICE_TICKS_MAX. */
  readonly near: Set<string>;
  priceDecimals: number;
  qtyDecimals: number;
}

/** Prices and quantities that the beginning of an input shows, by symbol in order of first appearance. */
export class SeenSymbols {
  private readonly seen = new Map<string, Seen>();
  private readonly lists = new Map<string, readonly [tick: string, lot: string]>();

  /** A message names this symbol. */
  symbol(symbol: string): void {
    if (this.seen.has(symbol)) return;
    this.seen.set(symbol, { symbol, prices: new Set(), near: new Set(), priceDecimals: 0, qtyDecimals: 0 });
  }

  /**
   * A price and a quantity of a message, as text; anything but plain decimals is left to the feed to refuse. `mayBeFar`: an ask
   * of a venue whose decoder leaves out asks beyond the grid.
   */
  level(symbol: string, price: unknown, qty: unknown, mayBeFar = false): void {
    this.symbol(symbol);
    const one = this.seen.get(symbol)!;
    if (typeof price === 'string' && PLAIN_DECIMAL.test(price)) {
      one.prices.add(price);
      if (!mayBeFar) one.near.add(price);
      one.priceDecimals = Math.max(one.priceDecimals, decimalsOf(price));
    }
    if (typeof qty === 'string' && PLAIN_DECIMAL.test(qty)) one.qtyDecimals = Math.max(one.qtyDecimals, decimalsOf(qty));
  }

  /** Levels `[price, qty, ...]` of both sides. */
  levels(symbol: string, bids: unknown, asks: unknown, asksMayBeFar = false): void {
    for (const side of [bids, asks]) {
      if (!Array.isArray(side)) continue;
      for (const level of side as unknown[])
        if (Array.isArray(level)) this.level(symbol, level[0], level[1], asksMayBeFar && side === asks);
    }
  }

  /** Tick and lot size that the venue's own list of instruments gives; they count only for symbols that messages name. */
  listed(symbol: string, tickSize: unknown, lotSize: unknown): void {
    const plain = (text: unknown): text is string => typeof text === 'string' && PLAIN_DECIMAL.test(text) && /[1-9]/.test(text);
    if (plain(tickSize) && plain(lotSize)) this.lists.set(symbol, [withoutTail(tickSize), withoutTail(lotSize)]);
  }

  get symbols(): readonly string[] {
    return [...this.seen.keys()];
  }

  /** Prices seen so far of a symbol. */
  pricesOf(symbol: string): readonly string[] {
    return [...(this.seen.get(symbol)?.prices ?? [])];
  }

  qtyDecimalsOf(symbol: string): number {
    return this.seen.get(symbol)?.qtyDecimals ?? 0;
  }

  /**
   * Decimals as written, tick = greatest common divisor of all prices and of the listed tick size, lot = one unit of the last
   * decimal: whatever the beginning shows lies on the grid.
   */
  instrument(id: number, symbol: string): Instrument {
    const one = this.seen.get(symbol)!;
    const list = this.lists.get(symbol);
    const priceDecimals = Math.max(one.priceDecimals, list === undefined ? 0 : decimalsOf(list[0]));
    const qtyDecimals = Math.max(one.qtyDecimals, list === undefined ? 0 : decimalsOf(list[1]));
    const unitsOf = (texts: readonly string[]): number[] =>
      texts.map((text) => parseDecimalText(text, priceDecimals, `instrument ${symbol}: price`));
    // A far ask may be too long for a number at these decimals.
    const fits = (text: string): boolean => wholeDigitsOf(text) + priceDecimals <= 15;
    const units = unitsOf([...one.prices].filter((text) => one.near.has(text) || fits(text)));
    const largest = unitsOf([...one.near]).reduce((most, value) => Math.max(most, value), 0);
    const listed = list === undefined ? 0 : parseDecimalText(list[0], priceDecimals, `instrument ${symbol}: tick size`);
    const divisor = units.reduce(gcd, listed);
    let tickUnits = Math.max(1, divisor);
    if (list === undefined && one.prices.size < PRICES_FOR_GCD) {
      tickUnits = 1;
      while (divisor > 0 && divisor % (tickUnits * 10) === 0 && tickUnits < 10 ** priceDecimals) tickUnits *= 10;
    }
    if (largest / tickUnits > PRICE_TICKS_MAX) {
      throw new TickpathError(
        'ERR_DISCOVER',
        `instrument ${symbol}: a price of ${formatDecimal(largest, priceDecimals)} has more than ${PRICE_TICKS_MAX} ticks of ${formatDecimal(tickUnits, priceDecimals)}; configure its tick_size`,
        EXIT.DATA,
      );
    }
    return Object.freeze({ id, symbol, priceDecimals, qtyDecimals, tickUnits, lotUnits: 1 });
  }
}

/** How a venue's frames show their symbols. One object an input. */
export interface FrameObserver {
  /** The text of one frame, of any kind; what cannot be read is passed over, the feed counts it. */
  frame(text: string, seen: SeenSymbols): void;
  /** The whole prefix was seen. */
  end?(seen: SeenSymbols): void;
}

export interface DiscoverRules {
  readonly createFramer: () => Framer;
  readonly createObserver: () => FrameObserver;
  /** Kinds of messages that name symbols, for the error when there is none. */
  readonly expected: string;
  /** What an input consists of, for the error when it is empty. */
  readonly form?: string;
  /** Messages looked at. */
  readonly messagesMax?: number;
}

/**
 * Finds the instruments of a recording from its beginning, in order of first appearance; configured ones come first and are
 * taken as they are. Throws ERR_DISCOVER when the beginning names no symbol.
 */
export function discoverBy(rules: DiscoverRules): Discover {
  const messagesMax = rules.messagesMax ?? MESSAGES_MAX;
  return async (files: readonly string[], configured: readonly InstrumentText[] = []) => {
    const seen = new SeenSymbols();
    const observer = rules.createObserver();
    const transport = new FileTransport({ files, clock: new ManualClock(), framer: rules.createFramer() });
    let bytesSeen = 0;
    const handler: FrameHandler = {
      onConnection: () => {},
      onFrame: (bytes, start, end) => {
        bytesSeen += end - start;
        observer.frame(new TextDecoder().decode(bytes.subarray(start, end)), seen);
        if (transport.frames >= messagesMax || bytesSeen >= BYTES_MAX) transport.stop();
      },
    };
    await transport.run(handler);
    if (transport.frames === 0) {
      throw new TickpathError('ERR_INPUT', `${files.join(', ')}: empty; expected ${rules.form ?? rules.expected}`, EXIT.DATA);
    }
    observer.end?.(seen);
    const given = configured.map((text, id) => instrumentFromText(id, text));
    const names = new Set(given.map((one) => one.symbol));
    const found = seen.symbols.filter((symbol) => !names.has(symbol));
    const instruments = [...given, ...found.map((symbol, i) => seen.instrument(given.length + i, symbol))];
    if (instruments.length === 0) {
      throw new TickpathError(
        'ERR_DISCOVER',
        `${files[0]}: no instrument in the first ${transport.frames} frames; expected ${rules.expected}`,
        EXIT.DATA,
      );
    }
    if (instruments.length > INSTRUMENTS_MAX) {
      throw new TickpathError(
        'ERR_DISCOVER',
        `${files[0]}: ${instruments.length} instruments; expected at most ${INSTRUMENTS_MAX}`,
        EXIT.DATA,
      );
    }
    return { instruments, baseEpochNs: transport.baseEpochNs, discovered: found };
  };
}

/** A frame as an object, or undefined. */
export function objectOf(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [key: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON text with its numbers as strings: their text is kept, where JSON.parse would make floats of them. */
export function numbersAsText(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => (token.startsWith('"') ? token : `"${token}"`));
}

/** "0.0100" as "0.01": decimals of a listed size that mean nothing. */
function withoutTail(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function wholeDigitsOf(text: string): number {
  return text.replace(/\..*$/, '').length;
}

function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
