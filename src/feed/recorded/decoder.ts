import type { RecordMessage } from './message.hot.ts';

/** Turns the frames of a recorded format into messages, in an object that it rewrites. Allocates nothing. */
export interface RecordDecoder {
  readonly message: RecordMessage;
  /** Decodes the frame `bytes[start, end)`; RECORD. Of a refused one the message names instrument and kind where they are known. */
  decode(bytes: Uint8Array, start: number, end: number): number;
}
