/** What every book shows, whatever it keeps: levels a side from the best, 0, to the worst. */
export interface BookView {
  levels(side: number): number;
  /** Price in ticks of level `i`. */
  priceAt(side: number, i: number): number;
  /** Quantity in lots of level `i`. */
  qtyAt(side: number, i: number): number;
}

/** A book that also says its best prices at once; PRICE_NONE where a side is empty. */
export interface TopView extends BookView {
  readonly bidTicks: number;
  readonly askTicks: number;
}
