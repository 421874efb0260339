/** `symbol=` */
const PARAMETER = new TextEncoder().encode('symbol=');

/**
 * The recorded answer to a REST request, `url -> seconds: body`: where its body stands and which symbol its URL asks for.
 * The body of a spot snapshot names no symbol, so the URL is the only place that says whose book it is.
 */
export class AnswerLine {
  body = 0;
  /** Text of the URL's `symbol=`; empty (start = end) when the URL has none. */
  symbolStart = 0;
  symbolEnd = 0;

  /** False when `bytes[start, end)` has another form. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let url = start;
    while (url < end && bytes[url]! !== 32) url++;
    let at = url + 4;
    if (at >= end || bytes[url + 1]! !== 45 || bytes[url + 2]! !== 62 || bytes[url + 3]! !== 32) return false;
    const time = at;
    while (at < end && ((bytes[at]! >= 48 && bytes[at]! <= 57) || bytes[at]! === 46)) at++;
    if (at === time || at + 2 > end || bytes[at]! !== 58 || bytes[at + 1]! !== 32) return false;
    this.body = at + 2;
    this.symbolStart = parameterAt(bytes, start, url);
    this.symbolEnd = this.symbolStart;
    while (this.symbolEnd < url && bytes[this.symbolEnd]! !== 38) this.symbolEnd++;
    return true;
  }
}

/** Where the value of `symbol=` begins in the URL `bytes[start, end)`, `end` when it has none. */
function parameterAt(bytes: Uint8Array, start: number, end: number): number {
  const length = PARAMETER.length;
  for (let at = start + 1; at + length <= end; at++) {
    // After `?` or `&`, so that no other parameter's name can end in it.
    if (bytes[at - 1]! !== 63 && bytes[at - 1]! !== 38) continue;
    let i = 0;
    while (i < length && bytes[at + i]! === PARAMETER[i]!) i++;
    if (i === length) return at + length;
  }
  return end;
}
