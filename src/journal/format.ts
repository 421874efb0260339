import { formatPrice, formatQty, type Instrument } from '../core/instrument.ts';
import { PRICE_NONE } from '../core/price.ts';
import { D_EXCHANGE_TIME_NS, D_RECV_TIME_NS, D_TICK, KIND, KIND_MASK, RECORD_DOUBLES, RECORD_WORDS } from '../core/records/layout.ts';
import {
  BOOK_REASON,
  BOOK_STATE,
  BOOK_STATE_D_UPDATE_ID,
  BOOK_STATE_W_PREVIOUS,
  BOOK_STATE_W_REASON,
  BOOK_STATE_W_STATE,
} from '../core/records/market.ts';
import {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_REDUCE_ONLY,
  ATTRIBUTE_SIDE_MASK,
  ATTRIBUTE_TIF_SHIFT,
  ATTRIBUTE_TYPE_SHIFT,
  EXECUTION,
  EXECUTION_D_LAST_LOTS,
  EXECUTION_D_LEAVES_LOTS,
  EXECUTION_W_LIQUIDITY,
  EXECUTION_W_ORDER_ID,
  EXECUTION_W_PRICE_TICKS,
  EXECUTION_W_STATUS,
  LIQUIDITY,
  ORDER_D_QTY_LOTS,
  ORDER_TYPE,
  ORDER_W_ATTRIBUTES,
  ORDER_W_ID,
  ORDER_W_PRICE_TICKS,
  ORDER_W_REASON,
  ORDER_W_REFERENCE_TICKS,
  ORDER_W_TAG,
  RISK_STATE_W_REASON,
  RISK_STATE_W_STATE,
  SIGNAL_F32_OUTPUTS,
  SIGNAL_OUTPUTS,
  SIGNAL_W_ACTION,
  SIGNAL_W_ASK_TICKS,
  SIGNAL_W_BID_TICKS,
  SIGNAL_W_POSITION_LOTS,
  TIME_IN_FORCE,
} from '../core/records/order.ts';

/** What decoding needs beside the bytes. */
export interface FormatContext {
  readonly instrument: Instrument;
  readonly baseEpochNs: bigint;
  /** Name of a risk reason code. */
  readonly reasonName: (code: number) => string;
}

/** A record as plain data, for NDJSON and for showing a difference. */
export type DecodedRecord = Readonly<Record<string, string | number | boolean | readonly number[]>>;

function names(constants: Readonly<Record<string, number>>): (value: number) => string {
  const byValue = new Map(Object.entries(constants).map(([name, value]) => [value, name.toLowerCase()]));
  return (value) => byValue.get(value) ?? `unknown_${value}`;
}

const kindName = names(KIND);
const stateName = names(BOOK_STATE);
const bookReasonName = names(BOOK_REASON);
const executionName = names(EXECUTION);
const liquidityName = names(LIQUIDITY);
const typeName = names(ORDER_TYPE);
const timeInForceName = names(TIME_IN_FORCE);

/** Decodes the record at `slot`; prices and quantities in the venue's own decimals. */
export function decodeRecord(i32: Int32Array, f64: Float64Array, slot: number, context: FormatContext): DecodedRecord {
  const word = slot * RECORD_WORDS;
  const double = slot * RECORD_DOUBLES;
  const kind = i32[word]! & KIND_MASK;
  const header = {
    kind: kindName(kind),
    tick: f64[double + D_TICK]!,
    symbol: context.instrument.symbol,
    local_ns: epochText(context, f64[double + D_RECV_TIME_NS]!),
    exchange_ns: epochText(context, f64[double + D_EXCHANGE_TIME_NS]!),
  };
  switch (kind) {
    case KIND.SIGNAL:
      return { ...header, ...decodeSignal(i32, word, context) };
    case KIND.ORDER:
    case KIND.CANCEL:
      return { ...header, ...decodeOrder(i32, f64, word, double, kind === KIND.CANCEL, context) };
    case KIND.EXECUTION:
      return {
        ...header,
        order_id: i32[word + EXECUTION_W_ORDER_ID]!,
        status: executionName(i32[word + EXECUTION_W_STATUS]!),
        price: price(context, i32[word + EXECUTION_W_PRICE_TICKS]!),
        last_qty: formatQty(context.instrument, f64[double + EXECUTION_D_LAST_LOTS]!),
        leaves_qty: formatQty(context.instrument, f64[double + EXECUTION_D_LEAVES_LOTS]!),
        liquidity: liquidityName(i32[word + EXECUTION_W_LIQUIDITY]!),
      };
    case KIND.BOOK_STATE:
      return {
        ...header,
        state: stateName(i32[word + BOOK_STATE_W_STATE]!),
        previous: stateName(i32[word + BOOK_STATE_W_PREVIOUS]!),
        reason: bookReasonName(i32[word + BOOK_STATE_W_REASON]!),
        update_id: f64[double + BOOK_STATE_D_UPDATE_ID]!,
      };
    case KIND.RISK_STATE:
      return { ...header, kill_level: i32[word + RISK_STATE_W_STATE]!, reason: context.reasonName(i32[word + RISK_STATE_W_REASON]!) };
    default:
      return header;
  }
}

/** One line for people: time, tick, kind, then what it says. */
export function formatRecord(record: DecodedRecord): string {
  const { kind, tick, local_ns, symbol, exchange_ns: _exchange, ...rest } = record;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${Array.isArray(value) ? value.join('/') : value}`);
  return `${local_ns}  ${String(tick).padStart(8)}  ${String(kind).padEnd(10)}  ${symbol}  ${fields.join(' ')}`;
}

function decodeSignal(i32: Int32Array, word: number, context: FormatContext): DecodedRecord {
  const outputs = new Float32Array(i32.buffer, i32.byteOffset + 4 * (word + SIGNAL_F32_OUTPUTS), SIGNAL_OUTPUTS);
  return {
    outputs: [...outputs],
    bid: price(context, i32[word + SIGNAL_W_BID_TICKS]!),
    ask: price(context, i32[word + SIGNAL_W_ASK_TICKS]!),
    position: formatQty(context.instrument, i32[word + SIGNAL_W_POSITION_LOTS]!),
    action: i32[word + SIGNAL_W_ACTION]!,
  };
}

function decodeOrder(
  i32: Int32Array,
  f64: Float64Array,
  word: number,
  double: number,
  cancel: boolean,
  context: FormatContext,
): DecodedRecord {
  const reason = i32[word + ORDER_W_REASON]!;
  const common = {
    order_id: i32[word + ORDER_W_ID]!,
    outcome: reason === 0 ? 'approved' : 'refused',
    reason: context.reasonName(reason),
    tag: i32[word + ORDER_W_TAG]!,
  };
  if (cancel) return common;
  const attributes = i32[word + ORDER_W_ATTRIBUTES]!;
  return {
    ...common,
    side: (attributes & ATTRIBUTE_SIDE_MASK) === 0 ? 'buy' : 'sell',
    type: typeName((attributes >> ATTRIBUTE_TYPE_SHIFT) & 7),
    time_in_force: timeInForceName((attributes >> ATTRIBUTE_TIF_SHIFT) & 7),
    reduce_only: (attributes & ATTRIBUTE_REDUCE_ONLY) !== 0,
    post_only: (attributes & ATTRIBUTE_POST_ONLY) !== 0,
    price: price(context, i32[word + ORDER_W_PRICE_TICKS]!),
    qty: formatQty(context.instrument, f64[double + ORDER_D_QTY_LOTS]!),
    reference: price(context, i32[word + ORDER_W_REFERENCE_TICKS]!),
  };
}

function price(context: FormatContext, ticks: number): string {
  return ticks === PRICE_NONE ? '' : formatPrice(context.instrument, ticks);
}

function epochText(context: FormatContext, timeNs: number): string {
  return (context.baseEpochNs + BigInt(Math.round(timeNs))).toString();
}
