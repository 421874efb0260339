import { type TardisColumns, tardisColumns } from './columns.ts';

/** The columns of the header in `bytes[start, end)`, once a file. */
export function readHeader(bytes: Uint8Array, start: number, end: number): TardisColumns | undefined {
  return tardisColumns(new TextDecoder().decode(bytes.subarray(start, end)).trimEnd());
}
