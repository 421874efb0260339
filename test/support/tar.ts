const BLOCK_BYTES = 512;

/** The regular files of a tar archive (ustar). */
export function filesOfTar(bytes: Uint8Array): { name: string; bytes: Uint8Array }[] {
  const text = (at: number, length: number): string => new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0[\s\S]*$/, '');
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    const kind = String.fromCharCode(bytes[at + 156]!);
    const body = at + BLOCK_BYTES;
    if (kind === '0' || kind === '\0')
      files.push({ name: `${prefix === '' ? '' : `${prefix}/`}${text(at, 100)}`, bytes: bytes.subarray(body, body + size) });
    at = body + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}
