/** What a Python literal of a NumPy header may hold; tuples are lists with `tuple` set. */
export type PythonValue = string | number | boolean | null | PythonList | ReadonlyMap<string, PythonValue>;
export interface PythonList {
  readonly tuple: boolean;
  readonly items: readonly PythonValue[];
}

const DEPTH_MAX = 8;
const SPACE = /[ \t\r\n]*/y;
const TEXT = /'([^'\\\n]*)'|"([^"\\\n]*)"/y;
const INTEGER = /\d{1,19}/y;
const WORD = /True|False|None/y;

/**
 * Reads a Python literal: dictionaries with text keys, lists, tuples, plain text, integers, True, False and None, which is all
 * that a NumPy header has. Nothing is evaluated. Throws SyntaxError naming the place.
 */
export function readPythonLiteral(text: string): PythonValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) throw this.unexpected('the end');
  }

  value(depth: number): PythonValue {
    if (depth > DEPTH_MAX) throw new SyntaxError(`nested deeper than ${DEPTH_MAX}`);
    this.space();
    if (this.takes('{')) return this.dictionary(depth);
    if (this.takes('[')) return { tuple: false, items: this.items(']', depth) };
    if (this.takes('(')) return { tuple: true, items: this.items(')', depth) };
    const string = this.match(TEXT);
    if (string !== undefined) return string.slice(1, -1);
    const integer = this.match(INTEGER);
    if (integer !== undefined) return Number(integer);
    const word = this.match(WORD);
    if (word === undefined) throw this.unexpected('a value');
    return word === 'None' ? null : word === 'True';
  }

  private dictionary(depth: number): ReadonlyMap<string, PythonValue> {
    const map = new Map<string, PythonValue>();
    for (;;) {
      this.space();
      if (this.takes('}')) return map;
      const key = this.match(TEXT)?.slice(1, -1);
      if (key === undefined) throw this.unexpected('a key');
      this.space();
      if (!this.takes(':')) throw this.unexpected('":"');
      if (map.has(key)) throw new SyntaxError(`"${key}" stands twice`);
      map.set(key, this.value(depth + 1));
      this.space();
      if (this.takes(',')) continue;
      if (this.takes('}')) return map;
      throw this.unexpected('"," or "}"');
    }
  }

  private items(close: string, depth: number): PythonValue[] {
    const items: PythonValue[] = [];
    for (;;) {
      this.space();
      if (this.takes(close)) return items;
      items.push(this.value(depth + 1));
      this.space();
      if (this.takes(',')) continue;
      if (this.takes(close)) return items;
      throw this.unexpected(`"," or "${close}"`);
    }
  }

  private takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private space(): void {
    this.match(SPACE);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private unexpected(expected: string): SyntaxError {
    const found = this.at < this.text.length ? `"${this.text.slice(this.at, this.at + 12)}"` : 'the end';
    return new SyntaxError(`expected ${expected} at character ${this.at + 1}, found ${found}`);
  }
}
