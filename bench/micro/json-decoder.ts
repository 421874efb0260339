import type { Instrument } from '../../src/core/instrument.ts';
import { SIDE } from '../../src/core/records/market.ts';
import {
  L2Message,
  N_EVENT_MS,
  N_FIRST_ID,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
} from '../../src/feed/l2/message.hot.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';

type TextLevel = readonly [string, string];

interface Data {
  readonly e: string;
  readonly E: number;
  readonly T: number;
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
  readonly b: unknown;
  readonly B: string;
  readonly a: unknown;
  readonly A: string;
}

/**
 * The decoder most programs have: the frame's bytes to a string, `JSON.parse`, `Number()` of each price and quantity. It
 * leaves its result in the same arrays as the scanner, checks nothing and trusts floating point to round to the grid.
 */
export class JsonDecoder {
  readonly message = new L2Message();
  private readonly ticksPerUnit: number;
  private readonly lotsPerUnit: number;

  constructor(instrument: Instrument) {
    this.ticksPerUnit = 10 ** instrument.priceDecimals / instrument.tickUnits;
    this.lotsPerUnit = 10 ** instrument.qtyDecimals / instrument.lotUnits;
  }

  decode(bytes: Buffer, start: number, end: number): void {
    const data = (JSON.parse(bytes.toString('latin1', start, end)) as { readonly data: Data }).data;
    const message = this.message;
    const numbers = message.numbers;
    message.instrument = 0;
    numbers[N_EVENT_MS] = data.E;
    numbers[N_TRANSACT_MS] = data.T;
    if (data.e === 'depthUpdate') {
      message.kind = MESSAGE.DEPTH;
      numbers[N_FIRST_ID] = data.U;
      numbers[N_LAST_ID] = data.u;
      numbers[N_PREVIOUS_ID] = data.pu;
      message.bidCount = this.levels(data.b as readonly TextLevel[], message.bidTicks, message.bidLots);
      message.askCount = this.levels(data.a as readonly TextLevel[], message.askTicks, message.askLots);
    } else if (data.e === 'bookTicker') {
      message.kind = MESSAGE.TICKER;
      numbers[N_LAST_ID] = data.u;
      message.bidTicks[0] = this.ticks(data.b as string);
      message.bidLots[0] = this.lots(data.B);
      message.askTicks[0] = this.ticks(data.a as string);
      message.askLots[0] = this.lots(data.A);
      message.bidCount = 1;
      message.askCount = 1;
    } else {
      message.kind = MESSAGE.TRADE;
      numbers[N_TRADE_ID] = data.t;
      numbers[N_TRADE_LOTS] = this.lots(data.q);
      message.tradeTicks = this.ticks(data.p);
      message.tradeSide = data.m ? SIDE.SELL : SIDE.BUY;
      message.bidCount = 0;
      message.askCount = 0;
    }
  }

  private levels(levels: readonly TextLevel[], ticks: Int32Array, lots: Float64Array): number {
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]!;
      ticks[i] = this.ticks(level[0]);
      lots[i] = this.lots(level[1]);
    }
    return levels.length;
  }

  private ticks(text: string): number {
    return Math.round(Number(text) * this.ticksPerUnit);
  }

  private lots(text: string): number {
    return Math.round(Number(text) * this.lotsPerUnit);
  }
}
