import { EXIT, TickpathError } from '../../core/errors.ts';
import { InflatedFile } from '../transport/inflate.ts';
import { isMetadata } from './framer.ts';
import {
  type DbnMetadata,
  METADATA_AT,
  METADATA_BYTES_MAX,
  METADATA_BYTES_MIN,
  METADATA_PRELUDE_BYTES,
  readDbnMetadata,
} from './metadata.ts';
import { readI32 } from './words.hot.ts';

const AHEAD_BYTES = 256 << 10;

/** The metadata a file begins with; undefined for a fragment. Throws ERR_DBN when it is cut off, too large or damaged. */
export async function readDbnHead(file: string): Promise<DbnMetadata | undefined> {
  const input = new InflatedFile(file, AHEAD_BYTES, () => {});
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let needed = METADATA_PRELUDE_BYTES;
    for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) {
      chunks.push(new Uint8Array(chunk));
      bytes += chunk.length;
      if (bytes < needed) continue;
      if (needed === METADATA_PRELUDE_BYTES) {
        const head = Buffer.concat(chunks);
        if (!isMetadata(head, 0)) return undefined;
        needed += metadataBytes(head, file);
      }
      if (bytes >= needed) return readDbnMetadata(Buffer.concat(chunks).subarray(0, needed), file);
    }
    if (bytes < METADATA_PRELUDE_BYTES || needed === METADATA_PRELUDE_BYTES) return undefined;
    throw new TickpathError('ERR_DBN', `${file}: byte ${bytes}: the file ends within ${needed} bytes of metadata`, EXIT.DATA);
  } finally {
    input.close();
  }
}

/** Length of the metadata behind its prelude. */
function metadataBytes(head: Uint8Array, file: string): number {
  const bytes = readI32(head, METADATA_AT.LENGTH) >>> 0;
  if (bytes >= METADATA_BYTES_MIN && bytes <= METADATA_BYTES_MAX) return bytes;
  const limits = `expected ${METADATA_BYTES_MIN} to ${METADATA_BYTES_MAX}`;
  throw new TickpathError('ERR_DBN', `${file}: byte 4: metadata of ${bytes} bytes; ${limits}`, EXIT.DATA);
}
