import { Prng } from '../../src/core/prng.ts';

const FIRST_MS = 1_723_161_256_000;

/**
 * Lines of a capture of Binance futures as hftbacktest's collector writes them: depth, trades of several kinds, tickers and two
 * snapshots. The local clock runs behind the venue's, and messages overtake one another at times, so that an order by venue time
 * and one by local time differ. `calm`: bids and asks never meet.
 */
export function captureLines(seed: number, messages: number, calm = false): string[] {
  const symbol = 'MADEUSDT';
  const prng = new Prng(seed);
  const lines: { readonly localNs: bigint; readonly text: string }[] = [];
  let mid = 50_000;
  let id = 100;
  const price = (ticks: number): string => (ticks / 10).toFixed(1);
  const qty = (): string => (prng.nextInt(4) === 0 ? '0' : (prng.nextInt(9_999) / 1000).toFixed(3));
  const levels = (side: number, count: number): string =>
    Array.from({ length: count }, () => `["${price(mid + side * (prng.nextInt(40) + (calm ? 1 : -2)))}","${qty()}"]`).join(',');
  for (let i = 0; i < messages; i++) {
    const ms = FIRST_MS + i * 3 + prng.nextInt(12);
    const localNs = BigInt(ms) * 1_000_000n - 1_200_000_000n + BigInt(prng.nextInt(30_000_000));
    if (!calm) mid += prng.nextInt(5) - 2;
    const kind = i === 5 || i === Math.floor(messages * 0.6) ? 'snapshot' : ['depth', 'depth', 'trade', 'ticker'][prng.nextInt(4)]!;
    let text: string;
    if (kind === 'snapshot') {
      const side = (sign: number): string =>
        Array.from({ length: 20 }, (_, k) => `["${price(mid + sign * (k + 1))}","${(1 + prng.nextInt(900)) / 100}"]`).join(',');
      text = `{"lastUpdateId":${id},"E":${ms},"T":${ms},"bids":[${side(-1)}],"asks":[${side(1)}]}`;
    } else if (kind === 'depth') {
      const bids = levels(-1, prng.nextInt(6));
      const asks = levels(1, prng.nextInt(6));
      text = `{"stream":"${symbol.toLowerCase()}@depth@0ms","data":{"e":"depthUpdate","E":${ms},"T":${ms},"s":"${symbol}","U":${id + 1},"u":${id + 2},"pu":${id},"b":[${bids}],"a":[${asks}]}}`;
      id += 2;
    } else if (kind === 'trade') {
      const what = prng.nextInt(8) === 0 ? 'INSURANCE_FUND' : 'MARKET';
      text = `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${ms},"T":${ms},"s":"${symbol}","t":${i},"p":"${price(mid)}","q":"${(1 + prng.nextInt(900)) / 1000}","X":"${what}","m":${prng.nextInt(2) === 0}}}`;
    } else {
      text = `{"stream":"${symbol.toLowerCase()}@bookTicker","data":{"e":"bookTicker","u":${id},"s":"${symbol}","b":"${price(mid - 1)}","B":"1","a":"${price(mid + 1)}","A":"1","T":${ms},"E":${ms}}}`;
    }
    lines.push({ localNs, text });
  }
  // A collector writes lines as they come; one in fifty stands out of order all the same.
  lines.sort((a, b) => (a.localNs < b.localNs ? -1 : 1));
  for (let i = 60; i + 1 < lines.length; i += 50) [lines[i], lines[i + 1]] = [lines[i + 1]!, lines[i]!];
  return lines.map(({ localNs, text }) => `${localNs} ${text}`);
}
