import { type DbnField, type DbnFields, type DbnKind, type DbnRecordName, FIELDS_V3, HEADER_FIELDS } from './fields.ts';
import { DEFINITION_V1, DEFINITION_V2, ERROR_V1, STATISTICS_V1, SYMBOL_MAPPING_V1, SYSTEM_V1 } from './fields-old.ts';
import { DBN_HEADER_BYTES, DBN_SHAPES, DBN_TS_OUT_BYTES, DBN_TYPE_AT, DBN_WORD_BYTES, versionOf } from './layout.ts';

/** Price and time that are not there; quantity of a statistic that is not there, in versions 1 and 2 and from 3 on. */
export const DBN_UNDEF_PRICE: bigint = 2n ** 63n - 1n;
export const DBN_UNDEF_TIME: bigint = 2n ** 64n - 1n;
const UNDEF_QUANTITY_V1 = 0x7fff_ffff;
const UNDEF_QUANTITY = 2n ** 63n - 1n;
const CODE_UNSET = 255;
const CODE_HEARTBEAT = 0;

/** 64-bit fields are bigints (prices in 1e-9, times in epoch ns), characters and texts strings, the rest numbers. */
export type DbnValue = number | bigint | string;
export interface DbnRecord {
  readonly name: DbnRecordName;
  /** Version whose layout the record had. */
  readonly version: number;
  /** By name; those that the version did not have are as Databento's own upgrade leaves them. */
  readonly fields: Readonly<Record<string, DbnValue>>;
}

const OLD: Readonly<Partial<Record<DbnRecordName, readonly [v1: DbnFields, v2?: DbnFields]>>> = {
  definition: [DEFINITION_V1, DEFINITION_V2],
  statistics: [STATISTICS_V1, STATISTICS_V1],
  symbolMapping: [SYMBOL_MAPPING_V1],
  error: [ERROR_V1],
  system: [SYSTEM_V1],
};

/** What upgrading puts into fields that an older record does not have (databento/dbn, rust/dbn/src/record/impl_default.rs). */
const DEFAULTS: Readonly<Partial<Record<DbnRecordName, Readonly<Record<string, DbnValue>>>>> = {
  definition: { leg_price: DBN_UNDEF_PRICE, leg_delta: DBN_UNDEF_PRICE, leg_instrument_class: '\0', leg_side: 'N' },
  symbolMapping: { stype_in: 255, stype_out: 255 },
  error: { code: CODE_UNSET, is_last: CODE_UNSET },
  system: { code: CODE_UNSET },
};

/**
 * The record in `bytes`, which hold exactly one, with the fields of version 3; undefined for a type that is not known, or a
 * length that its type never had. For tools and discovery, not for the path of a tick.
 */
export function readDbnRecord(bytes: Uint8Array): DbnRecord | undefined {
  const rtype = bytes[DBN_TYPE_AT];
  if (rtype === undefined || bytes.length < DBN_HEADER_BYTES || bytes[0]! * DBN_WORD_BYTES !== bytes.length) return undefined;
  const shape = DBN_SHAPES.get(rtype);
  const version = versionOf(rtype, bytes.length);
  if (shape === undefined || version === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const old = OLD[shape.name]?.[version - 1];
  const fields: Record<string, DbnValue> = {};
  for (const field of HEADER_FIELDS) fields[field[0]] = readField(view, field);
  if (old === undefined) {
    for (const field of FIELDS_V3[shape.name]) fields[field[0]] = readField(view, field);
  } else {
    const given = new Map(old.map((field) => [field[0], readField(view, field)]));
    for (const [name, kind] of FIELDS_V3[shape.name]) fields[name] = given.get(name) ?? DEFAULTS[shape.name]?.[name] ?? zeroOf(kind);
    widen(shape.name, fields);
  }
  if (bytes.length === shape.bytes[version - 1]! + DBN_TS_OUT_BYTES) fields['ts_out'] = readField(view, ['', 'time', bytes.length - 8]);
  return { name: shape.name, version, fields };
}

/** Values that grew wider, or that an older version said otherwise. */
function widen(name: DbnRecordName, fields: Record<string, DbnValue>): void {
  if (name === 'definition') fields['raw_instrument_id'] = BigInt(fields['raw_instrument_id']!);
  if (name === 'statistics') fields['quantity'] = fields['quantity'] === UNDEF_QUANTITY_V1 ? UNDEF_QUANTITY : BigInt(fields['quantity']!);
  if (name === 'system' && fields['msg'] === 'Heartbeat') fields['code'] = CODE_HEARTBEAT;
}

function zeroOf(kind: DbnKind): DbnValue {
  if (kind.startsWith('text')) return '';
  if (kind === 'char') return '\0';
  return kind === 'u64' || kind === 'i64' || kind === 'price' || kind === 'time' ? 0n : 0;
}

function readField(view: DataView, [, kind, at]: DbnField): DbnValue {
  switch (kind) {
    case 'u8':
      return view.getUint8(at);
    case 'i8':
      return view.getInt8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'i16':
      return view.getInt16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 'i32':
      return view.getInt32(at, true);
    case 'u64':
    case 'time':
      return view.getBigUint64(at, true);
    case 'i64':
    case 'price':
      return view.getBigInt64(at, true);
    case 'char':
      return String.fromCharCode(view.getUint8(at));
    default:
      return readText(view, at, Number(kind.slice('text'.length)));
  }
}

/** Text up to its first zero byte, or all of its room. */
export function readText(view: DataView, at: number, bytes: number): string {
  const room = new Uint8Array(view.buffer, view.byteOffset + at, bytes);
  const end = room.indexOf(0);
  return new TextDecoder().decode(room.subarray(0, end < 0 ? bytes : end));
}
