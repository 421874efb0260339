import { SIDE } from '../../src/core/records/market.ts';
import type { MadeDialect, TextLevel } from './made-recordings.ts';

const SYMBOLS = ['BTC-USD', 'ETH-EUR'];
const isoText = (timeUs: number): string =>
  new Date(Math.floor(timeUs / 1_000)).toISOString().replace('Z', `${`${timeUs % 1_000}`.padStart(3, '0')}Z`);
const isGone = (qty: string): boolean => !/[1-9]/.test(qty);

export const MADE_COINBASE: MadeDialect = {
  symbols: SYMBOLS,
  begin: (market) =>
    market.symbols.map((symbol) =>
      JSON.stringify({
        type: 'snapshot',
        product_id: symbol,
        asks: market.levels(symbol, SIDE.SELL),
        bids: market.levels(symbol, SIDE.BUY),
      }),
    ),
  change: (_, { symbol, bids, asks }, timeUs) => {
    const changes = [...bids.map((level) => ['buy', ...level]), ...asks.map((level) => ['sell', ...level])];
    return JSON.stringify({ type: 'l2update', product_id: symbol, changes, time: isoText(timeUs) });
  },
};

let sequenceNum = 0;
function advanced(type: string, symbol: string, bids: readonly TextLevel[], asks: readonly TextLevel[], timeUs: number): string {
  const time = isoText(timeUs);
  const updates = (side: string, levels: readonly TextLevel[]): object[] =>
    levels.map(([price, qty]) => ({ side, event_time: time, price_level: price, new_quantity: isGone(qty) ? '0' : qty }));
  const events = [{ type, product_id: symbol, updates: [...updates('bid', bids), ...updates('offer', asks)] }];
  return JSON.stringify({ channel: 'l2_data', client_id: '', timestamp: time, sequence_num: sequenceNum++, events });
}

export const MADE_COINBASE_ADVANCED: MadeDialect = {
  symbols: SYMBOLS,
  begin: (market, timeUs) =>
    market.symbols.map((symbol) => advanced('snapshot', symbol, market.levels(symbol, SIDE.BUY), market.levels(symbol, SIDE.SELL), timeUs)),
  change: (_, { symbol, bids, asks }, timeUs) => advanced('update', symbol, bids, asks, timeUs),
};

/** Each level is one order: it opens, changes its size and is cancelled as the level does. */
function madeFull(): MadeDialect {
  const sequences = new Map<string, number>();
  const orders = new Map<string, { readonly id: string; readonly qty: string }>();
  let made = 0;
  const newId = (): string => `${`${++made}`.padStart(8, '0')}-aa29-43e6-bcc2-${`${made}`.padStart(12, 'f')}`;
  const next = (symbol: string): number => {
    const sequence = (sequences.get(symbol) ?? 760_000_000) + 1;
    sequences.set(symbol, sequence);
    return sequence;
  };
  const open = (symbol: string, side: string, [price, qty]: TextLevel, sequence: number, time: string): string => {
    const id = newId();
    orders.set(`${symbol} ${side} ${price}`, { id, qty });
    return JSON.stringify({ type: 'open', sequence, side, price, order_id: id, remaining_size: qty, product_id: symbol, time });
  };
  const change = (symbol: string, side: string, level: TextLevel, time: string): string[] => {
    const [price, qty] = level;
    const key = `${symbol} ${side} ${price}`;
    const order = orders.get(key);
    if (order === undefined) return isGone(qty) ? [] : [open(symbol, side, level, next(symbol), time)];
    if (order.qty === qty) return [];
    const common = { sequence: next(symbol), side, price, order_id: order.id, product_id: symbol, time };
    if (isGone(qty)) {
      orders.delete(key);
      return [JSON.stringify({ type: 'done', reason: 'canceled', remaining_size: order.qty, ...common })];
    }
    orders.set(key, { id: order.id, qty });
    return [JSON.stringify({ type: 'change', old_size: order.qty, new_size: qty, ...common })];
  };
  return {
    symbols: SYMBOLS,
    begin: (market) =>
      market.symbols.flatMap((symbol) => {
        const sequence = next(symbol);
        const side = (name: string, which: number): string[] =>
          market.levels(symbol, which).map((level) => open(symbol, name, level, sequence, ''));
        return [...side('buy', SIDE.BUY), ...side('sell', SIDE.SELL)];
      }),
    change: (_, { symbol, bids, asks }, timeUs) => {
      const time = isoText(timeUs);
      return [
        ...bids.flatMap((level) => change(symbol, 'buy', level, time)),
        ...asks.flatMap((level) => change(symbol, 'sell', level, time)),
      ];
    },
    line: (frame, timeUs) => `${isoText(timeUs).slice(0, 23).replace('T', ' ').replace('.', ',')} ${frame}`,
  };
}

export const MADE_COINBASE_FULL = madeFull();
