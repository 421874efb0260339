import type { Instrument } from '../../src/core/instrument.ts';
import { ManualClock } from '../../src/core/time.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import type { Framer } from '../../src/feed/transport/framer.ts';

/** Decoders may look at bytes beyond a frame without a bound check, as transports allow them to. */
const SLACK_BYTES = 64;

/** Frames one after the other in one block of memory, and each of them as the string that `JSON.parse` takes. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly texts: readonly string[];
}

/** Frames of one venue, what they are about, and where they come from. */
export interface Recording {
  readonly instruments: readonly Instrument[];
  readonly frames: readonly Uint8Array[];
}

/** The first `limit` frames of files, through the product's own transport. */
export async function readFrames(files: readonly string[], framer: Framer, baseEpochNs: bigint, limit: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const transport = new FileTransport({ files, clock: new ManualClock(), baseEpochNs, framer });
  await transport.run({
    onFrame: (bytes, start, end) => {
      if (frames.length < limit) frames.push(bytes.slice(start, end));
      if (frames.length >= limit) transport.stop();
    },
    onConnection: () => {},
  });
  return frames;
}

export function packFrames(frames: readonly Uint8Array[]): Frames {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, SLACK_BYTES));
  const starts = new Int32Array(frames.length);
  const ends = new Int32Array(frames.length);
  let at = 0;
  for (const [i, frame] of frames.entries()) {
    bytes.set(frame, at);
    starts[i] = at;
    at += frame.length;
    ends[i] = at;
  }
  return { bytes, starts, ends, texts: frames.map((frame) => Buffer.from(frame).toString('latin1')) };
}
