/**
 * The public API: what a strategy file, a program that embeds Tickpath, or a tool that reads its runs needs. The only
 * barrel of the project; everything else is internal and may change.
 */

export { type ConfigFlags, resolveConfig } from './app/config.ts';
export type { Config } from './app/config-schema.ts';
export { type ReplayHooks, type ReplayOutcome, runReplay } from './app/replay.ts';
export { type Verification, verifyRun } from './app/verify-run.ts';
export { EXIT, type ExitCode, TickpathError } from './core/errors.ts';
export type { LatencySummary } from './core/histogram.ts';
export { formatCash, formatPrice, formatQty, type Instrument } from './core/instrument.ts';
export type { FrameHandler, OrderSink, Transport } from './core/ports.ts';
export { PRICE_NONE } from './core/price.ts';
export { BOOK_STATE, SIDE, type Side } from './core/records/market.ts';
export {
  ATTRIBUTE_POST_ONLY,
  ATTRIBUTE_REDUCE_ONLY,
  EXECUTION,
  type ExecutionStatus,
  LIQUIDITY,
  ORDER_TYPE,
  TIME_IN_FORCE,
} from './core/records/order.ts';
export type { Model, ModelBackend } from './engine/model/model.ts';
export type { IntentBatch } from './engine/strategy/intents.ts';
export type { CreateStrategy, ExecutionView, Strategy, StrategyContext, TickView } from './engine/strategy/strategy.ts';
export { checkJournal, type JournalCheck } from './journal/reader.ts';
