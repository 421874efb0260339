/**
 * Nasdaq TotalView-ITCH 5.0, "Message Formats": every message's fields by byte. All integers are big-endian and unsigned;
 * `alpha` is ASCII, left-justified, padded with spaces. Each message begins with the same eleven bytes:
 *
 *   0 a1 type   1 u16 stock locate   3 u16 tracking number   5 u48 nanoseconds since midnight, New York
 *
 * Prices have 4 decimals, the levels of V eight.
 */
export interface ItchField {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  readonly alpha: boolean;
}

export interface ItchLayout {
  readonly type: string;
  readonly name: string;
  /** Length of the whole message. */
  readonly bytes: number;
  /** Fields after the common eleven bytes, in order. */
  readonly fields: readonly ItchField[];
}

export const ITCH_HEADER_BYTES = 11;
/** Offsets of the common header. */
export const H_LOCATE = 1;
export const H_TRACKING = 3;
export const H_TIME = 5;

/** `spec`: name and width of each field, `a` before the width of a text. */
function layout(type: string, name: string, spec: string): ItchLayout {
  let at = ITCH_HEADER_BYTES;
  const fields = spec.split(' ').map((word): ItchField => {
    const [, field, alpha, width] = /^([A-Za-z0-9]+):(a?)([1-8])$/.exec(word)!;
    const bytes = width!.charCodeAt(0) - 48;
    const one = { name: field!, at, bytes, alpha: alpha === 'a' };
    at += bytes;
    return one;
  });
  return { type, name, bytes: at, fields };
}

export const ITCH_LAYOUTS: readonly ItchLayout[] = [
  layout('S', 'system_event', 'event:a1'),
  layout(
    'R',
    'stock_directory',
    'stock:a8 marketCategory:a1 financialStatus:a1 roundLot:4 roundLotsOnly:a1 issueClass:a1 issueSubType:a2 authenticity:a1 ' +
      'shortSaleThreshold:a1 ipo:a1 luldTier:a1 etp:a1 etpLeverage:4 inverse:a1',
  ),
  layout('H', 'trading_action', 'stock:a8 state:a1 reserved:a1 reason:a4'),
  layout('Y', 'reg_sho_restriction', 'stock:a8 action:a1'),
  layout('L', 'participant_position', 'mpid:a4 stock:a8 primary:a1 mode:a1 state:a1'),
  layout('V', 'mwcb_levels', 'level1:8 level2:8 level3:8'),
  layout('W', 'mwcb_status', 'level:a1'),
  layout('K', 'ipo_quoting_period', 'stock:a8 releaseTime:4 qualifier:a1 price:4'),
  layout('J', 'luld_auction_collar', 'stock:a8 reference:4 upper:4 lower:4 extension:4'),
  layout('h', 'operational_halt', 'stock:a8 market:a1 action:a1'),
  layout('A', 'add_order', 'ref:8 side:a1 shares:4 stock:a8 price:4'),
  layout('F', 'add_order_mpid', 'ref:8 side:a1 shares:4 stock:a8 price:4 mpid:a4'),
  layout('E', 'order_executed', 'ref:8 shares:4 match:8'),
  layout('C', 'order_executed_with_price', 'ref:8 shares:4 match:8 printable:a1 price:4'),
  layout('X', 'order_cancel', 'ref:8 shares:4'),
  layout('D', 'order_delete', 'ref:8'),
  layout('U', 'order_replace', 'ref:8 newRef:8 shares:4 price:4'),
  layout('P', 'trade', 'ref:8 side:a1 shares:4 stock:a8 price:4 match:8'),
  layout('Q', 'cross_trade', 'shares:8 stock:a8 price:4 match:8 crossType:a1'),
  layout('B', 'broken_trade', 'match:8'),
  layout(
    'I',
    'net_order_imbalance',
    'paired:8 imbalance:8 direction:a1 stock:a8 farPrice:4 nearPrice:4 referencePrice:4 crossType:a1 variation:a1',
  ),
  layout('N', 'retail_interest', 'stock:a8 interest:a1'),
  layout(
    'O',
    'direct_listing_price_discovery',
    'stock:a8 openEligible:a1 minimumPrice:4 maximumPrice:4 nearPrice:4 nearTime:8 lowerCollar:4 upperCollar:4',
  ),
];

/** Fields of the message that has most. */
export const ITCH_FIELDS_MAX: number = Math.max(...ITCH_LAYOUTS.map((one) => one.fields.length));
export const ITCH_BYTES_MAX: number = Math.max(...ITCH_LAYOUTS.map((one) => one.bytes));

/** Index into ITCH_LAYOUTS by the type's byte, -1 for a byte that is no type. */
export const ITCH_INDEX: Int8Array = new Int8Array(256).fill(-1);
/** Message length by the type's byte, 0 for a byte that is no type. */
export const ITCH_LENGTH: Uint8Array = new Uint8Array(256);
ITCH_LAYOUTS.forEach((one, index) => {
  ITCH_INDEX[one.type.charCodeAt(0)] = index;
  ITCH_LENGTH[one.type.charCodeAt(0)] = one.bytes;
});

/** Types as bytes, by what they are called in the specification. */
export const TYPE = {
  SYSTEM_EVENT: 83,
  STOCK_DIRECTORY: 82,
  TRADING_ACTION: 72,
  OPERATIONAL_HALT: 104,
  ADD: 65,
  ADD_MPID: 70,
  EXECUTED: 69,
  EXECUTED_WITH_PRICE: 67,
  CANCEL: 88,
  DELETE: 68,
  REPLACE: 85,
  TRADE: 80,
  CROSS_TRADE: 81,
} as const;
