const HTTPS = new TextEncoder().encode('https://');

/** True for the recorded answer to a REST request, `url -> seconds: body`: for discovery, no message of the stream. */
export function isRestAnswer(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HTTPS.length) return false;
  for (let i = 0; i < HTTPS.length; i++) if (bytes[start + i]! !== HTTPS[i]!) return false;
  return true;
}
