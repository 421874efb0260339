/**
 * Fields of every DBN record of version 3, with their offsets (databento/dbn, rust/dbn/src/record.rs): name, kind, offset in
 * bytes. Little-endian. What lies between two fields is reserved. Offsets and sizes are held by a test against a decoder that
 * reads field after field.
 */
export type DbnKind = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'price' | 'time' | 'char' | `text${number}`;
export type DbnField = readonly [name: string, kind: DbnKind, offset: number];
export type DbnFields = readonly DbnField[];

/** In front of every record: length in words of four bytes at 0, type at 1. */
export const HEADER_FIELDS: DbnFields = [
  ['rtype', 'u8', 1],
  ['publisher_id', 'u16', 2],
  ['instrument_id', 'u32', 4],
  ['ts_event', 'time', 8],
];

/** One order: added, cancelled, modified, filled. */
const MBO_FIELDS: DbnFields = [
  ['order_id', 'u64', 16],
  ['price', 'price', 24],
  ['size', 'u32', 32],
  ['flags', 'u8', 36],
  ['channel_id', 'u8', 37],
  ['action', 'char', 38],
  ['side', 'char', 39],
  ['ts_recv', 'time', 40],
  ['ts_in_delta', 'i32', 48],
  ['sequence', 'u32', 52],
];

/** A bar. */
const OHLCV_FIELDS: DbnFields = [
  ['open', 'price', 16],
  ['high', 'price', 24],
  ['low', 'price', 32],
  ['close', 'price', 40],
  ['volume', 'u64', 48],
];

/** Trading status of an instrument. */
const STATUS_FIELDS: DbnFields = [
  ['ts_recv', 'time', 16],
  ['action', 'u16', 24],
  ['reason', 'u16', 26],
  ['trading_event', 'u16', 28],
  ['is_trading', 'char', 30],
  ['is_quoting', 'char', 31],
  ['is_short_sell_restricted', 'char', 32],
];

/** What an instrument is. */
const DEFINITION_FIELDS: DbnFields = [
  ['ts_recv', 'time', 16],
  ['min_price_increment', 'price', 24],
  ['display_factor', 'price', 32],
  ['expiration', 'time', 40],
  ['activation', 'time', 48],
  ['high_limit_price', 'price', 56],
  ['low_limit_price', 'price', 64],
  ['max_price_variation', 'price', 72],
  ['unit_of_measure_qty', 'price', 80],
  ['min_price_increment_amount', 'price', 88],
  ['price_ratio', 'price', 96],
  ['strike_price', 'price', 104],
  ['raw_instrument_id', 'u64', 112],
  ['leg_price', 'price', 120],
  ['leg_delta', 'price', 128],
  ['inst_attrib_value', 'i32', 136],
  ['underlying_id', 'u32', 140],
  ['market_depth_implied', 'i32', 144],
  ['market_depth', 'i32', 148],
  ['market_segment_id', 'u32', 152],
  ['max_trade_vol', 'u32', 156],
  ['min_lot_size', 'i32', 160],
  ['min_lot_size_block', 'i32', 164],
  ['min_lot_size_round_lot', 'i32', 168],
  ['min_trade_vol', 'u32', 172],
  ['contract_multiplier', 'i32', 176],
  ['decay_quantity', 'i32', 180],
  ['original_contract_size', 'i32', 184],
  ['leg_instrument_id', 'u32', 188],
  ['leg_ratio_price_numerator', 'i32', 192],
  ['leg_ratio_price_denominator', 'i32', 196],
  ['leg_ratio_qty_numerator', 'i32', 200],
  ['leg_ratio_qty_denominator', 'i32', 204],
  ['leg_underlying_id', 'u32', 208],
  ['appl_id', 'i16', 212],
  ['maturity_year', 'u16', 214],
  ['decay_start_date', 'u16', 216],
  ['channel_id', 'u16', 218],
  ['leg_count', 'u16', 220],
  ['leg_index', 'u16', 222],
  ['currency', 'text4', 224],
  ['settl_currency', 'text4', 228],
  ['secsubtype', 'text6', 232],
  ['raw_symbol', 'text71', 238],
  ['group', 'text21', 309],
  ['exchange', 'text5', 330],
  ['asset', 'text11', 335],
  ['cfi', 'text7', 346],
  ['security_type', 'text7', 353],
  ['unit_of_measure', 'text31', 360],
  ['underlying', 'text21', 391],
  ['strike_price_currency', 'text4', 412],
  ['leg_raw_symbol', 'text71', 416],
  ['instrument_class', 'char', 487],
  ['match_algorithm', 'char', 488],
  ['main_fraction', 'u8', 489],
  ['price_display_format', 'u8', 490],
  ['sub_fraction', 'u8', 491],
  ['underlying_product', 'u8', 492],
  ['security_update_action', 'char', 493],
  ['maturity_month', 'u8', 494],
  ['maturity_day', 'u8', 495],
  ['maturity_week', 'u8', 496],
  ['user_defined_instrument', 'char', 497],
  ['contract_multiplier_unit', 'i8', 498],
  ['flow_schedule_type', 'i8', 499],
  ['tick_rule', 'u8', 500],
  ['leg_instrument_class', 'char', 501],
  ['leg_side', 'char', 502],
];

/** Auction imbalance. */
const IMBALANCE_FIELDS: DbnFields = [
  ['ts_recv', 'time', 16],
  ['ref_price', 'price', 24],
  ['auction_time', 'time', 32],
  ['cont_book_clr_price', 'price', 40],
  ['auct_interest_clr_price', 'price', 48],
  ['ssr_filling_price', 'price', 56],
  ['ind_match_price', 'price', 64],
  ['upper_collar', 'price', 72],
  ['lower_collar', 'price', 80],
  ['paired_qty', 'u32', 88],
  ['total_imbalance_qty', 'u32', 92],
  ['market_imbalance_qty', 'u32', 96],
  ['unpaired_qty', 'u32', 100],
  ['auction_type', 'char', 104],
  ['side', 'char', 105],
  ['auction_status', 'u8', 106],
  ['freeze_status', 'u8', 107],
  ['num_extensions', 'u8', 108],
  ['unpaired_side', 'char', 109],
  ['significant_imbalance', 'char', 110],
];

/** An error of the live gateway. */
const ERROR_FIELDS: DbnFields = [
  ['err', 'text302', 16],
  ['code', 'u8', 318],
  ['is_last', 'u8', 319],
];

/** Which symbol stands for which, in a live stream. */
const SYMBOL_MAPPING_FIELDS: DbnFields = [
  ['stype_in', 'u8', 16],
  ['stype_in_symbol', 'text71', 17],
  ['stype_out', 'u8', 88],
  ['stype_out_symbol', 'text71', 89],
  ['start_ts', 'time', 160],
  ['end_ts', 'time', 168],
];

/** A message of the live gateway, heartbeats too. */
const SYSTEM_FIELDS: DbnFields = [
  ['msg', 'text303', 16],
  ['code', 'u8', 319],
];

/** A figure the venue publishes. */
const STATISTICS_FIELDS: DbnFields = [
  ['ts_recv', 'time', 16],
  ['ts_ref', 'time', 24],
  ['price', 'price', 32],
  ['quantity', 'i64', 40],
  ['sequence', 'u32', 48],
  ['ts_in_delta', 'i32', 52],
  ['stat_type', 'u16', 56],
  ['channel_id', 'u16', 58],
  ['update_action', 'u8', 60],
  ['stat_flags', 'u8', 61],
];

/** A trade, and what stands in front of the levels of MBP-1, MBP-10 and TBBO. */
const TRADE_FIELDS: DbnFields = [
  ['price', 'price', 16],
  ['size', 'u32', 24],
  ['action', 'char', 28],
  ['side', 'char', 29],
  ['flags', 'u8', 30],
  ['depth', 'u8', 31],
  ['ts_recv', 'time', 32],
  ['ts_in_delta', 'i32', 40],
  ['sequence', 'u32', 44],
];

/** Best bid and ask once an interval: the last trade, then one level. */
const BBO_FIELDS: DbnFields = [
  ['price', 'price', 16],
  ['size', 'u32', 24],
  ['side', 'char', 29],
  ['flags', 'u8', 30],
  ['ts_recv', 'time', 32],
  ['sequence', 'u32', 44],
];

/** Best bid and ask over venues, with the publisher of each. */
const CMBP_FIELDS: DbnFields = [
  ['price', 'price', 16],
  ['size', 'u32', 24],
  ['action', 'char', 28],
  ['side', 'char', 29],
  ['flags', 'u8', 30],
  ['ts_recv', 'time', 32],
  ['ts_in_delta', 'i32', 40],
  ['bid_px_00', 'price', 48],
  ['ask_px_00', 'price', 56],
  ['bid_sz_00', 'u32', 64],
  ['ask_sz_00', 'u32', 68],
  ['bid_pb_00', 'u16', 72],
  ['ask_pb_00', 'u16', 76],
];

/** The same once an interval. */
const CBBO_FIELDS: DbnFields = [
  ['price', 'price', 16],
  ['size', 'u32', 24],
  ['side', 'char', 29],
  ['flags', 'u8', 30],
  ['ts_recv', 'time', 32],
  ['bid_px_00', 'price', 48],
  ['ask_px_00', 'price', 56],
  ['bid_sz_00', 'u32', 64],
  ['ask_sz_00', 'u32', 68],
  ['bid_pb_00', 'u16', 72],
  ['ask_pb_00', 'u16', 76],
];

/** Levels of market-by-price records, from offset 48 on, 32 bytes each. */
function levelFields(count: number): DbnField[] {
  return Array.from({ length: count }, (_, level) => {
    const at = 48 + 32 * level;
    const name = `_0${level}`;
    return [
      [`bid_px${name}`, 'price', at],
      [`ask_px${name}`, 'price', at + 8],
      [`bid_sz${name}`, 'u32', at + 16],
      [`ask_sz${name}`, 'u32', at + 20],
      [`bid_ct${name}`, 'u32', at + 24],
      [`ask_ct${name}`, 'u32', at + 28],
    ] satisfies DbnField[];
  }).flat();
}

export const FIELDS_V3 = {
  mbo: MBO_FIELDS,
  trade: TRADE_FIELDS,
  mbp1: [...TRADE_FIELDS, ...levelFields(1)],
  mbp10: [...TRADE_FIELDS, ...levelFields(10)],
  bbo: [...BBO_FIELDS, ...levelFields(1)],
  cmbp1: CMBP_FIELDS,
  cbbo: CBBO_FIELDS,
  ohlcv: OHLCV_FIELDS,
  status: STATUS_FIELDS,
  definition: DEFINITION_FIELDS,
  imbalance: IMBALANCE_FIELDS,
  error: ERROR_FIELDS,
  symbolMapping: SYMBOL_MAPPING_FIELDS,
  system: SYSTEM_FIELDS,
  statistics: STATISTICS_FIELDS,
} as const satisfies Record<string, DbnFields>;
export type DbnRecordName = keyof typeof FIELDS_V3;
