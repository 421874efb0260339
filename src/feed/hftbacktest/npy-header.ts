import { EXIT, TickpathError } from '../../core/errors.ts';
import { NPY_HEADER_BYTES_MAX } from '../../core/limits.ts';
import { EVENT_BYTES, EVENT_FIELDS } from './layout.ts';
import { type PythonValue, readPythonLiteral } from './python-literal.ts';

/**
 * The head of a .npy file (numpy/lib/format.py): magic, version, length of the text (2 bytes in version 1, else 4), and the
 * text: a Python dictionary of `descr`, `fortran_order` and `shape`, padded with spaces to a multiple of 64 bytes.
 */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const VERSION_AT = MAGIC.length;
const LENGTH_AT = VERSION_AT + 2;
const ALIGNMENT = 64;
const SHOWN_CHARACTERS = 100;
/** Bytes of magic, version and length of any version. */
export const NPY_PRELUDE_BYTES = LENGTH_AT + 4;

/** What stands where in an array of events. */
export interface NpyHead {
  /** Bytes before the first event. */
  readonly bytes: number;
  readonly rows: number;
}

/** Bytes of the whole head, told by its first NPY_PRELUDE_BYTES. Throws ERR_NPY. */
export function npyHeadBytes(file: string, bytes: Uint8Array): number {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw bad(file, 'no NumPy array (its first bytes are not those of .npy)');
  const major = bytes[VERSION_AT]!;
  const minor = bytes[VERSION_AT + 1]!;
  if (major < 1 || major > 3 || minor !== 0) throw bad(file, `.npy version ${major}.${minor}; expected 1.0, 2.0 or 3.0`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textAt = LENGTH_AT + (major === 1 ? 2 : 4);
  const text = major === 1 ? view.getUint16(LENGTH_AT, true) : view.getUint32(LENGTH_AT, true);
  if (text > NPY_HEADER_BYTES_MAX) {
    throw bad(file, `a header of ${text} bytes; expected at most ${NPY_HEADER_BYTES_MAX} (NPY_HEADER_BYTES_MAX)`);
  }
  return textAt + text;
}

/** The head of an array of events in `bytes`, which hold all of it (`npyHeadBytes`). Throws ERR_NPY naming what is wrong. */
export function readNpyHead(file: string, bytes: Uint8Array): NpyHead {
  const textAt = LENGTH_AT + (bytes[VERSION_AT] === 1 ? 2 : 4);
  const text = new TextDecoder(bytes[VERSION_AT] === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(textAt));
  const head = dictionaryOf(file, text);
  checkFields(file, head.get('descr'));
  const order = head.get('fortran_order');
  if (order !== false) throw bad(file, `fortran_order is ${shown(order)}; expected False`);
  const shape = head.get('shape');
  const rows = isList(shape) && shape.tuple && shape.items.length === 1 ? shape.items[0] : undefined;
  if (typeof rows !== 'number') throw bad(file, `shape is ${shown(shape)}; expected one dimension, as in (1000,)`);
  if (rows > Number.MAX_SAFE_INTEGER / EVENT_BYTES) throw bad(file, `shape of ${rows} rows; expected at most 2^53 - 1 bytes of them`);
  return { bytes: bytes.length, rows };
}

/** The head of an array of `rows` events, as NumPy writes it. */
export function npyHead(rows: number): Uint8Array {
  const fields = EVENT_FIELDS.map(([name, type]) => `('${name}', '${type}')`).join(', ');
  const text = `{'descr': [${fields}], 'fortran_order': False, 'shape': (${rows},), }`;
  const bytes = ALIGNMENT * Math.ceil((LENGTH_AT + 2 + text.length + 1) / ALIGNMENT);
  const head = new Uint8Array(bytes).fill(0x20);
  head.set(MAGIC);
  head.set([1, 0], VERSION_AT);
  new DataView(head.buffer).setUint16(LENGTH_AT, bytes - LENGTH_AT - 2, true);
  head.set(new TextEncoder().encode(text), LENGTH_AT + 2);
  head[bytes - 1] = 0x0a;
  return head;
}

function dictionaryOf(file: string, text: string): ReadonlyMap<string, PythonValue> {
  let value: PythonValue;
  try {
    value = readPythonLiteral(text);
  } catch (error) {
    throw bad(file, `its header cannot be read: ${(error as SyntaxError).message}`);
  }
  if (!(value instanceof Map)) throw bad(file, 'its header is no dictionary');
  const head = value as ReadonlyMap<string, PythonValue>;
  const keys = [...head.keys()].sort().join(', ');
  if (keys !== 'descr, fortran_order, shape') throw bad(file, `its header has the keys ${keys}; expected descr, fortran_order and shape`);
  return head;
}

function checkFields(file: string, descr: PythonValue | undefined): void {
  const expected = `expected that of hftbacktest events: ${EVENT_FIELDS.map(([name, type]) => `${name} ${type}`).join(', ')}`;
  if (!isList(descr) || descr.tuple) throw bad(file, `its dtype is ${shown(descr)}; ${expected}`);
  const fields = descr.items.map((one) => (isList(one) && one.tuple && one.items.length === 2 ? one.items : undefined));
  EVENT_FIELDS.forEach(([name, type], i) => {
    const found = fields[i];
    if (found?.[0] === name && found[1] === type) return;
    throw bad(file, `field ${i + 1} of its dtype is ${shown(descr.items[i])}; ${expected}`);
  });
  if (fields.length > EVENT_FIELDS.length) throw bad(file, `its dtype has ${fields.length} fields; ${expected}`);
}

function isList(value: PythonValue | undefined): value is Extract<PythonValue, { readonly tuple: boolean }> {
  return typeof value === 'object' && value !== null && 'tuple' in value;
}

/** A value as in the header, cut off when it is long. */
function shown(value: PythonValue | undefined): string {
  const text = textOf(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function textOf(value: PythonValue | undefined): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'string') return `'${value}'`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return `${value}`;
  if (!isList(value)) return 'a dictionary';
  const items = value.items.map(textOf).join(', ');
  if (!value.tuple) return `[${items}]`;
  return value.items.length === 1 ? `(${items},)` : `(${items})`;
}

function bad(file: string, what: string): TickpathError {
  return new TickpathError('ERR_NPY', `${file}: ${what}`, EXIT.DATA);
}
