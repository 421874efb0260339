/**
 * A small assembler for WebAssembly modules: what the model compiler needs of the core specification 2.0, sections 5.3 to
 * 5.5 (https://webassembly.github.io/spec/core/binary/), and of its vector instructions.
 */
const SECTION = { TYPE: 1, IMPORT: 2, FUNCTION: 3, EXPORT: 7, CODE: 10 } as const;
const PREFIX_VECTOR = 0xfd;
const TYPE_I32 = 0x7f;
const TYPE_V128 = 0x7b;

/** Vector instructions by their number behind the 0xfd prefix. */
export const V128 = {
  LOAD: 0,
  LOAD32_SPLAT: 9,
  STORE: 11,
  I16X8_NARROW_I32X4_S: 0x85,
  I32X4_ADD: 0xae,
  I32X4_SUB: 0xb1,
  I32X4_DOT_I16X8_S: 0xba,
  F32X4_ADD: 0xe4,
  F32X4_SUB: 0xe5,
  F32X4_MUL: 0xe6,
  F32X4_DIV: 0xe7,
  F32X4_PMIN: 0xea,
  F32X4_PMAX: 0xeb,
  F32X4_CONVERT_I32X4_S: 0xfa,
} as const;

/** Alignment hints (log2 bytes): every address the compiler uses is a multiple of 16 (4 for a splat). */
const ALIGN_16 = 4;
const ALIGN_4 = 2;

/** The i32 locals of a function: addresses of the activations and weights a loop stands at. */
export const ADDRESS = { ACTIVATIONS: 0, WEIGHTS: 1 } as const;
export type AddressLocal = (typeof ADDRESS)[keyof typeof ADDRESS];
const ADDRESS_LOCALS = 2;

/** Signed LEB128 of an int32. */
function sleb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** The body of one function `() -> ()`: two i32 locals for the addresses of a loop, the others v128. */
export class FunctionBody {
  private readonly code: number[] = [];
  private vectors = 0;

  /** Index of a new v128 local. */
  local(): number {
    return ADDRESS_LOCALS + this.vectors++;
  }

  get(local: number): this {
    this.code.push(0x20, ...leb(local));
    return this;
  }

  set(local: number): this {
    this.code.push(0x21, ...leb(local));
    return this;
  }

  /** v128.load at a constant address, 16-byte aligned. */
  load(address: number): this {
    this.code.push(0x41, 0x00);
    return this.memory(V128.LOAD, ALIGN_16, address);
  }

  /** v128.load32_splat at a constant address, 4-byte aligned. */
  loadSplat32(address: number): this {
    this.code.push(0x41, 0x00);
    return this.memory(V128.LOAD32_SPLAT, ALIGN_4, address);
  }

  /** v128.load at `offset` behind the address in an i32 local. */
  loadAt(address: AddressLocal, offset: number): this {
    return this.get(address).memory(V128.LOAD, ALIGN_16, offset);
  }

  loadSplat32At(address: AddressLocal, offset: number): this {
    return this.get(address).memory(V128.LOAD32_SPLAT, ALIGN_4, offset);
  }

  setAddress(local: AddressLocal, address: number): this {
    this.code.push(0x41, ...sleb(address));
    return this.set(local);
  }

  addToAddress(local: AddressLocal, bytes: number): this {
    this.get(local);
    this.code.push(0x41, ...sleb(bytes), 0x6a);
    return this.set(local);
  }

  /** Runs `emit` once and again while the address in `local` is below `end`. */
  loopWhileBelow(local: AddressLocal, end: number, emit: () => void): this {
    this.code.push(0x03, 0x40);
    emit();
    this.get(local);
    this.code.push(0x41, ...sleb(end), 0x49, 0x0d, 0x00, 0x0b);
    return this;
  }

  /** Stores `local` at a constant address, 16-byte aligned. */
  store(address: number, local: number): this {
    this.code.push(0x41, 0x00);
    return this.get(local).memory(V128.STORE, ALIGN_16, address);
  }

  /** A vector instruction without immediates. */
  op(instruction: number): this {
    this.code.push(PREFIX_VECTOR, ...leb(instruction));
    return this;
  }

  /** Bytes of the code section's entry. */
  entry(): number[] {
    const locals = [2, ADDRESS_LOCALS, TYPE_I32, ...leb(this.vectors), TYPE_V128];
    const body = [...locals, ...this.code, 0x0b];
    return [...leb(body.length), ...body];
  }

  private memory(instruction: number, align: number, offset: number): this {
    this.code.push(PREFIX_VECTOR, ...leb(instruction), align, ...leb(offset));
    return this;
  }
}

/** A module that imports the shared memory `env.memory` and exports the functions by name, each `() -> ()`. */
export function assembleModule(functions: ReadonlyMap<string, FunctionBody>): Uint8Array {
  const names = [...functions.keys()];
  const bodies = [...functions.values()];
  const sharedWithMaximum = 0x03;
  const pagesMax = 65_536;
  const sections = [
    section(SECTION.TYPE, [[0x60, 0x00, 0x00]]),
    section(SECTION.IMPORT, [[...text('env'), ...text('memory'), 0x02, sharedWithMaximum, ...leb(1), ...leb(pagesMax)]]),
    section(
      SECTION.FUNCTION,
      names.map(() => [0x00]),
    ),
    section(
      SECTION.EXPORT,
      names.map((name, index) => [...text(name), 0x00, ...leb(index)]),
    ),
    section(
      SECTION.CODE,
      bodies.map((body) => body.entry()),
    ),
  ];
  const bytes: number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  for (const part of sections) for (const byte of part) bytes.push(byte);
  return Uint8Array.from(bytes);
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...leb(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content: number[] = [...leb(items.length)];
  for (const item of items) for (const byte of item) content.push(byte);
  return [id, ...leb(content.length), ...content];
}
