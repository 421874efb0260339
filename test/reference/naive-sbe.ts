import type { Instrument } from '../../src/core/instrument.ts';
import { type Level, type NaiveMessage, naiveDecode } from './naive-binance.ts';
import { bytesOf, SBE_BYTES, SBE_TEMPLATES, type SbeField, type SbeType } from './sbe-schema.ts';

type Values = Record<string, bigint>;
const PRICE_TICKS_MAX = 2_147_483_647n;
const SAFE_MAX = 9_007_199_254_740_991n;

class Refused extends Error {}

/**
 * A Binance spot SBE frame decoded by its schema table with BigInt: the twin of the SBE scanner. One entry a message, undefined
 * for one that a book must not take; an empty list when the frame as a whole is refused or is for no book.
 */
export function naiveSbe(bytes: Uint8Array, instruments: readonly Instrument[], partial: boolean): (NaiveMessage | undefined)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return [];
  const template = SBE_TEMPLATES.find((one) => one.id === view.getUint16(2, true));
  if (template === undefined) {
    if (bytes[0] !== 0x7b && bytes[0] !== 0x68) return [];
    return [naiveDecode(new TextDecoder().decode(bytes), instruments, partial ? 'spot-partial' : 'spot')];
  }
  if (view.getUint16(4, true) !== 1 || template.id === (partial ? 10_003 : 10_002)) return [];
  try {
    const rootBytes = view.getUint16(0, true);
    const root = fields(view, 8, rootBytes, template.root);
    let at = 8 + rootBytes;
    const groups: Values[][] = [];
    for (const group of template.groups) {
      const entryBytes = Number(integer(view, at, 'u16'));
      const count = Number(integer(view, at + 2, group.count));
      at += 2 + SBE_BYTES[group.count];
      if (count > 0 && (entryBytes < bytesOf(group.fields) || count * entryBytes > bytes.length)) throw new Refused();
      groups.push([...Array(count).keys()].map((i) => fields(view, at + i * entryBytes, entryBytes, group.fields)));
      at += count * entryBytes;
    }
    const length = Number(integer(view, at, 'u8'));
    const end = at + 1 + length;
    if (end > bytes.length || (end < bytes.length && view.getUint16(6, true) === 0)) throw new Refused();
    const symbol = new TextDecoder('latin1').decode(bytes.subarray(at + 1, end));
    const instrument = instruments.find((one) => one.symbol === symbol);
    return instrument === undefined ? [] : messages(template.id, root, groups, instrument);
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

function messages(id: number, root: Values, groups: Values[][], grid: Instrument): (NaiveMessage | undefined)[] {
  const instrument = grid.id;
  const price = (mantissa: bigint): number => {
    const ticks = scaled(mantissa, root['priceExponent']!, grid.priceDecimals, grid.tickUnits);
    if (ticks > PRICE_TICKS_MAX) throw new Refused();
    return Number(ticks);
  };
  const qty = (mantissa: bigint): number => Number(scaled(mantissa, root['qtyExponent']!, grid.qtyDecimals, grid.lotUnits));
  const levels = (entries: Values[]): Level[] =>
    entries.map((entry) => {
      const ticks = price(entry['price']!);
      if (ticks === 0) throw new Refused();
      return [ticks, qty(entry['qty']!)];
    });
  if (id === 10_000) {
    const timeMs = safe(root['transactTime']!) / 1000;
    return groups[0]!.map((trade) => orRefused(() => tradeOf(trade, instrument, timeMs, price, qty)));
  }
  const timeMs = safe(root['eventTime']!) / 1000;
  if (id === 10_001) {
    const bid: Level = [price(root['bidPrice']!), qty(root['bidQty']!)];
    const ask: Level = [price(root['askPrice']!), qty(root['askQty']!)];
    for (const [ticks, lots] of [bid, ask]) if ((ticks === 0) !== (lots === 0)) throw new Refused();
    return [{ kind: 'ticker', instrument, timeMs, last: safe(root['bookUpdateId']!), bid, ask }];
  }
  const sides = { bids: levels(groups[0]!), asks: levels(groups[1]!) };
  if (id === 10_002) return [{ kind: 'snapshot', instrument, timeMs, last: safe(root['bookUpdateId']!), ...sides }];
  const [first, last] = [safe(root['firstBookUpdateId']!), safe(root['lastBookUpdateId']!)];
  return [{ kind: 'depth', instrument, timeMs, first, last, ...sides }];
}

function tradeOf(
  trade: Values,
  instrument: number,
  timeMs: number,
  price: (mantissa: bigint) => number,
  qty: (mantissa: bigint) => number,
): NaiveMessage {
  const [ticks, lots, maker] = [price(trade['price']!), qty(trade['qty']!), trade['isBuyerMaker']!];
  if (ticks === 0 || lots === 0 || maker > 1n) throw new Refused();
  return { kind: 'trade', instrument, timeMs, id: safe(trade['id']!), price: ticks, qty: lots, sell: maker === 1n, market: true };
}

function orRefused(read: () => NaiveMessage): NaiveMessage | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** mantissa * 10^exponent in steps of `unit` * 10^-decimals; refused when it is no whole number of them. */
function scaled(mantissa: bigint, exponent: bigint, decimals: number, unit: number): bigint {
  if (mantissa < 0n || mantissa > SAFE_MAX) throw new Refused();
  const power = exponent + BigInt(decimals);
  const factor = 10n ** (power < 0n ? -power : power);
  if (power < 0n && mantissa % factor !== 0n) throw new Refused();
  const units = power < 0n ? mantissa / factor : mantissa * factor;
  if (units > SAFE_MAX || units % BigInt(unit) !== 0n) throw new Refused();
  return units / BigInt(unit);
}

function safe(value: bigint): number {
  if (value < 0n || value > SAFE_MAX) throw new Refused();
  return Number(value);
}

function fields(view: DataView, at: number, bytes: number, list: readonly SbeField[]): Values {
  if (bytes < bytesOf(list) || at + bytes > view.byteLength) throw new Refused();
  const values: Values = {};
  let offset = at;
  for (const [name, type] of list) {
    values[name] = integer(view, offset, type);
    offset += SBE_BYTES[type];
  }
  return values;
}

function integer(view: DataView, at: number, type: SbeType): bigint {
  if (at + SBE_BYTES[type] > view.byteLength) throw new Refused();
  if (type === 'i64') return view.getBigInt64(at, true);
  if (type === 'i8') return BigInt(view.getInt8(at));
  if (type === 'u8') return BigInt(view.getUint8(at));
  return BigInt(type === 'u16' ? view.getUint16(at, true) : view.getUint32(at, true));
}
