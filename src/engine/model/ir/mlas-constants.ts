/**
 * Coefficients of ONNX Runtime's float32 approximations (MLAS: logistic, tanh and exp), highest power first, each rounded to
 * float32. Facts of the reference: with a fused multiply-add at each step they give its bits.
 */
const single = (values: readonly number[]): readonly number[] => values.map(Math.fround);

/** logistic(v) = v * P(v^2) / Q(v^2) + 1/2 for v held inside the range. */
export const LOGISTIC = {
  range: 18,
  p: single([4.37031012579801e-11, 1.15627324459942e-7, 6.08574864600143e-5, 8.51377133304701e-3, 2.48287947061529e-1]),
  q: single([6.10247389755681e-13, 5.76102136993427e-9, 6.2910678501704e-6, 1.70198817374094e-3, 1.16817656904453e-1, 9.9315192102318e-1]),
} as const;

/** tanh(v) = v * P(v^2) / Q(v^2) for v held inside the range. */
export const TANH = {
  range: 9,
  p: single([
    -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5, 6.37261928875436e-4,
    4.89352455891786e-3,
  ]),
  q: single([1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3]),
} as const;

/**
 * exp(v) = 2^m * P(r) * r + 2^m with m = rne(v / ln 2) and r = v - m ln 2, ln 2 in two parts. Beyond `low` and `high` the
 * argument is held; where only sums of exponentials of what lies below a maximum are wanted, at `lowOfSum`.
 */
export const EXP = {
  low: Math.fround(-103.9720840454),
  high: Math.fround(88.776262664795),
  lowOfSum: Math.fround(-88.3762626647949),
  log2Reciprocal: Math.fround(1.4426950408889634),
  log2High: Math.fround(-6.93145752e-1),
  log2Low: Math.fround(-1.42860677e-6),
  p: [0x169_4000 * 2 ** -34, 0x112_5edc * 2 ** -31, 0x155_5b5a * 2 ** -29, 0x155_5450 * 2 ** -27, 0x1ff_fff6 * 2 ** -26, 1],
  rounding: 12_582_912,
  exponentMin: 0xc1000000 | 0,
  exponentMax: 0x3f800000,
} as const;
