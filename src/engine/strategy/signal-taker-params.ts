import * as z from 'zod';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { SignalTaker, type SignalTakerParams } from './signal-taker.hot.ts';
import type { Strategy, StrategyContext } from './strategy.ts';

const NS_PER_MS = 1_000_000;
const LOTS_MAX = 1_000_000_000;
const lots = z.int().min(1).max(LOTS_MAX);
const milliseconds = z.number().min(0).max(86_400_000);

/** `strategy.params` as written. Defaults of the margins were chosen on the validation part of the reference model's data. */
const paramsSchema = z.strictObject({
  /** Quantity of an entry. */
  order_lots: lots.default(1),
  /** Largest position either way; `order_lots` when absent. */
  position_lots_max: lots.optional(),
  /** Enter when output(up) - output(down), or the opposite, is at least this, in units of the outputs. */
  enter_margin: z.number().min(0).default(2),
  /** Enter only when that output also exceeds output(flat) by at least this; may be negative. */
  flat_margin: z.number().default(0),
  /** Leave early when the outputs favour the other side by at least this. */
  exit_margin: z.number().min(0).default(2),
  holding_ms: milliseconds.default(500),
  /** Shortest time between two entries, and between two attempts to leave. */
  cooldown_ms: milliseconds.default(100),
  /** How far beyond the touch an order that takes may reach. */
  slippage_ticks: z.int().min(0).max(1_000_000).default(0),
  /** `take`: IOC at the touch. `make`: post-only at the own touch, cancelled after `passive_ms`; leaving always takes. */
  execution: z.enum(['take', 'make']).default('take'),
  passive_ms: milliseconds.default(500),
});

/** Validates `strategy.params` of `signal-taker`; throws `ERR_STRATEGY_PARAMS` with every error found. */
export function parseSignalTakerParams(params: Readonly<Record<string, unknown>>): SignalTakerParams {
  const parsed = paramsSchema.safeParse(params);
  const errors = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `params${issue.path.map((key) => `.${String(key)}`).join('')}: ${issue.message}`);
  if (parsed.success && parsed.data.position_lots_max !== undefined && parsed.data.position_lots_max < parsed.data.order_lots) {
    errors.push(
      `params.position_lots_max: ${parsed.data.position_lots_max} is below order_lots ${parsed.data.order_lots}, so no order could be sent`,
    );
  }
  if (!parsed.success || errors.length > 0) {
    throw new TickpathError('ERR_STRATEGY_PARAMS', `strategy signal-taker: ${errors.join('; ')}`, EXIT.USAGE);
  }
  const data = parsed.data;
  return Object.freeze({
    orderLots: data.order_lots,
    positionLotsMax: data.position_lots_max ?? data.order_lots,
    enterMargin: data.enter_margin,
    flatMargin: data.flat_margin,
    exitMargin: data.exit_margin,
    holdingNs: Math.round(data.holding_ms * NS_PER_MS),
    cooldownNs: Math.round(data.cooldown_ms * NS_PER_MS),
    slippageTicks: data.slippage_ticks,
    passive: data.execution === 'make',
    passiveNs: Math.round(data.passive_ms * NS_PER_MS),
  });
}

/** Builds `signal-taker` for a model with outputs named down and up (flat may be there); throws `ERR_STRATEGY_MODEL`. */
export function createSignalTaker(context: StrategyContext): Strategy {
  const params = parseSignalTakerParams(context.params);
  const down = context.outputs.indexOf('down');
  const up = context.outputs.indexOf('up');
  if (down < 0 || up < 0) {
    throw new TickpathError(
      'ERR_STRATEGY_MODEL',
      `strategy signal-taker needs a model with outputs named down and up; this one has ${context.outputs.join(', ') || 'none'}`,
      EXIT.USAGE,
    );
  }
  return new SignalTaker(params, down, context.outputs.indexOf('flat'), up);
}
