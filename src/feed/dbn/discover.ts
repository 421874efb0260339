import { EXIT, TickpathError } from '../../core/errors.ts';
import { type Instrument, type InstrumentText, instrumentFromText } from '../../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../../core/limits.ts';
import { FRAME_TIME } from '../../core/ports.ts';
import { formatDecimal, PRICE_TICKS_MAX } from '../../core/price.ts';
import { ManualClock } from '../../core/time.ts';
import type { Discovery } from '../discovery.ts';
import { FileTransport } from '../transport/file.ts';
import { DbnFramer } from './framer.ts';
import { RTYPE } from './layout.ts';
import { readDbnHead } from './metadata-file.ts';
import { DBN_UNDEF_PRICE, type DbnRecord, readDbnRecord } from './record.ts';
import { SymbolNames } from './symbol-names.ts';

/** Length of the prefix of each file that is looked at. */
const RECORDS_MAX = 65_536;
/** With fewer prices than this the greatest common divisor may be too coarse by chance; a power of ten is taken instead. */
const PRICES_FOR_GCD = 64;
const DBN_PRICE_DECIMALS = 9;
/** Tick size of an instrument whose price was not seen, 1e-9. */
const TICK_UNSEEN = 10_000_000n;
const NANOS_PER_UNIT = 1_000_000_000n;
const BOOK_TYPES: ReadonlySet<number> = new Set([RTYPE.TRADE, RTYPE.MBP_1, RTYPE.MBP_10, RTYPE.MBO, RTYPE.BBO_1S, RTYPE.BBO_1M]);

interface Seen {
  readonly publisher: number;
  readonly number: number;
  readonly prices: Set<bigint>;
}

interface Prefix {
  /** By publisher and number, in order of first appearance. */
  readonly seen: Map<string, Seen>;
  /** Tick size and symbol of definitions by number. */
  readonly ticks: Map<number, bigint>;
  readonly names: SymbolNames;
}

/**
 * Instruments of DBN files, in order of first appearance: those that have orders, levels or trades in the first records of a
 * file. The tick size is the definition's, where the files hold it before these records, else the greatest common divisor of
 * the prices seen. Symbols are those of the metadata, else of definitions, else the venue's numbers; where several publishers
 * bring one instrument, each is an instrument of its own and named `symbol@publisher`. Throws ERR_DISCOVER.
 */
export async function discoverDbn(
  files: readonly string[],
  configured: readonly InstrumentText[] = [],
  wanted?: string,
): Promise<Discovery> {
  const prefix: Prefix = { seen: new Map(), ticks: new Map(), names: new SymbolNames() };
  for (const file of files) prefix.names.addMetadata(await readDbnHead(file));
  let baseEpochNs: bigint | undefined;
  for (const file of files) baseEpochNs = earlier(baseEpochNs, await readPrefix(file, prefix));
  const seen = [...prefix.seen.values()];
  const all = seen.map((one) => ({ one, symbol: nameOf(one, seen, prefix.names) }));
  const found = all.length > INSTRUMENTS_MAX && wanted !== undefined ? all.filter(({ symbol }) => symbol === wanted) : all;
  const given = configured.map((text, id) => configuredInstrument(id, text, found.find(({ symbol }) => symbol === text.symbol)?.one));
  const names = new Set(given.map((one) => one.symbol));
  const others = found.filter(({ symbol }) => !names.has(symbol));
  const instruments = [...given, ...others.map(({ one, symbol }, i) => instrumentOf(given.length + i, symbol, one, prefix.ticks))];
  if (instruments.length === 0 || baseEpochNs === undefined) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `${files[0]}: no instrument in the first ${RECORDS_MAX} records; expected orders (mbo), levels (mbp-1, mbp-10, tbbo, bbo) or trades`,
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
  return { instruments, baseEpochNs, discovered: others.map(({ symbol }) => symbol) };
}

/** The first file's base, unless it has no record. */
function earlier(base: bigint | undefined, next: bigint | undefined): bigint | undefined {
  return base ?? next;
}

/** Looks at the first records of a file; receive time of the first, undefined when there is none. */
async function readPrefix(file: string, prefix: Prefix): Promise<bigint | undefined> {
  const transport = new FileTransport({ files: [file], clock: new ManualClock(), framer: new DbnFramer() });
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end, times) => {
      const record = readDbnRecord(bytes.subarray(start, end));
      if (record !== undefined) observe(record, prefix);
      if (transport.frames >= RECORDS_MAX && times[FRAME_TIME.RECV_NS] !== undefined) transport.stop();
    },
  });
  return transport.frames === 0 ? undefined : transport.baseEpochNs;
}

function observe(record: DbnRecord, prefix: Prefix): void {
  const { fields } = record;
  const number = fields['instrument_id'] as number;
  if (record.name === 'definition') {
    const tick = fields['min_price_increment'] as bigint;
    if (tick > 0n && tick !== DBN_UNDEF_PRICE) prefix.ticks.set(number, gcd(prefix.ticks.get(number) ?? 0n, tick));
    prefix.names.addDefinition(number, fields['raw_symbol'] as string);
    return;
  }
  if (!BOOK_TYPES.has(fields['rtype'] as number)) return;
  const publisher = fields['publisher_id'] as number;
  const key = `${publisher} ${number}`;
  let one = prefix.seen.get(key);
  if (one === undefined) {
    one = { publisher, number, prices: new Set() };
    prefix.seen.set(key, one);
  }
  for (const name of ['price', ...LEVEL_PRICES]) {
    const price = fields[name] as bigint | undefined;
    if (price !== undefined && price !== DBN_UNDEF_PRICE) one.prices.add(price);
  }
}
const LEVEL_PRICES = Array.from({ length: 10 }, (_, i) => [`bid_px_0${i}`, `ask_px_0${i}`]).flat();

function nameOf(one: Seen, all: readonly Seen[], names: SymbolNames): string {
  const symbol = names.of(one.number);
  return all.some((other) => other.number === one.number && other.publisher !== one.publisher) ? `${symbol}@${one.publisher}` : symbol;
}

const venueIdOf = (one: Seen): number => one.publisher * 2 ** 32 + one.number;

function configuredInstrument(id: number, text: InstrumentText, one: Seen | undefined): Instrument {
  const instrument = instrumentFromText(id, text);
  if (instrument.priceDecimals > DBN_PRICE_DECIMALS || instrument.qtyDecimals > 0) {
    throw new TickpathError(
      'ERR_INSTRUMENT',
      `instrument ${text.symbol}: expected a tick_size of at most ${DBN_PRICE_DECIMALS} decimals and a whole lot_size`,
      EXIT.USAGE,
    );
  }
  return one === undefined ? instrument : Object.freeze({ ...instrument, venueId: venueIdOf(one) });
}

function instrumentOf(id: number, symbol: string, one: Seen, ticks: ReadonlyMap<number, bigint>): Instrument {
  const defined = ticks.get(one.number) ?? 0n;
  let divisor = defined;
  let largest = 0n;
  for (const price of one.prices) {
    divisor = gcd(divisor, price);
    largest = price > largest ? price : -price > largest ? -price : largest;
  }
  let tick = divisor === 0n ? TICK_UNSEEN : divisor;
  if (defined === 0n && one.prices.size < PRICES_FOR_GCD && divisor > 0n) {
    tick = 1n;
    while (divisor % (tick * 10n) === 0n && tick < NANOS_PER_UNIT) tick *= 10n;
  }
  let priceDecimals = DBN_PRICE_DECIMALS;
  let tickUnits = tick;
  while (priceDecimals > 0 && tickUnits % 10n === 0n) {
    tickUnits /= 10n;
    priceDecimals--;
  }
  if (largest / tick > BigInt(PRICE_TICKS_MAX) || tick > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `instrument ${symbol}: a price of ${largest}e-9 has more than ${PRICE_TICKS_MAX} ticks of ${formatDecimal(Number(tickUnits), priceDecimals)}; configure its tick_size`,
      EXIT.DATA,
    );
  }
  const venueId = venueIdOf(one);
  return Object.freeze({ id, symbol, priceDecimals, qtyDecimals: 0, tickUnits: Number(tickUnits), lotUnits: 1, venueId });
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
