/** Prints one JSON document on stdout. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** A line for people, on stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A progress line that is rewritten in place on a terminal and silent elsewhere. */
export class ProgressLine {
  private readonly enabled: boolean;
  private lastMs = 0;
  private shown = false;

  constructor(enabled = process.stderr.isTTY === true) {
    this.enabled = enabled;
  }

  /** At most ten times a second; `nowMs` is the caller's clock. */
  update(nowMs: number, text: string): void {
    if (!this.enabled || nowMs - this.lastMs < 100) return;
    this.lastMs = nowMs;
    this.shown = true;
    process.stderr.write(`\r\x1b[2K${text}`);
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[2K');
    this.shown = false;
  }
}

/** 1234567 as "1,234,567". */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
