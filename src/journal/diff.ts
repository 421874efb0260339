import { createHash } from 'node:crypto';
import { RECORD_BYTES } from '../core/records/layout.ts';
import { type JournalBlock, JournalReader, type TornTail } from './reader.ts';

/** The records of a journal one by one, whatever blocks they lie in. */
export class RecordCursor {
  private readonly reader: JournalReader;
  private readonly blocks: Generator<JournalBlock>;
  private block: Extract<JournalBlock, { kind: 'records' }> | undefined;
  /** Place of the record at hand in its block. */
  slot = -1;

  constructor(folder: string) {
    this.reader = new JournalReader(folder);
    this.blocks = this.reader.read();
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    this.slot++;
    while (this.block === undefined || this.slot >= this.block.count) {
      const step = this.blocks.next();
      if (step.done === true) return false;
      if (step.value.kind !== 'records') continue;
      this.block = step.value;
      this.slot = 0;
    }
    return true;
  }

  /** What a crash left of an unfinished block; known once `next` returned false. */
  get torn(): TornTail | undefined {
    return this.reader.torn;
  }

  get i32(): Int32Array {
    return this.block!.i32;
  }

  get f64(): Float64Array {
    return this.block!.f64;
  }

  get bytes(): Uint8Array {
    return this.block!.bytes.subarray(this.slot * RECORD_BYTES, (this.slot + 1) * RECORD_BYTES);
  }
}

export type JournalDiff =
  | { readonly equal: true; readonly records: number; readonly sha256: string }
  | { readonly equal: false; readonly index: number; readonly a: RecordCursor | undefined; readonly b: RecordCursor | undefined };

/** Compares the records of two journals; stops at the first that differs, with a cursor on it in each that has one. */
export function diffJournals(folderA: string, folderB: string): JournalDiff {
  const a = new RecordCursor(folderA);
  const b = new RecordCursor(folderB);
  const hash = createHash('sha256');
  for (let index = 0; ; index++) {
    const hasA = a.next();
    const hasB = b.next();
    if (!hasA && !hasB) return { equal: true, records: index, sha256: hash.digest('hex') };
    if (hasA !== hasB || Buffer.compare(a.bytes, b.bytes) !== 0) {
      return { equal: false, index, a: hasA ? a : undefined, b: hasB ? b : undefined };
    }
    hash.update(a.bytes);
  }
}
