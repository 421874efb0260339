import { ManualClock } from '../../core/time.ts';
import type { RecordedSource } from '../../feed/discovery.ts';
import { type Format, openRecorded, recordedFormat } from '../../feed/formats.ts';
import { FileTransport } from '../../feed/transport/file.ts';

const FRAMES_MAX = 512;
const BYTES_MAX = 8 << 20;

/** Text of the frames that a recording begins with. */
export async function recordingHead(
  files: readonly string[],
  format: Format,
  source: RecordedSource | undefined,
): Promise<readonly string[]> {
  const head: string[] = [];
  let bytesSeen = 0;
  const transport = new FileTransport({
    files,
    clock: new ManualClock(),
    framer: recordedFormat(format, source).createFramer(),
    openInput: (group, onRead) => openRecorded(format, group, BYTES_MAX, onRead),
  });
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      head.push(new TextDecoder().decode(bytes.subarray(start, end)));
      bytesSeen += end - start;
      if (head.length >= FRAMES_MAX || bytesSeen >= BYTES_MAX) transport.stop();
    },
  });
  return head;
}
