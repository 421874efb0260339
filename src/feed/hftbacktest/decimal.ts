/** A price or quantity of up to this many decimals is told from its neighbours; crypto lots go down to 1e-8. */
const DECIMALS_MAX = 12;
/** Four units of the last place: what the product of a tick and its size loses. */
const TOLERANCE_RELATIVE = 2 ** -50;
const UNITS_MAX = 1e15;

/**
 * The shortest plain decimal text that the float64 stands for: 61594.1 of 61594.100000000006, which is 615941 times 0.1 as
 * computed. Undefined when there is none of 15 digits, or it is below 0.
 */
export function decimalTextOf(value: number): string | undefined {
  if (!(value >= 0)) return undefined;
  for (let decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
    const exact = value * 10 ** decimals;
    const units = Math.round(exact);
    if (units >= UNITS_MAX) return undefined;
    if (Math.abs(exact - units) <= units * TOLERANCE_RELATIVE) return (units / 10 ** decimals).toFixed(decimals);
  }
  return undefined;
}
