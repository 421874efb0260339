/** Decimal text as an integer of 10^-decimals, by big integers; undefined when it is none, or no whole number of them up to 2^53 - 1. */
export function naiveUnits(text: string, decimals: number, exponents = false): number | undefined {
  const parts = /^(\d*)(?:\.(\d*))?(?:e-(\d+))?$/.exec(text);
  if (parts === null || (parts[3] !== undefined && !exponents)) return undefined;
  const [whole, fraction, shift] = [parts[1]!, parts[2] ?? '', Number(parts[3] ?? 0)];
  if (whole + fraction === '' || shift > decimals) return undefined;
  const exact = BigInt(`${whole}${fraction}`) * 10n ** BigInt(decimals);
  const scale = 10n ** BigInt(fraction.length + shift);
  if (exact % scale !== 0n || exact / scale > 2n ** 53n - 1n) return undefined;
  return Number(exact / scale);
}

/** Units as whole steps of `stepUnits`. */
export function naiveSteps(units: number | undefined, stepUnits: number): number | undefined {
  return units === undefined || units % stepUnits !== 0 ? undefined : units / stepUnits;
}
