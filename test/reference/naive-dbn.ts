/**
 * A second decoder of DBN, field after field from tables of names and kinds, version by version, all in BigInt. It shares
 * nothing with the one under test: not its offsets, not its arithmetic.
 */
const TRADE = 'price:price size:u32 action:char side:char flags:u8 depth:u8 ts_recv:time ts_in_delta:i32 sequence:u32';
const PAIR = 'bid_px:price ask_px:price bid_sz:u32 ask_sz:u32 bid_ct:u32 ask_ct:u32';
const CPAIR = 'bid_px_00:price ask_px_00:price bid_sz_00:u32 ask_sz_00:u32 bid_pb_00:u16 -:pad2 ask_pb_00:u16 -:pad2';
const MBO = 'order_id:u64 price:price size:u32 flags:u8 channel_id:u8 action:char side:char ts_recv:time ts_in_delta:i32 sequence:u32';
const BBO = 'price:price size:u32 -:pad1 side:char flags:u8 -:pad1 ts_recv:time -:pad4 sequence:u32';
const CMBP = `price:price size:u32 action:char side:char flags:u8 -:pad1 ts_recv:time ts_in_delta:i32 -:pad4 ${CPAIR}`;
const CBBO = `price:price size:u32 -:pad1 side:char flags:u8 -:pad1 ts_recv:time -:pad8 ${CPAIR}`;
const OHLCV = 'open:price high:price low:price close:price volume:u64';
const STATUS = 'ts_recv:time action:u16 reason:u16 trading_event:u16 is_trading:char is_quoting:char is_short_sell_restricted:char -:pad7';
const IMBALANCE = `
  ts_recv:time ref_price:price auction_time:time cont_book_clr_price:price auct_interest_clr_price:price
  ssr_filling_price:price ind_match_price:price upper_collar:price lower_collar:price paired_qty:u32 total_imbalance_qty:u32
  market_imbalance_qty:u32 unpaired_qty:u32 auction_type:char side:char auction_status:u8 freeze_status:u8 num_extensions:u8
  unpaired_side:char significant_imbalance:char -:pad1`;
const ERROR = 'err:text302 code:u8 is_last:u8';
const SYSTEM = 'msg:text303 code:u8';
const SYMBOL_MAPPING = 'stype_in:u8 stype_in_symbol:text71 stype_out:u8 stype_out_symbol:text71 start_ts:time end_ts:time';
const STATISTICS = `
  ts_recv:time ts_ref:time price:price quantity:i64 sequence:u32 ts_in_delta:i32 stat_type:u16 channel_id:u16 update_action:u8
  stat_flags:u8 -:pad18`;
const DEFINITION = `
  ts_recv:time min_price_increment:price display_factor:price expiration:time activation:time high_limit_price:price
  low_limit_price:price max_price_variation:price unit_of_measure_qty:price min_price_increment_amount:price price_ratio:price
  strike_price:price raw_instrument_id:u64 leg_price:price leg_delta:price inst_attrib_value:i32 underlying_id:u32
  market_depth_implied:i32 market_depth:i32 market_segment_id:u32 max_trade_vol:u32 min_lot_size:i32 min_lot_size_block:i32
  min_lot_size_round_lot:i32 min_trade_vol:u32 contract_multiplier:i32 decay_quantity:i32 original_contract_size:i32
  leg_instrument_id:u32 leg_ratio_price_numerator:i32 leg_ratio_price_denominator:i32 leg_ratio_qty_numerator:i32
  leg_ratio_qty_denominator:i32 leg_underlying_id:u32 appl_id:i16 maturity_year:u16 decay_start_date:u16 channel_id:u16
  leg_count:u16 leg_index:u16 currency:text4 settl_currency:text4 secsubtype:text6 raw_symbol:text71 group:text21
  exchange:text5 asset:text11 cfi:text7 security_type:text7 unit_of_measure:text31 underlying:text21
  strike_price_currency:text4 leg_raw_symbol:text71 instrument_class:char match_algorithm:char main_fraction:u8
  price_display_format:u8 sub_fraction:u8 underlying_product:u8 security_update_action:char maturity_month:u8 maturity_day:u8
  maturity_week:u8 user_defined_instrument:char contract_multiplier_unit:i8 flow_schedule_type:i8 tick_rule:u8
  leg_instrument_class:char leg_side:char -:pad17`;
const DEFINITION_V1 = `
  ts_recv:time min_price_increment:price display_factor:price expiration:time activation:time high_limit_price:price
  low_limit_price:price max_price_variation:price trading_reference_price:price unit_of_measure_qty:price
  min_price_increment_amount:price price_ratio:price inst_attrib_value:i32 underlying_id:u32 raw_instrument_id:u32
  market_depth_implied:i32 market_depth:i32 market_segment_id:u32 max_trade_vol:u32 min_lot_size:i32 min_lot_size_block:i32
  min_lot_size_round_lot:i32 min_trade_vol:u32 -:pad4 contract_multiplier:i32 decay_quantity:i32 original_contract_size:i32
  -:pad4 trading_reference_date:u16 appl_id:i16 maturity_year:u16 decay_start_date:u16 channel_id:u16 currency:text4
  settl_currency:text4 secsubtype:text6 raw_symbol:text22 group:text21 exchange:text5 asset:text7 cfi:text7 security_type:text7
  unit_of_measure:text31 underlying:text21 strike_price_currency:text4 instrument_class:char -:pad2 strike_price:price -:pad6
  match_algorithm:char md_security_trading_status:u8 main_fraction:u8 price_display_format:u8 settl_price_type:u8
  sub_fraction:u8 underlying_product:u8 security_update_action:char maturity_month:u8 maturity_day:u8 maturity_week:u8
  user_defined_instrument:char contract_multiplier_unit:i8 flow_schedule_type:i8 tick_rule:u8 -:pad3`;
const DEFINITION_V2 = `
  ts_recv:time min_price_increment:price display_factor:price expiration:time activation:time high_limit_price:price
  low_limit_price:price max_price_variation:price trading_reference_price:price unit_of_measure_qty:price
  min_price_increment_amount:price price_ratio:price strike_price:price inst_attrib_value:i32 underlying_id:u32
  raw_instrument_id:u32 market_depth_implied:i32 market_depth:i32 market_segment_id:u32 max_trade_vol:u32 min_lot_size:i32
  min_lot_size_block:i32 min_lot_size_round_lot:i32 min_trade_vol:u32 contract_multiplier:i32 decay_quantity:i32
  original_contract_size:i32 trading_reference_date:u16 appl_id:i16 maturity_year:u16 decay_start_date:u16 channel_id:u16
  currency:text4 settl_currency:text4 secsubtype:text6 raw_symbol:text71 group:text21 exchange:text5 asset:text7 cfi:text7
  security_type:text7 unit_of_measure:text31 underlying:text21 strike_price_currency:text4 instrument_class:char
  match_algorithm:char md_security_trading_status:u8 main_fraction:u8 price_display_format:u8 settl_price_type:u8
  sub_fraction:u8 underlying_product:u8 security_update_action:char maturity_month:u8 maturity_day:u8 maturity_week:u8
  user_defined_instrument:char contract_multiplier_unit:i8 flow_schedule_type:i8 tick_rule:u8 -:pad10`;
const STATISTICS_V1 = `
  ts_recv:time ts_ref:time price:price quantity:i32 sequence:u32 ts_in_delta:i32 stat_type:u16 channel_id:u16 update_action:u8
  stat_flags:u8 -:pad6`;
const SYMBOL_MAPPING_V1 = 'stype_in_symbol:text22 stype_out_symbol:text22 -:pad4 start_ts:time end_ts:time';
const ERROR_V1 = 'err:text64';
const SYSTEM_V1 = 'msg:text64';

const pairs = (count: number): string =>
  Array.from({ length: count }, (_, i) => PAIR.replace(/(\w+):/g, (_all, name) => `${name}_0${i}:`)).join(' ');
const MBP_1 = `${TRADE} ${pairs(1)}`;

/** Name and layouts of versions 1, 2 and 3 by type. */
const TYPES = new Map<number, [name: string, v1: string, v2: string, v3: string]>([
  [0x00, ['trade', TRADE, TRADE, TRADE]],
  [0x01, ['mbp1', MBP_1, MBP_1, MBP_1]],
  [0x0a, ['mbp10', `${TRADE} ${pairs(10)}`, `${TRADE} ${pairs(10)}`, `${TRADE} ${pairs(10)}`]],
  [0x12, ['status', STATUS, STATUS, STATUS]],
  [0x13, ['definition', DEFINITION_V1, DEFINITION_V2, DEFINITION]],
  [0x14, ['imbalance', IMBALANCE, IMBALANCE, IMBALANCE]],
  [0x15, ['error', ERROR_V1, ERROR, ERROR]],
  [0x16, ['symbolMapping', SYMBOL_MAPPING_V1, SYMBOL_MAPPING, SYMBOL_MAPPING]],
  [0x17, ['system', SYSTEM_V1, SYSTEM, SYSTEM]],
  [0x18, ['statistics', STATISTICS_V1, STATISTICS_V1, STATISTICS]],
  [0xa0, ['mbo', MBO, MBO, MBO]],
  ...[0x11, 0x20, 0x21, 0x22, 0x23, 0x24].map((type): [number, [string, string, string, string]] => [type, ['ohlcv', OHLCV, OHLCV, OHLCV]]),
  ...[0xb1, 0xc2].map((type): [number, [string, string, string, string]] => [type, ['cmbp1', CMBP, CMBP, CMBP]]),
  ...[0xc0, 0xc1].map((type): [number, [string, string, string, string]] => [type, ['cbbo', CBBO, CBBO, CBBO]]),
  ...[0xc3, 0xc4].map((type): [number, [string, string, string, string]] => {
    const bbo = `${BBO} ${pairs(1)}`;
    return [type, ['bbo', bbo, bbo, bbo]];
  }),
]);

export type NaiveValue = number | bigint | string;
export interface NaiveRecord {
  readonly name: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, NaiveValue>>;
}

const WIDTHS: Readonly<Record<string, number>> = { u8: 1, i8: 1, char: 1, u16: 2, i16: 2, u32: 4, i32: 4 };
const widthOf = (kind: string): number => WIDTHS[kind] ?? (/^(text|pad)/.test(kind) ? Number(kind.replace(/\D+/, '')) : 8);
const parsed = new Map<string, [name: string, kind: string][]>();
const layoutOf = (text: string): [name: string, kind: string][] => {
  const known =
    parsed.get(text) ??
    text
      .trim()
      .split(/\s+/)
      .map((field): [string, string] => field.split(':') as [string, string]);
  parsed.set(text, known);
  return known;
};
const sizeOf = (text: string): number => layoutOf(text).reduce((sum, [, kind]) => sum + widthOf(kind), 16);

function little(bytes: Uint8Array, at: number, width: number): bigint {
  let value = 0n;
  for (let i = width - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[at + i]!);
  return value;
}

function readValue(bytes: Uint8Array, at: number, kind: string): NaiveValue {
  const width = widthOf(kind);
  if (kind === 'char') return String.fromCharCode(bytes[at]!);
  if (kind.startsWith('text')) {
    const room = [...bytes.slice(at, at + width)];
    const end = room.indexOf(0);
    return Buffer.from(room.slice(0, end < 0 ? width : end)).toString('utf8');
  }
  const raw = little(bytes, at, width);
  const signed = kind.startsWith('i') || kind === 'price';
  const value = signed ? BigInt.asIntN(8 * width, raw) : raw;
  return width === 8 ? value : Number(value);
}

/** The record in `bytes`, with the fields of its own version; undefined for what no version has. */
export function naiveDbn(bytes: Uint8Array): NaiveRecord | undefined {
  const type = TYPES.get(bytes[1] ?? -1);
  if (type === undefined || bytes.length < 16 || bytes[0]! * 4 !== bytes.length) return undefined;
  for (const version of [3, 2, 1]) {
    const text = type[version]! as string;
    const size = sizeOf(text);
    if (bytes.length !== size && bytes.length !== size + 8) continue;
    const fields: Record<string, NaiveValue> = {
      rtype: bytes[1]!,
      publisher_id: Number(little(bytes, 2, 2)),
      instrument_id: Number(little(bytes, 4, 4)),
      ts_event: little(bytes, 8, 8),
    };
    let at = 16;
    for (const [name, kind] of layoutOf(text)) {
      if (name !== '-') fields[name] = readValue(bytes, at, kind);
      at += widthOf(kind);
    }
    if (bytes.length > size) fields['ts_out'] = little(bytes, at, 8);
    return { name: type[0], version, fields };
  }
  return undefined;
}

export interface NaiveInstrument {
  readonly publisher: number;
  readonly number: number;
  /** Tick size in 1e-9. */
  readonly tickNanos: bigint;
  readonly lotUnits: number;
}

/** What a record means to the books, as one line of text; undefined when it must not be accepted. */
export function naiveMeaning(bytes: Uint8Array, instruments: readonly NaiveInstrument[]): string | undefined {
  const record = naiveDbn(bytes);
  if (record === undefined || !['mbo', 'trade', 'mbp1', 'mbp10', 'bbo'].includes(record.name)) return undefined;
  const { fields } = record;
  const text = (name: string): string => fields[name] as string;
  const big = (name: string): bigint => fields[name] as bigint;
  const number = (name: string): number => fields[name] as number;
  const id = instruments.findIndex((one) => one.publisher === fields['publisher_id'] && one.number === fields['instrument_id']);
  const instrument = instruments[id];
  if (instrument === undefined || !'ABN'.includes(text('side'))) return undefined;
  const action = record.name === 'bbo' ? 'N' : text('action');
  if (!'ACFMNRT'.includes(action)) return undefined;
  const ticks = (price: bigint): bigint | undefined => {
    if (price === 2n ** 63n - 1n || price % instrument.tickNanos !== 0n) return undefined;
    const count = price / instrument.tickNanos;
    return count >= -2147483647n && count <= 2147483647n ? count : undefined;
  };
  const lots = (size: number): number | undefined =>
    size > 0 && size % instrument.lotUnits === 0 ? size / instrument.lotUnits : undefined;
  const time = big('ts_event') === 2n ** 64n - 1n ? 'none' : `${big('ts_event')}`;
  const parts = [record.name, id, action, text('side'), number('flags'), time, number('sequence')];
  const order = record.name === 'mbo';
  const top = order && action === 'A' && (number('flags') & 0x50) === 0x40 && text('side') !== 'N';
  if (top && big('price') === 2n ** 63n - 1n) return [...parts, 'none', 0, big('order_id')].join(' ');
  if (order ? 'AM'.includes(action) || action === 'T' : action === 'T') {
    if (order && action !== 'T' && text('side') === 'N') return undefined;
    const price = ticks(big('price'));
    if (price === undefined) return undefined;
    parts.push(`${price}`);
  }
  if (order && 'ACM'.includes(action) && (number('flags') & 0x50) !== 0 && !top) return undefined;
  if (record.name === 'trade' && action !== 'T') return undefined;
  if (order ? 'ACMT'.includes(action) : action === 'T') {
    const size = lots(number('size'));
    if (size === undefined) return undefined;
    parts.push(size);
  }
  if (order) return [...parts, big('order_id')].join(' ');
  for (const side of ['bid', 'ask']) {
    let last: bigint | undefined;
    for (let i = 0; fields[`bid_px_0${i}`] !== undefined; i++) {
      const size = number(`${side}_sz_0${i}`);
      const price = big(`${side}_px_0${i}`);
      if (size % instrument.lotUnits !== 0) return undefined;
      if (size === 0 || price === 2n ** 63n - 1n) continue;
      const count = ticks(price);
      if (count === undefined || (last !== undefined && (side === 'bid' ? count >= last : count <= last))) return undefined;
      last = count;
      parts.push(`${side}:${count}x${size / instrument.lotUnits}`);
    }
  }
  return parts.join(' ');
}
