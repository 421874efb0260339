import type { L2Message } from './message.hot.ts';

/** Turns a venue's frames into messages, one after another, in an object that it rewrites. Allocates nothing. */
export interface L2Decoder {
  readonly message: L2Message;
  /** Decodes the first message of the frame `bytes[start, end)`; DECODE. */
  decode(bytes: Uint8Array, start: number, end: number): number;
  /** 1 while the frame holds another message; `next` decodes it, refused ones included. */
  readonly more: number;
  next(): number;
}
