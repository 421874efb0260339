/**
 * Exponential and logarithm built from + - * / alone, which IEEE 754 and ECMAScript define to the last bit. `Math.exp`, `Math.log`,
 * `Math.pow` and the trigonometric functions are "implementation-approximated" (ECMA-262, 21.3): a newer V8 or another
 * processor may differ in the last place, and one differing bit gives a different session. Accuracy here: about 2 units in
 * the last place.
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;

const EXPONENT_MIN = -1022;
const EXPONENT_MAX = 1023;

/** Powers of two by repeated doubling and halving, both exact; index = exponent - EXPONENT_MIN. */
const POWERS_OF_TWO = powersOfTwo();

/** e to the `x`. Below the smallest normal double the result is 0; above the largest it is Infinity. */
export function exactExp(x: number): number {
  const exponent = Math.floor(x / LN2 + 0.5);
  if (exponent < EXPONENT_MIN) return 0;
  if (exponent > EXPONENT_MAX) return Infinity;
  const rest = x - exponent * LN2_HIGH - exponent * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * rest) / n;
  return sum * POWERS_OF_TWO[exponent - EXPONENT_MIN]!;
}

/** Natural logarithm of a positive normal double; -Infinity for 0. */
export function exactLog(x: number): number {
  if (x === 0) return -Infinity;
  let exponent = exponentOf(x);
  let mantissa = x / POWERS_OF_TWO[exponent - EXPONENT_MIN]!;
  if (mantissa * 0.5 > SQRT_HALF) {
    mantissa *= 0.5;
    exponent++;
  }
  // log m = 2 atanh((m - 1) / (m + 1)); the argument stays within 0.1716.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW);
}

/** Largest e with 2^e <= x, by bisection of the table. */
function exponentOf(x: number): number {
  let low = 0;
  let high = POWERS_OF_TWO.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (POWERS_OF_TWO[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  return low + EXPONENT_MIN;
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(EXPONENT_MAX - EXPONENT_MIN + 1);
  let power = 1;
  for (let e = 0; e <= EXPONENT_MAX; e++, power *= 2) powers[e - EXPONENT_MIN] = power;
  power = 1;
  for (let e = 0; e >= EXPONENT_MIN; e--, power *= 0.5) powers[e - EXPONENT_MIN] = power;
  return powers;
}
