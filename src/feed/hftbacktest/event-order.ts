import { EVENT_FLAG } from './layout.ts';
import { ROW, ROW_NUMBERS, type RowCursor } from './rows.ts';

/**
 * Rows in the order in which hftbacktest reads them: two passes over the same rows, by venue time and by local time, side by
 * side. A row that both sides meet at once stands once with both flags; else the one of the two that is earlier by venue time,
 * then local time, stands with the flag of its side, and again when the other side meets it.
 */
export class EventOrder {
  /** The row at hand by ROW. */
  readonly row = new Float64Array(ROW_NUMBERS);
  private readonly byExchange: RowCursor;
  private readonly byLocal: RowCursor;
  private hasExchange: boolean;
  private hasLocal: boolean;

  constructor(byExchange: RowCursor, byLocal: RowCursor) {
    this.byExchange = byExchange;
    this.byLocal = byLocal;
    this.hasExchange = byExchange.next();
    this.hasLocal = byLocal.next();
  }

  /** Goes to the next row: the EVENT_FLAGs of who sees it, 0 at the end. */
  next(): number {
    if (!this.hasExchange && !this.hasLocal) return 0;
    const exchange = this.byExchange.row;
    const local = this.byLocal.row;
    const order = this.hasExchange && this.hasLocal ? compare(exchange, local) : this.hasExchange ? -1 : 1;
    this.row.set(order <= 0 ? exchange : local);
    if (order <= 0) this.hasExchange = this.byExchange.next();
    if (order >= 0) this.hasLocal = this.byLocal.next();
    return (order <= 0 ? EVENT_FLAG.EXCH : 0) | (order >= 0 ? EVENT_FLAG.LOCAL : 0);
  }
}

function compare(a: Float64Array, b: Float64Array): number {
  return a[ROW.EXCH_NS]! - b[ROW.EXCH_NS]! || a[ROW.LOCAL_NS]! - b[ROW.LOCAL_NS]!;
}
