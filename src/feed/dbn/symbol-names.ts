import { DBN_STYPE, type DbnMetadata } from './metadata.ts';

const DECIMAL_ID = /^\d{1,10}$/;

/**
 * Symbols of instrument numbers. A symbol counts only where it stands for one number and no other symbol does: a parent or a
 * continuous symbol that stands for several would make one book of several instruments.
 */
export class SymbolNames {
  private readonly numbers = new Map<string, Set<number>>();
  private readonly symbols = new Map<number, Set<string>>();
  private readonly defined = new Map<number, string>();

  addMetadata(metadata: DbnMetadata | undefined): void {
    if (metadata === undefined) return;
    for (const { symbol, intervals } of metadata.mappings) {
      for (const one of intervals) {
        if (metadata.stypeOut === DBN_STYPE.INSTRUMENT_ID) this.pair(symbol, one.symbol);
        else if (metadata.stypeIn === DBN_STYPE.INSTRUMENT_ID) this.pair(one.symbol, symbol);
      }
    }
  }

  addDefinition(number: number, symbol: string): void {
    this.defined.set(number, symbol);
  }

  /** The instrument's symbol, or its number as text. */
  of(number: number): string {
    const symbols = this.symbols.get(number);
    const only = symbols?.size === 1 ? [...symbols][0]! : undefined;
    if (only !== undefined && this.numbers.get(only)?.size === 1) return only;
    return this.defined.get(number) ?? `${number}`;
  }

  private pair(symbol: string, number: string): void {
    if (symbol === '' || !DECIMAL_ID.test(number)) return;
    const id = Number(number);
    this.numbers.set(symbol, (this.numbers.get(symbol) ?? new Set()).add(id));
    this.symbols.set(id, (this.symbols.get(id) ?? new Set()).add(symbol));
  }
}
