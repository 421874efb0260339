import { type LocalType, MEMORY, SCALAR, TYPE, V128 } from './opcodes.ts';

/**
 * A small assembler for WebAssembly modules: what the model compiler needs of the core specification 2.0, sections 5.3 to
 * 5.5 (https://webassembly.github.io/spec/core/binary/), and of its vector instructions.
 */
const SECTION = { TYPE: 1, IMPORT: 2, FUNCTION: 3, EXPORT: 7, CODE: 10 } as const;
const PREFIX_VECTOR = 0xfd;

/** An address: `offset` alone, or behind the i32 in a local. */
export interface Pointer {
  readonly local?: number;
  readonly offset: number;
}

/** Alignment hints (log2 bytes); addresses may be less aligned, hints have no meaning but speed. */
const ALIGN = { 1: 0, 2: 1, 4: 2, 8: 3, 16: 4 } as const;
type Bytes = keyof typeof ALIGN;

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

/** The body of one function `() -> ()`. Methods append instructions and return the body. */
export class FunctionBody {
  private readonly code: number[] = [];
  private readonly locals: LocalType[] = [];

  /** Bytes of code so far. */
  get size(): number {
    return this.code.length;
  }

  /** Index of a new local. */
  local(type: LocalType = 'V128'): number {
    return this.locals.push(type) - 1;
  }

  get(local: number): this {
    this.code.push(0x20, ...leb(local));
    return this;
  }

  set(local: number): this {
    this.code.push(0x21, ...leb(local));
    return this;
  }

  tee(local: number): this {
    this.code.push(0x22, ...leb(local));
    return this;
  }

  int(value: number): this {
    this.code.push(0x41, ...sleb(value));
    return this;
  }

  float(value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.code.push(0x43, ...bytes);
    return this;
  }

  /** A one-byte instruction of SCALAR. */
  scalar(instruction: number): this {
    this.code.push(instruction);
    return this;
  }

  /** A vector instruction without immediates. */
  op(instruction: number): this {
    this.code.push(PREFIX_VECTOR, ...leb(instruction));
    return this;
  }

  /** A vector instruction with a lane. */
  lane(instruction: number, lane: number): this {
    this.code.push(PREFIX_VECTOR, ...leb(instruction), lane);
    return this;
  }

  /** i8x16.shuffle: byte `i` of the result is byte `order[i]` of the two operands side by side. */
  shuffle(order: readonly number[]): this {
    this.code.push(PREFIX_VECTOR, V128.SHUFFLE, ...order);
    return this;
  }

  /** v128.load. */
  load(from: Pointer, offset = 0): this {
    return this.vector(V128.LOAD, 16, from, offset);
  }

  /** v128.load32_splat. */
  loadSplat32(from: Pointer, offset = 0): this {
    return this.vector(V128.LOAD32_SPLAT, 4, from, offset);
  }

  /** A vector load of `bytes` from memory. */
  vector(instruction: number, bytes: Bytes, from: Pointer, offset = 0): this {
    this.address(from).code.push(PREFIX_VECTOR, ...leb(instruction), ALIGN[bytes], ...leb(from.offset + offset));
    return this;
  }

  /** Stores the vector in `local`. */
  store(to: Pointer, offset: number, local: number): this {
    this.address(to)
      .get(local)
      .code.push(PREFIX_VECTOR, V128.STORE, ALIGN[16], ...leb(to.offset + offset));
    return this;
  }

  /** Stores one lane of the vector in `local`: a STOREn_LANE instruction of `bytes`. */
  storeLane(instruction: number, bytes: Bytes, to: Pointer, offset: number, local: number, lane: number): this {
    this.address(to)
      .get(local)
      .code.push(PREFIX_VECTOR, ...leb(instruction), ALIGN[bytes], ...leb(to.offset + offset), lane);
    return this;
  }

  /** Pushes the address of a pointer, to be followed by a scalar store or load with its offset. */
  address(pointer: Pointer): this {
    return pointer.local === undefined ? this.int(0) : this.get(pointer.local);
  }

  /** A scalar load or store of MEMORY; for a store the address and the value are on the stack. */
  memory(instruction: number, bytes: Bytes, offset: number): this {
    this.code.push(instruction, ALIGN[bytes], ...leb(offset));
    return this;
  }

  loadFloat(from: Pointer, offset = 0): this {
    return this.address(from).memory(MEMORY.F32_LOAD, 4, from.offset + offset);
  }

  loadInt16(from: Pointer, offset = 0): this {
    return this.address(from).memory(MEMORY.I32_LOAD16_S, 2, from.offset + offset);
  }

  /** Makes `local` the address that `pointer` stands for. */
  setAddress(local: number, pointer: Pointer): this {
    if (pointer.local === undefined) return this.int(pointer.offset).set(local);
    this.get(pointer.local);
    if (pointer.offset !== 0) this.int(pointer.offset).scalar(SCALAR.I32_ADD);
    return this.set(local);
  }

  advance(local: number, bytes: number): this {
    return bytes === 0 ? this : this.get(local).int(bytes).scalar(SCALAR.I32_ADD).set(local);
  }

  /** Runs `emit` once and again while the address in `local` is below `end`, a constant or an i32 local. */
  loopWhileBelow(local: number, end: number | { readonly local: number }, emit: () => void): this {
    this.code.push(0x03, 0x40);
    emit();
    this.get(local);
    if (typeof end === 'number') this.int(end);
    else this.get(end.local);
    this.code.push(SCALAR.I32_LT_U, 0x0d, 0x00, 0x0b);
    return this;
  }

  call(index: number): this {
    this.code.push(0x10, ...leb(index));
    return this;
  }

  /** Bytes of the code section's entry. */
  entry(): number[] {
    const groups: number[][] = [];
    for (let from = 0; from < this.locals.length; ) {
      let to = from;
      while (to < this.locals.length && this.locals[to] === this.locals[from]) to++;
      groups.push([...leb(to - from), TYPE[this.locals[from]!]]);
      from = to;
    }
    const locals = [...leb(groups.length), ...groups.flat()];
    return [...leb(locals.length + this.code.length + 1), ...locals, ...this.code, 0x0b];
  }
}

/** A module that imports the shared memory `env.memory` and holds functions `() -> ()`; the last is exported as `run`. */
export function assembleModule(bodies: readonly FunctionBody[]): Uint8Array {
  const sharedWithMaximum = 0x03;
  const pagesMax = 65_536;
  const sections = [
    section(SECTION.TYPE, [[0x60, 0x00, 0x00]]),
    section(SECTION.IMPORT, [[...text('env'), ...text('memory'), 0x02, sharedWithMaximum, ...leb(1), ...leb(pagesMax)]]),
    section(
      SECTION.FUNCTION,
      bodies.map(() => [0x00]),
    ),
    section(SECTION.EXPORT, [[...text('run'), 0x00, ...leb(bodies.length - 1)]]),
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
