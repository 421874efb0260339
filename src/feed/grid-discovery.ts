import { EXIT, TickpathError } from '../core/errors.ts';
import { type Instrument, type InstrumentText, instrumentFromText } from '../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../core/limits.ts';
import type { FrameHandler } from '../core/ports.ts';
import { decimalsOf, formatDecimal, PRICE_TICKS_MAX, parseDecimalText } from '../core/price.ts';
import { ManualClock } from '../core/time.ts';
import type { Discover, Discovery } from './discovery.ts';
import { FileTransport } from './transport/file.ts';
import type { Framer } from './transport/framer.ts';

/** Length of the prefix that is looked at. */
const MESSAGES_MAX = 4_096;
const BYTES_MAX = 16 << 20;
/** With fewer prices than this the greatest common divisor may be too coarse by chance; a power of ten is taken instead. */
const PRICES_FOR_GCD = 64;
const PLAIN_DECIMAL = /^\d{1,15}(\.\d{1,15})?$/;

interface Seen {
  readonly prices: Set<string>;
  priceDecimals: number;
  qtyDecimals: number;
  /** Tick size as the venue states it in the input itself. */
  tick: string | undefined;
}

/** Gathers the prices and quantities that the beginning of an input shows, by symbol in order of first appearance. */
export class GridNotes {
  private readonly seen = new Map<string, Seen>();

  /** Symbols noted so far. */
  get symbols(): readonly string[] {
    return [...this.seen.keys()];
  }

  /** One price and one quantity; what is no plain decimal text is passed over, the feed counts it. */
  level(symbol: string, price: unknown, qty: unknown): void {
    const one = this.of(symbol);
    if (typeof price === 'string' && PLAIN_DECIMAL.test(price)) {
      one.prices.add(price);
      one.priceDecimals = Math.max(one.priceDecimals, decimalsOf(price));
    }
    if (typeof qty === 'string' && PLAIN_DECIMAL.test(qty)) one.qtyDecimals = Math.max(one.qtyDecimals, decimalsOf(qty));
  }

  /** An array of levels whose first two elements are price and quantity; the symbol is noted even when it holds none. */
  levels(symbol: string, levels: unknown): void {
    this.of(symbol);
    if (!Array.isArray(levels)) return;
    for (const level of levels as unknown[]) if (Array.isArray(level)) this.level(symbol, level[0], level[1]);
  }

  /** What the venue states of a symbol that is among the books of the input: tick size as text, decimals of quantities. */
  stated(symbol: string, tick: string, qtyDecimals: number): void {
    if (!PLAIN_DECIMAL.test(tick) || !(qtyDecimals >= 0 && qtyDecimals <= 15)) return;
    const one = this.of(symbol);
    one.tick = tick;
    one.priceDecimals = Math.max(one.priceDecimals, decimalsOf(tick));
    one.qtyDecimals = Math.max(one.qtyDecimals, qtyDecimals);
  }

  instrument(id: number, symbol: string): Instrument {
    const { prices, priceDecimals, qtyDecimals, tick } = this.of(symbol);
    const stated = tick === undefined ? 0 : parseDecimalText(tick, priceDecimals, `instrument ${symbol}: tick size`);
    let divisor = stated;
    let largest = 0;
    for (const text of prices) {
      const units = parseDecimalText(text, priceDecimals, `instrument ${symbol}: price`);
      divisor = gcd(units, divisor);
      largest = Math.max(largest, units);
    }
    let tickUnits = Math.max(1, divisor);
    if (stated === 0 && prices.size < PRICES_FOR_GCD) {
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

  private of(symbol: string): Seen {
    let one = this.seen.get(symbol);
    if (one === undefined) {
      one = { prices: new Set(), priceDecimals: 0, qtyDecimals: 0, tick: undefined };
      this.seen.set(symbol, one);
    }
    return one;
  }
}

/** How a venue's frames show its instruments. */
export interface GridSource {
  readonly createFramer: () => Framer;
  /** Notes what one frame says. A function for each input, so that it may keep what only the end explains. */
  readonly createObserver: () => { frame(text: string, notes: GridNotes): void; end?(notes: GridNotes): void };
  /** What frames an input must hold, for the message when it holds none. */
  readonly expected: string;
}

/**
 * Instruments of a recording, in order of first appearance: decimals as written, tick = greatest common divisor of all prices
 * of the prefix and of the tick that the input states, lot = one unit of the last decimal. `configured` instruments come
 * first and are taken as they are. Throws ERR_DISCOVER when the prefix names no symbol.
 */
export function discoverGrids(source: GridSource): Discover {
  return async (files: readonly string[], configured: readonly InstrumentText[] = []): Promise<Discovery> => {
    const notes = new GridNotes();
    const observer = source.createObserver();
    const transport = new FileTransport({ files, clock: new ManualClock(), framer: source.createFramer() });
    const text = new TextDecoder();
    let bytesSeen = 0;
    const handler: FrameHandler = {
      onConnection: () => {},
      onFrame: (bytes, start, end) => {
        bytesSeen += end - start;
        observer.frame(text.decode(bytes.subarray(start, end)), notes);
        if (transport.frames >= MESSAGES_MAX || bytesSeen >= BYTES_MAX) transport.stop();
      },
    };
    await transport.run(handler);
    observer.end?.(notes);
    const given = configured.map((one, id) => instrumentFromText(id, one));
    const names = new Set(given.map((one) => one.symbol));
    const discovered = notes.symbols.filter((symbol) => !names.has(symbol));
    const instruments = [...given, ...discovered.map((symbol, i) => notes.instrument(given.length + i, symbol))];
    if (instruments.length === 0) {
      throw new TickpathError(
        'ERR_DISCOVER',
        `${files[0]}: no instrument in the first ${transport.frames} frames; expected ${source.expected}`,
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
    return { instruments, baseEpochNs: transport.baseEpochNs, discovered };
  };
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
