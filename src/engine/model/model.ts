/**
 * A model on one thread. `input` and `output` are views of fixed memory: write the features into `input`, call `run`,
 * read `output`. `run` is synchronous; the compiled back end allocates nothing.
 */
export interface Model {
  readonly backend: ModelBackend;
  readonly inputCount: number;
  readonly outputCount: number;
  /** float32, `inputCount` values. */
  readonly input: Float32Array;
  /** float32, `outputCount` values; valid after `run` until the next. */
  readonly output: Float32Array;
  /** 0, or MODEL_FAILED. */
  run(): number;
  close(): void;
}

export const MODEL_BACKENDS = ['wasm', 'ort-cpu'] as const;
export type ModelBackend = (typeof MODEL_BACKENDS)[number];

/** Status of `run`: the back end raised an error; the outputs are not to be used. */
export const MODEL_FAILED = -1;
