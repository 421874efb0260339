/** Field numbers of ModelProto and GraphProto (onnx.proto). */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const WIRE = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const;

/**
 * Nodes and initializers of a model file, counted on the wire without decoding them, so that a file of a million nodes costs
 * a walk over its bytes and no objects. Undefined when the bytes are no protobuf message.
 */
export function countParts(bytes: Uint8Array): number | undefined {
  let parts = 0;
  const inGraph = (field: number): boolean => {
    if (field === GRAPH_NODE || field === GRAPH_INITIALIZER) parts++;
    return true;
  };
  const inModel = (field: number, from: number, to: number): boolean => field !== MODEL_GRAPH || walk(bytes, from, to, inGraph);
  return walk(bytes, 0, bytes.length, inModel) ? parts : undefined;
}

/** Calls `visit` for each length-delimited field between two offsets; false when the bytes are malformed or `visit` says so. */
function walk(bytes: Uint8Array, from: number, to: number, visit: (field: number, from: number, to: number) => boolean): boolean {
  const cursor = { at: from };
  while (cursor.at < to) {
    const key = varint(bytes, cursor, to);
    if (key === undefined) return false;
    const wire = key & 7;
    let length = wire === WIRE.FIXED64 ? 8 : 4;
    if (wire === WIRE.VARINT) {
      if (varint(bytes, cursor, to) === undefined) return false;
      length = 0;
    } else if (wire === WIRE.BYTES) {
      const given = varint(bytes, cursor, to);
      if (given === undefined) return false;
      length = given;
    } else if (wire !== WIRE.FIXED64 && wire !== WIRE.FIXED32) return false;
    if (length > to - cursor.at) return false;
    if (wire === WIRE.BYTES && !visit(Math.floor(key / 8), cursor.at, cursor.at + length)) return false;
    cursor.at += length;
  }
  return true;
}

/** A varint as a number; large ones lose low bits, which no field number or possible length has. */
function varint(bytes: Uint8Array, cursor: { at: number }, to: number): number | undefined {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10 && cursor.at < to; i++) {
    const byte = bytes[cursor.at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  return undefined;
}
