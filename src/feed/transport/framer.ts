/** What `next` says when the bytes at hand hold no whole frame. */
export const FRAMER_MORE = -1;

/**
 * Where one frame ends and the next begins in a recorded file, and when it was received. One object a transport, asked
 * frame after frame; it allocates nothing. The fields speak of the frame that `next` found last.
 */
export interface Framer {
  /** Longest frame with everything around it, bytes; more without an end is an error. */
  readonly bytesMax: number;
  /** The frame is `block[start, end)`; empty when there is nothing to hand over. */
  readonly start: number;
  readonly end: number;
  /** Receive time, epoch seconds and nanoseconds. */
  readonly seconds: number;
  readonly nanos: number;
  /** A file begins. */
  begin(file: string): void;
  /**
   * Looks for the frame that begins at `from`; bytes are valid up to `to`. Returns where the frame after it begins, or
   * FRAMER_MORE. Asked again with the same `from` it finds the same. Throws a TickpathError that names file and place.
   */
  next(block: Uint8Array, from: number, to: number): number;
  /** As `next`, for the bytes that a file ends with: nothing follows them. */
  last(block: Uint8Array, from: number, to: number): number;
  /** A frame is longer than `bytesMax`. */
  tooLong(): never;
  /**
   * Present where the files hold what happened to the connection: CONNECTION of the event that stands in place of a frame
   * (`start` equals `end`), 0 for none. Without it a file begins connected.
   */
  readonly connection?: number;
  /** The file at hand was read to its end; told before the next one begins. */
  finish?(): void;
  /** What was odd about the files so far, a sentence each, though they could be read. */
  readonly warnings?: readonly string[];
}
