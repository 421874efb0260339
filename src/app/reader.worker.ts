import { workerData } from 'node:worker_threads';
import { ByteRingWriter } from '../feed/transport/byte-ring.ts';
import { inputGroups, openGroup } from '../feed/transport/inputs.ts';
import { pinCurrentThread } from './pin.ts';
import { failureOf } from './workers.ts';

/** Start message of the reader: which files go into which ring. */
export interface ReaderStart {
  readonly files: readonly string[];
  readonly ring: SharedArrayBuffer;
  /** Core to stay on, -1 for any: the engine's own core is not for reading. */
  readonly core: number;
}

/** The ring holds what is read ahead; the stream itself needs little. */
const AHEAD_BYTES = 1 << 20;

/** Entry of the reader thread: inflates and hashes the input, so that the thread which replays it does neither. */
async function run({ files, ring, core }: ReaderStart): Promise<void> {
  if (core >= 0) pinCurrentThread(core);
  const writer = new ByteRingWriter(ring);
  try {
    for (const group of inputGroups(files)) {
      let read = 0;
      const taken = (): number => {
        const bytes = read;
        read = 0;
        return bytes;
      };
      const input = openGroup(group, AHEAD_BYTES, (bytes) => {
        read += bytes;
      });
      for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) writer.write(chunk, taken());
      writer.endFiles(input.digests(), taken());
      input.close();
    }
    writer.close();
  } catch (error) {
    writer.fail(failureOf(error));
  }
}

await run(workerData as ReaderStart);
