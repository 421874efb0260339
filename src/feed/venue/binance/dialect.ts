/** In what the JSON market-data messages of Binance's venues differ. */
export interface BinanceDialect {
  /** Depth messages name the one before them (`pu`): futures. */
  readonly linked: boolean;
  /** Tickers have neither event type nor times; times may come in microseconds (`timeUnit=MICROSECOND`): spot. */
  readonly spot: boolean;
  /** The streams read are those of partial depth, whose every message is a whole book; changes are passed over. */
  readonly partial: boolean;
}

export const FUTURES: BinanceDialect = { linked: true, spot: false, partial: false };
export const SPOT: BinanceDialect = { linked: false, spot: true, partial: false };
export const SPOT_PARTIAL: BinanceDialect = { linked: false, spot: true, partial: true };
