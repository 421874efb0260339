/**
 * A second decoder of ITCH 5.0, from its own table of the specification and with BigInt: slow, and right by inspection. One line a
 * type: length, then `name@offset:width`, `a` before the width of a text.
 */
const SPEC: Readonly<Record<string, string>> = {
  S: '12 event@11:a1',
  R: '39 stock@11:a8 marketCategory@19:a1 financialStatus@20:a1 roundLot@21:4 roundLotsOnly@25:a1 issueClass@26:a1 issueSubType@27:a2 authenticity@29:a1 shortSaleThreshold@30:a1 ipo@31:a1 luldTier@32:a1 etp@33:a1 etpLeverage@34:4 inverse@38:a1',
  H: '25 stock@11:a8 state@19:a1 reserved@20:a1 reason@21:a4',
  Y: '20 stock@11:a8 action@19:a1',
  L: '26 mpid@11:a4 stock@15:a8 primary@23:a1 mode@24:a1 state@25:a1',
  V: '35 level1@11:8 level2@19:8 level3@27:8',
  W: '12 level@11:a1',
  K: '28 stock@11:a8 releaseTime@19:4 qualifier@23:a1 price@24:4',
  J: '35 stock@11:a8 reference@19:4 upper@23:4 lower@27:4 extension@31:4',
  h: '21 stock@11:a8 market@19:a1 action@20:a1',
  A: '36 ref@11:8 side@19:a1 shares@20:4 stock@24:a8 price@32:4',
  F: '40 ref@11:8 side@19:a1 shares@20:4 stock@24:a8 price@32:4 mpid@36:a4',
  E: '31 ref@11:8 shares@19:4 match@23:8',
  C: '36 ref@11:8 shares@19:4 match@23:8 printable@31:a1 price@32:4',
  X: '23 ref@11:8 shares@19:4',
  D: '19 ref@11:8',
  U: '35 ref@11:8 newRef@19:8 shares@27:4 price@31:4',
  P: '44 ref@11:8 side@19:a1 shares@20:4 stock@24:a8 price@32:4 match@36:8',
  Q: '40 shares@11:8 stock@19:a8 price@27:4 match@31:8 crossType@39:a1',
  B: '19 match@11:8',
  I: '50 paired@11:8 imbalance@19:8 direction@27:a1 stock@28:a8 farPrice@36:4 nearPrice@40:4 referencePrice@44:4 crossType@48:a1 variation@49:a1',
  N: '20 stock@11:a8 interest@19:a1',
  O: '48 stock@11:a8 openEligible@19:a1 minimumPrice@20:4 maximumPrice@24:4 nearPrice@28:4 nearTime@32:8 lowerCollar@40:4 upperCollar@44:4',
};

export interface NaiveItch {
  readonly type: string;
  readonly locate: number;
  readonly tracking: number;
  readonly timeNs: number;
  /** Fields in order; numbers as bigint. */
  readonly fields: ReadonlyMap<string, bigint | string>;
}

interface NaiveLayout {
  readonly bytes: number;
  readonly fields: readonly { name: string; at: number; bytes: number; text: boolean }[];
}

const LAYOUTS = new Map<string, NaiveLayout>(
  Object.entries(SPEC).map(([type, line]) => {
    const [bytes, ...fields] = line.split(' ');
    return [
      type,
      {
        bytes: Number(bytes),
        fields: fields.map((field) => {
          const [, name, at, text, width] = /^(\w+)@(\d+):(a?)(\d)$/.exec(field)!;
          return { name: name!, at: Number(at), bytes: Number(width), text: text === 'a' };
        }),
      },
    ];
  }),
);

export const NAIVE_TYPES: readonly string[] = [...LAYOUTS.keys()];

export function naiveLength(type: string): number {
  return LAYOUTS.get(type)!.bytes;
}

/** Names of a type's fields with their places. */
export function naiveFields(type: string): readonly { name: string; at: number; bytes: number; text: boolean }[] {
  return LAYOUTS.get(type)!.fields;
}

const uint = (bytes: Uint8Array, at: number, width: number): bigint => {
  let value = 0n;
  for (let i = 0; i < width; i++) value = (value << 8n) | BigInt(bytes[at + i]!);
  return value;
};
const SAFE = 2n ** 53n;
const PRICE_MAX = 2n ** 31n - 1n;

/** The message, or the name of the status (of ITCH) that it is refused with. */
export function naiveItch(bytes: Uint8Array): NaiveItch | string {
  if (bytes.length === 0) return 'BAD_LENGTH';
  const type = String.fromCharCode(bytes[0]!);
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return 'UNKNOWN_TYPE';
  if (bytes.length !== layout.bytes) return 'BAD_LENGTH';
  const timeNs = uint(bytes, 5, 6);
  if (timeNs >= 86_400n * 10n ** 9n) return 'TIME_RANGE';
  const fields = new Map<string, bigint | string>();
  for (const { name, at, bytes: width, text } of layout.fields) {
    if (text) fields.set(name, [...bytes.subarray(at, at + width)].map((byte) => String.fromCharCode(byte)).join(''));
    else fields.set(name, uint(bytes, at, width));
  }
  const fault = faultOf(type, fields);
  if (fault !== undefined) return fault;
  return { type, locate: Number(uint(bytes, 1, 2)), tracking: Number(uint(bytes, 3, 2)), timeNs: Number(timeNs), fields };
}

/** The first rule that the fields break. */
function faultOf(type: string, fields: ReadonlyMap<string, bigint | string>): string | undefined {
  if ('AFP'.includes(type) && !['B', 'S'].includes(fields.get('side') as string)) return 'BAD_SIDE';
  if ('AFPU'.includes(type)) {
    if (fields.get('shares') === 0n) return 'QTY_ZERO';
    const price = fields.get('price') as bigint;
    if (price === 0n || price > PRICE_MAX) return 'PRICE_RANGE';
  }
  if (type === 'Q' && (fields.get('shares') as bigint) >= SAFE) return 'NUMBER_RANGE';
  if (type === 'Q' && (fields.get('price') as bigint) > PRICE_MAX) return 'PRICE_RANGE';
  for (const [name, value] of fields)
    if (typeof value === 'bigint' && name !== 'ref' && name !== 'newRef' && value >= SAFE) return 'NUMBER_RANGE';
  if (type === 'C' && !['Y', 'N'].includes(fields.get('printable') as string)) return 'BAD_PRINTABLE';
  if (type === 'C' && (fields.get('price') as bigint) > PRICE_MAX) return 'PRICE_RANGE';
  return undefined;
}
