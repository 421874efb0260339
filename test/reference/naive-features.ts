/**
 * The feature set computed from the whole event history each time, by the closed formulas of docs/features.md: plain
 * objects, no incremental state. Slow and meant to be; shares no code with src/engine/features.
 */
export type NaiveEvent =
  | { kind: 'top'; timeNs: number; bid: number; bidLots: number; ask: number; askLots: number }
  | { kind: 'depth'; timeNs: number; bids: readonly (readonly [number, number])[]; asks: readonly (readonly [number, number])[] }
  | { kind: 'trade'; timeNs: number; side: number; lots: number };

type Top = Extract<NaiveEvent, { kind: 'top' }>;
type Depth = Extract<NaiveEvent, { kind: 'depth' }>;
type Timed = { timeNs: number; value: number };

const TAU: Record<string, number> = { '100ms': 1e8, '1s': 1e9, '10s': 1e10 };
const c = (x: number): number => Math.sign(x) * (Math.abs(x) / Math.sqrt(1 + Math.abs(x)));

/** S[x; tau] at `now`. */
function decayedSum(items: readonly Timed[], tau: string, now: number): number {
  return items.reduce((sum, item) => sum + item.value * Math.exp(-(now - item.timeNs) / TAU[tau]!), 0);
}

/** E[x; tau] at `now`: the exponentially weighted time average of the value held, from its first observation on. */
function heldMean(items: readonly Timed[], tau: string, now: number): number {
  if (items.length === 0) return 0;
  const weightAt = (timeNs: number): number => Math.exp(-(now - timeNs) / TAU[tau]!);
  let mean = items[0]!.value * weightAt(items[0]!.timeNs);
  items.forEach((item, index) => {
    const end = index + 1 < items.length ? items[index + 1]!.timeNs : now;
    mean += item.value * (weightAt(end) - weightAt(item.timeNs));
  });
  return mean;
}

/** The event of Cont, Kukanov and Stoikov for one level; a missing level has quantity 0 and the worst price there is. */
function flow(
  bid: readonly [number, number] | undefined,
  ask: readonly [number, number] | undefined,
  bid0: readonly [number, number] | undefined,
  ask0: readonly [number, number] | undefined,
): number {
  const [pb, qb] = bid ?? [Number.NEGATIVE_INFINITY, 0];
  const [pa, qa] = ask ?? [Number.POSITIVE_INFINITY, 0];
  const [pb0, qb0] = bid0 ?? [Number.NEGATIVE_INFINITY, 0];
  const [pa0, qa0] = ask0 ?? [Number.POSITIVE_INFINITY, 0];
  return (pb >= pb0 ? qb : 0) - (pb <= pb0 ? qb0 : 0) - (pa <= pa0 ? qa : 0) + (pa >= pa0 ? qa0 : 0);
}

const total = (levels: readonly (readonly [number, number])[], count: number): number =>
  levels.slice(0, count).reduce((sum, [, lots]) => sum + lots, 0);
const ratio = (a: number, b: number): number => (a + b > 0 ? (a - b) / (a + b) : 0);

export function naiveFeatures(history: readonly NaiveEvent[], now: number): number[] {
  const tops: Top[] = [];
  for (const event of history) {
    if (event.kind !== 'top' || event.bid === -2147483648 || event.ask === -2147483648 || event.bidLots <= 0 || event.askLots <= 0)
      continue;
    const last = tops.at(-1);
    if (last && last.bid === event.bid && last.ask === event.ask && last.bidLots === event.bidLots && last.askLots === event.askLots)
      continue;
    tops.push(event);
  }
  const depths = history.filter((event): event is Depth => event.kind === 'depth');
  const trades = history.filter((event) => event.kind === 'trade');
  const follow = (value: (top: Top) => number): Timed[] => tops.map((top) => ({ timeNs: top.timeNs, value: value(top) }));
  const between = (value: (top: Top, before: Top) => number): Timed[] =>
    tops.map((top, i) => ({ timeNs: top.timeNs, value: value(top, tops[Math.max(i - 1, 0)]!) }));

  const flows: Timed[][] = [
    between((top, before) =>
      flow([top.bid, top.bidLots], [top.ask, top.askLots], [before.bid, before.bidLots], [before.ask, before.askLots]),
    ),
    ...[1, 2, 3, 4].map((level) =>
      depths.slice(1).map((depth, i) => ({
        timeNs: depth.timeNs,
        value: flow(depth.bids[level], depth.asks[level], depths[i]!.bids[level], depths[i]!.asks[level]),
      })),
    ),
  ];
  const d1 = heldMean(
    follow((top) => (top.bidLots + top.askLots) / 2),
    '10s',
    now,
  );
  const d5 = heldMean(
    depths.map((depth) => ({ timeNs: depth.timeNs, value: (total(depth.bids, 5) + total(depth.asks, 5)) / 10 })),
    '10s',
    now,
  );
  const ofi = (level: number, tau: string): number => {
    const scale = level === 1 ? d1 : d5;
    return scale > 0 ? c(decayedSum(flows[level - 1]!, tau, now) / scale) : 0;
  };

  const top = tops.at(-1);
  const mid = top ? (top.bid + top.ask) / 2 : 0;
  const depth = depths.at(-1) ?? { bids: [], asks: [] };
  const { bids, asks } = depth;
  const imbalance = (count: number): number => ratio(total(bids, count), total(asks, count));

  const microprice = (t: Top): number => (t.ask * t.bidLots + t.bid * t.askLots) / (t.bidLots + t.askLots);
  const microMean = heldMean(follow(microprice), '1s', now);
  const signed = (side: number): Timed[] =>
    trades.filter((trade) => trade.side === side).map((trade) => ({ timeNs: trade.timeNs, value: trade.lots }));
  const tradeImbalance = (tau: string): number => {
    const buy = decayedSum(signed(0), tau, now);
    const sell = decayedSum(signed(1), tau, now);
    const denominator = buy + sell + 0.05 * d1;
    return denominator > 0 ? (buy - sell) / denominator : 0;
  };
  const pressure1s = d1 > 0 ? c((decayedSum(signed(0), '1s', now) - decayedSum(signed(1), '1s', now)) / d1) : 0;
  const variance = between((t, before) => ((t.bid + t.ask - before.bid - before.ask) / 2) ** 2);
  const rv = (tau: string): number => c(Math.sqrt(decayedSum(variance, tau, now)));

  const spreads = follow((t) => Math.max(t.ask - t.bid, 1));
  const spread = spreads.at(-1)?.value ?? 1;
  const spreadMean = top ? heldMean(spreads, '10s', now) : 1;
  const count = (items: readonly Timed[]): number => Math.sqrt(decayedSum(items, '1s', now));
  const ones = (items: readonly { timeNs: number }[]): Timed[] => items.map((item) => ({ timeNs: item.timeNs, value: 1 }));
  const sideEvents = (sign: number, price: (t: Top) => number, lots: (t: Top) => number): Timed[] =>
    between((t, before) => (Math.sign(price(t) - price(before) || lots(t) - lots(before)) === sign ? 1 : 0));
  const midReturn = (tau: string): number =>
    c(
      mid -
        heldMean(
          follow((t) => (t.bid + t.ask) / 2),
          tau,
          now,
        ),
    );
  const lastTradeNs = trades.at(-1)?.timeNs ?? history[0]?.timeNs ?? now;

  let weighted = 0;
  let bidBehind = 0;
  let askBehind = 0;
  let pressure = 0;
  let slope = 0;
  if (bids.length > 0 && asks.length > 0) {
    const depthMid = (bids[0]![0] + asks[0]![0]) / 2;
    const distance = ([price]: readonly [number, number]): number => Math.abs(price - depthMid);
    const b5 = total(bids, 5);
    const a5 = total(asks, 5);
    const moment = (levels: readonly (readonly [number, number])[]): number =>
      levels.slice(0, 5).reduce((sum, level) => sum + level[1] * distance(level), 0);
    if (b5 > 0 && a5 > 0) {
      const fair = ((moment(asks) / a5) * b5 - (moment(bids) / b5) * a5) / (b5 + a5);
      weighted = c(fair / Math.max(asks[0]![0] - bids[0]![0], 1));
    }
    const b10 = total(bids, 10);
    const a10 = total(asks, 10);
    bidBehind = bids[0]![1] > 0 ? Math.log(b10 / bids[0]![1]) : 0;
    askBehind = asks[0]![1] > 0 ? Math.log(a10 / asks[0]![1]) : 0;
    const press = (levels: readonly (readonly [number, number])[]): number =>
      levels.slice(0, 10).reduce((sum, level) => sum + level[1] / Math.max(distance(level), 0.5), 0);
    pressure = ratio(press(bids), press(asks));
    const reach = (levels: readonly (readonly [number, number])[]): number =>
      Math.max(distance(levels[Math.min(levels.length, 10) - 1]!), 0.5);
    slope = b10 > 0 && a10 > 0 ? Math.log(b10 / reach(bids) / (a10 / reach(asks))) : 0;
  }

  return [
    ofi(1, '100ms'),
    ...[1, 2, 3, 4, 5].map((level) => ofi(level, '1s')),
    ...[1, 2, 3, 4, 5].map((level) => ofi(level, '10s')),
    top ? ratio(top.bidLots, top.askLots) : 0,
    imbalance(3),
    imbalance(5),
    imbalance(10),
    top ? c(microprice(top) - mid) : 0,
    top ? c(microprice(top) - microMean) : 0,
    weighted,
    tradeImbalance('100ms'),
    tradeImbalance('1s'),
    tradeImbalance('10s'),
    pressure1s,
    rv('1s'),
    rv('10s'),
    Math.log(spread),
    (spread - spreadMean) / (spread + spreadMean),
    count(ones(trades.filter((trade) => trade.side === 0))),
    count(ones(trades.filter((trade) => trade.side === 1))),
    count(
      sideEvents(
        1,
        (t) => t.bid,
        (t) => t.bidLots,
      ),
    ),
    count(
      sideEvents(
        -1,
        (t) => t.bid,
        (t) => t.bidLots,
      ),
    ),
    count(
      sideEvents(
        1,
        (t) => -t.ask,
        (t) => t.askLots,
      ),
    ),
    count(
      sideEvents(
        -1,
        (t) => -t.ask,
        (t) => t.askLots,
      ),
    ),
    midReturn('100ms'),
    midReturn('1s'),
    midReturn('10s'),
    (now - lastTradeNs) / (now - lastTradeNs + 1e8),
    bidBehind,
    askBehind,
    pressure,
    slope,
  ];
}
