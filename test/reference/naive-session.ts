/** What the naive reader of a session saw. Checks that fail are sentences in `problems`. */
export interface SessionCheck {
  readonly problems: readonly string[];
  readonly messages: number;
  /** Messages before the snapshot line; -1 when there is none. */
  readonly beforeSnapshot: number;
  /** bookTickers whose update id is that of a depth event, compared with the book after it. */
  readonly compared: number;
  readonly trades: number;
}

interface Depth {
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

type Ticker = { readonly u: number; readonly b: string; readonly B: string; readonly a: string; readonly A: string };

/**
 * Reads session lines in the plainest way: JSON.parse, a Map a side, the venue's documented procedure (buffer, snapshot, drop what ends
 * before it, apply, demand `pu` = previous `u`), and holds every bookTicker that shares an update id with a depth event against the book.
 */
export function checkSession(lines: Iterable<string>): SessionCheck {
  const problems: string[] = [];
  const buffered: Depth[] = [];
  const tickers = new Map<number, Ticker>();
  const tops = new Map<number, string>();
  const bids = new Map<string, string>();
  const asks = new Map<string, string>();
  let messages = 0;
  let beforeSnapshot = -1;
  let previous = -1;
  let lastTime = '';
  let lastTradeId = -1;
  let trades = 0;

  const apply = (depth: Depth): void => {
    if (previous >= 0 && depth.pu !== previous) problems.push(`line ${messages}: pu ${depth.pu} is not the u before, ${previous}`);
    if (depth.U > depth.u || depth.pu >= depth.U) problems.push(`line ${messages}: ids ${depth.pu}, ${depth.U}, ${depth.u} do not rise`);
    previous = depth.u;
    set(bids, depth.b);
    set(asks, depth.a);
    const bid = best(bids, 1);
    const ask = best(asks, -1);
    if (bid >= ask) problems.push(`line ${messages}: crossed, ${bid} and ${ask}`);
    tops.set(depth.u, `${bid} ${bids.get(bid.toFixed(2))} ${ask} ${asks.get(ask.toFixed(2))}`);
  };

  for (const line of lines) {
    messages++;
    const time = line.slice(0, 19);
    if (!/^\d{19} \{/.test(line)) problems.push(`line ${messages}: no 19-digit time before the frame`);
    if (time < lastTime) problems.push(`line ${messages}: receive time goes back`);
    lastTime = time;
    const message = JSON.parse(line.slice(20));
    if (message.lastUpdateId !== undefined) {
      beforeSnapshot = messages - 1;
      set(bids, message.bids);
      set(asks, message.asks);
      if (bids.size !== 1000 || asks.size !== 1000) problems.push(`snapshot has ${bids.size} and ${asks.size} levels`);
      const usable = buffered.filter((depth) => depth.u >= message.lastUpdateId);
      if (usable.length === buffered.length) problems.push('no buffered event ends before the snapshot');
      for (const depth of usable) apply(depth);
    } else if (message.stream.endsWith('@depth@0ms')) {
      if (beforeSnapshot < 0) buffered.push(message.data);
      else apply(message.data);
    } else if (message.stream.endsWith('@bookTicker')) {
      tickers.set(message.data.u, message.data);
    } else {
      trades++;
      if (lastTradeId >= 0 && message.data.t !== lastTradeId + 1)
        problems.push(`line ${messages}: trade id ${message.data.t} after ${lastTradeId}`);
      lastTradeId = message.data.t;
    }
  }
  let compared = 0;
  for (const [u, ticker] of tickers) {
    const top = tops.get(u);
    if (top === undefined) continue;
    compared++;
    const want = `${Number(ticker.b)} ${ticker.B} ${Number(ticker.a)} ${ticker.A}`;
    if (top !== want) problems.push(`update ${u}: bookTicker says ${want}, the book ${top}`);
  }
  return { problems, messages, beforeSnapshot, compared, trades };
}

function set(side: Map<string, string>, levels: readonly (readonly [string, string])[]): void {
  for (const [price, qty] of levels) {
    if (Number(qty) === 0) side.delete(price);
    else side.set(price, qty);
  }
}

function best(side: Map<string, string>, sign: number): number {
  let found = sign > 0 ? -Infinity : Infinity;
  for (const price of side.keys()) if (Number(price) * sign > found * sign) found = Number(price);
  return found;
}
