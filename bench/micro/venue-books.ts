/** The levels of a book message as its JSON says: whole books begin anew. */
export interface JsonBook {
  readonly symbol: string;
  readonly whole: boolean;
  readonly bids: readonly JsonLevel[];
  readonly asks: readonly JsonLevel[];
}

/** Price and quantity as they stand there: text or number. */
export type JsonLevel = readonly [price: string | number, qty: string | number, ...rest: unknown[]];

/** The book message that a parsed frame is, undefined for any other. */
export type ReadBook = (frame: unknown) => JsonBook | undefined;

// What `JSON.parse` makes of a recording is not checked here: the decoder beside it has refused what is none of these.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any;

export const binanceBook: ReadBook = (frame: Json) => {
  const data = frame.data ?? frame;
  return data.e === 'depthUpdate' ? { symbol: data.s, whole: false, bids: data.b, asks: data.a } : undefined;
};

export const krakenBook: ReadBook = (frame: Json) => {
  if (!Array.isArray(frame) || !String(frame.at(-2)).startsWith('book-')) return undefined;
  const parts: readonly Json[] = frame.slice(1, -2);
  const whole = parts[0].as !== undefined;
  const side = (key: string): readonly JsonLevel[] =>
    parts.length === 1 ? (parts[0][key] ?? []) : parts.flatMap((part) => part[key] ?? []);
  return { symbol: frame.at(-1), whole, bids: side(whole ? 'bs' : 'b'), asks: side(whole ? 'as' : 'a') };
};

export const okxBook: ReadBook = (frame: Json) => {
  if (frame.arg?.channel !== 'books' || frame.data === undefined) return undefined;
  const { bids, asks } = frame.data[0];
  return { symbol: frame.arg.instId, whole: frame.action === 'snapshot', bids, asks };
};

export const bybitBook: ReadBook = (frame: Json) => {
  if (!String(frame.topic).startsWith('orderbook.')) return undefined;
  const { s, b, a } = frame.data;
  return { symbol: s, whole: frame.type === 'snapshot', bids: b, asks: a };
};

export const coinbaseBook: ReadBook = (frame: Json) => {
  if (frame.type === 'snapshot') return { symbol: frame.product_id, whole: true, bids: frame.bids, asks: frame.asks };
  if (frame.type !== 'l2update') return undefined;
  const changes: readonly (readonly [string, string, string])[] = frame.changes;
  const side = (name: string): JsonLevel[] => changes.filter(([one]) => one === name).map(([, price, size]) => [price, size]);
  return { symbol: frame.product_id, whole: false, bids: side('buy'), asks: side('sell') };
};

export const deribitBook: ReadBook = (frame: Json) => {
  if (!String(frame.params?.channel).startsWith('book.')) return undefined;
  const { instrument_name: symbol, type, bids, asks } = frame.params.data;
  const side = (levels: readonly (readonly [string, number, number])[]): JsonLevel[] =>
    levels.map(([action, price, amount]) => [price, action === 'delete' ? 0 : amount]);
  return { symbol, whole: type === 'snapshot', bids: side(bids), asks: side(asks) };
};

export const hyperliquidBook: ReadBook = (frame: Json) => {
  if (frame.channel !== 'l2Book') return undefined;
  const side = (levels: readonly { readonly px: string; readonly sz: string }[]): JsonLevel[] => levels.map(({ px, sz }) => [px, sz]);
  const [bids, asks] = frame.data.levels;
  return { symbol: frame.data.coin, whole: true, bids: side(bids), asks: side(asks) };
};
