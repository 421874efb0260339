import { z } from 'zod';
import { FORMATS } from '../feed/formats.ts';
import { JOURNAL_SYNC } from '../journal/writer.ts';

/** Prices, quantities and percentages stay the text they were written as: they never become floating point. */
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'expected a plain decimal number');
const milliseconds = z.number().min(0).max(86_400_000);
const microseconds = z.number().int('expected whole microseconds').min(0).max(3_600_000_000);

/** Every key a configuration may have. docs/configuration.md describes each; a test keeps the two together. */
export const ConfigSchema = z.strictObject({
  input: z.strictObject({ files: z.array(z.string().min(1)), format: z.enum(FORMATS) }),
  /** Times real time, or as fast as possible. */
  speed: z.union([z.literal('max'), z.number().positive().max(10_000)], 'expected max, or a number above 0 up to 10000'),
  topology: z.enum(['inline', 'pipeline']),
  /** Which instrument of the input to trade, when it has several. */
  symbol: z.string().min(1).optional(),
  instruments: z.record(z.string(), z.strictObject({ tick_size: decimal, lot_size: decimal })),
  model: z.strictObject({ file: z.string().min(1), backend: z.enum(['auto', 'wasm', 'ort-cpu']) }),
  strategy: z
    .strictObject({ name: z.string().min(1).optional(), file: z.string().min(1).optional(), params: z.record(z.string(), z.unknown()) })
    .refine((value) => (value.name === undefined) !== (value.file === undefined), 'expected either name or file'),
  risk: z.strictObject({
    allow: z.array(z.string().min(1)).optional(),
    max_order_qty: decimal.optional(),
    max_order_notional: decimal.optional(),
    max_spread: decimal.optional(),
    max_trade_age_ms: decimal.optional(),
    price_collar_percent: decimal.optional(),
    min_price: decimal.optional(),
    max_price: decimal.optional(),
    max_data_age_ms: decimal.optional(),
    max_long_qty: decimal.optional(),
    max_short_qty: decimal.optional(),
    max_open_orders: decimal.optional(),
    max_orders_per_1s: decimal.optional(),
    max_orders_per_10s: decimal.optional(),
    max_loss: decimal.optional(),
    maker_fee_percent: decimal.optional(),
    taker_fee_percent: decimal.optional(),
  }),
  exchange: z.strictObject({ entry_latency_us: microseconds, response_latency_us: microseconds }),
  journal: z.strictObject({ sync: z.enum(JOURNAL_SYNC), signals: z.boolean() }),
  threads: z.strictObject({
    pin: z.boolean(),
    engine_core: z.number().int().min(0).max(1023).optional(),
    jitter_ms: milliseconds,
    rehearse: z.boolean(),
  }),
  report: z.strictObject({ html: z.boolean() }),
  run: z.strictObject({
    dir: z.string().min(1),
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/, 'expected letters, digits, dot, dash and underscore')
      .optional(),
  }),
});

export type Config = z.infer<typeof ConfigSchema>;

/** Sections whose scalars are decimals: numbers in them are taken as they are written in the file. */
export const DECIMAL_SECTIONS: readonly string[] = ['risk', 'instruments'];

/**
 * Defaults with their reasons; a file, the environment (`TICKPATH_SPEED`, `TICKPATH_RUN_DIR` ...) and flags override them in
 * that order. Risk has none on purpose: a limit that is not configured refuses every order.
 */
export const CONFIG_DEFAULTS = {
  input: { files: [] as string[], format: 'binance-usdm' },
  // As fast as possible: the usual wish of someone who replays a file. The demo sets 10.
  speed: 'max',
  // One spinning thread leaves the kernel a core on small machines.
  topology: 'inline',
  instruments: {},
  model: { file: 'models/reference.onnx', backend: 'auto' },
  strategy: { name: 'signal-taker', params: {} },
  risk: {},
  // A colocated client's round trip is far below this; 2 ms each way is a fair figure for a cloud host near the venue.
  exchange: { entry_latency_us: 2_000, response_latency_us: 2_000 },
  // Replays can be repeated: forcing blocks to the disk would only cost time.
  journal: { sync: 'none', signals: true },
  // One second of jitter at 100,000 samples gives a p99.9 with 100 samples behind it.
  // A rehearsal compiles the hot path before the run, for about half a second.
  threads: { pin: true, jitter_ms: 1_000, rehearse: true },
  report: { html: true },
  run: { dir: 'runs' },
} as const;
