import { EXIT, TickpathError } from '../../../core/errors.ts';
import { type Instrument, type InstrumentText, instrumentFromText } from '../../../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../../../core/limits.ts';
import type { FrameHandler } from '../../../core/ports.ts';
import { decimalsOf, formatDecimal, PRICE_TICKS_MAX, parseDecimalText } from '../../../core/price.ts';
import { ManualClock } from '../../../core/time.ts';
import type { Discovery } from '../../discovery.ts';
import { FileTransport } from '../../transport/file.ts';

/** Length of the prefix that is looked at. */
const MESSAGES_MAX = 4_096;
const BYTES_MAX = 16 << 20;
/** With fewer prices than this the greatest common divisor may be too coarse by chance; a power of ten is taken instead. */
const PRICES_FOR_GCD = 64;

interface Seen {
  readonly symbol: string;
  readonly prices: Set<string>;
  priceDecimals: number;
  qtyDecimals: number;
}

type Json = { readonly [key: string]: unknown };

/**
 * Instruments of a Binance USD-M capture, in order of first appearance: decimals as written, tick = greatest common divisor
 * of all prices of the prefix, lot = one unit of the last written decimal. `configured` instruments come first and are taken
 * as they are. Throws ERR_DISCOVER when the prefix names no symbol.
 */
export async function discoverInstruments(files: readonly string[], configured: readonly InstrumentText[] = []): Promise<Discovery> {
  const seen = new Map<string, Seen>();
  const transport = new FileTransport({ files, clock: new ManualClock() });
  const snapshots: Json[] = [];
  let bytesSeen = 0;
  const handler: FrameHandler = {
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      bytesSeen += end - start;
      observe(new TextDecoder().decode(bytes.subarray(start, end)), seen, snapshots);
      if (transport.frames >= MESSAGES_MAX || bytesSeen >= BYTES_MAX) transport.stop();
    },
  };
  await transport.run(handler);
  if (transport.frames === 0) {
    throw new TickpathError(
      'ERR_INPUT',
      `${files.join(', ')}: empty; expected lines of a 19-digit receive time in ns, a space and a JSON object`,
      EXIT.DATA,
    );
  }
  // A snapshot names no symbol: it counts when there is one symbol only.
  const only = seen.size === 1 ? [...seen.values()][0] : undefined;
  if (only !== undefined) for (const snapshot of snapshots) observeLevels(only, snapshot['bids'], snapshot['asks']);
  const given = configured.map((text, id) => instrumentFromText(id, text));
  const names = new Set(given.map((one) => one.symbol));
  const found = [...seen.values()].filter((one) => !names.has(one.symbol));
  const instruments = [...given, ...found.map((one, i) => instrumentOf(given.length + i, one))];
  if (instruments.length === 0) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `${files[0]}: no instrument in the first ${transport.frames} frames; expected depthUpdate, bookTicker or trade messages`,
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
  return { instruments, baseEpochNs: transport.baseEpochNs, discovered: found.map((one) => one.symbol) };
}

function observe(text: string, seen: Map<string, Seen>, snapshots: Json[]): void {
  let frame: Json;
  try {
    frame = JSON.parse(text) as Json;
  } catch {
    // The feed counts what is no JSON.
    return;
  }
  const wrapped = frame['data'];
  const data = typeof wrapped === 'object' && wrapped !== null ? (wrapped as Json) : frame;
  const symbol = data['s'];
  if (typeof symbol !== 'string') {
    if (data['lastUpdateId'] !== undefined) snapshots.push(data);
    return;
  }
  const type = data['e'];
  if (type !== 'depthUpdate' && type !== 'bookTicker' && type !== 'trade') return;
  let one = seen.get(symbol);
  if (one === undefined) {
    one = { symbol, prices: new Set(), priceDecimals: 0, qtyDecimals: 0 };
    seen.set(symbol, one);
  }
  if (type === 'depthUpdate') {
    observeLevels(one, data['b'], data['a']);
  } else if (type === 'bookTicker') {
    observeOne(one, data['b'], data['B']);
    observeOne(one, data['a'], data['A']);
  } else {
    observeOne(one, data['p'], data['q']);
  }
}

function observeLevels(one: Seen, bids: unknown, asks: unknown): void {
  for (const side of [bids, asks]) {
    if (!Array.isArray(side)) continue;
    for (const level of side as unknown[]) if (Array.isArray(level)) observeOne(one, level[0], level[1]);
  }
}

const PLAIN_DECIMAL = /^\d{1,15}(\.\d{1,15})?$/;

function observeOne(one: Seen, price: unknown, qty: unknown): void {
  if (typeof price === 'string' && PLAIN_DECIMAL.test(price)) {
    one.prices.add(price);
    one.priceDecimals = Math.max(one.priceDecimals, decimalsOf(price));
  }
  if (typeof qty === 'string' && PLAIN_DECIMAL.test(qty)) one.qtyDecimals = Math.max(one.qtyDecimals, decimalsOf(qty));
}

function instrumentOf(id: number, seen: Seen): Instrument {
  const decimals = seen.priceDecimals;
  let divisor = 0;
  let largest = 0;
  for (const text of seen.prices) {
    const units = parseDecimalText(text, decimals, `instrument ${seen.symbol}: price`);
    divisor = gcd(units, divisor);
    largest = Math.max(largest, units);
  }
  let tickUnits = Math.max(1, divisor);
  if (seen.prices.size < PRICES_FOR_GCD) {
    tickUnits = 1;
    while (divisor > 0 && divisor % (tickUnits * 10) === 0 && tickUnits < 10 ** decimals) tickUnits *= 10;
  }
  if (largest / tickUnits > PRICE_TICKS_MAX) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `instrument ${seen.symbol}: a price of ${formatDecimal(largest, decimals)} has more than ${PRICE_TICKS_MAX} ticks of ${formatDecimal(tickUnits, decimals)}; configure its tick_size`,
      EXIT.DATA,
    );
  }
  return Object.freeze({ id, symbol: seen.symbol, priceDecimals: decimals, qtyDecimals: seen.qtyDecimals, tickUnits, lotUnits: 1 });
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
