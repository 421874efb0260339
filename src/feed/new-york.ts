/** Wall-clock parts of New York; `en-US` and a 24-hour clock so that every Node prints the same. */
const PARTS = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});
const HOUR_S = 3_600;
const MINUTE_S = 60;
/** An hour of the day at which no clock change is near. */
const NOON_UTC_S = 17 * HOUR_S;

/**
 * Epoch second of the New York midnight before `epochS`, from which US venues count their times. On the two Sundays a year
 * when the clocks change it is an hour off after 02:00; no US venue trades then.
 */
export function newYorkMidnightS(epochS: number): number {
  const part = new Map(PARTS.formatToParts(new Date(epochS * 1000)).map(({ type, value }) => [type, Number(value)]));
  return Math.floor(epochS) - (part.get('hour')! * HOUR_S + part.get('minute')! * MINUTE_S + part.get('second')!);
}

/** Epoch second of midnight in New York on a date, undefined when there is no such date. */
export function newYorkDateS(year: number, month: number, day: number): number | undefined {
  const utcMs = Date.UTC(year, month - 1, day);
  const date = new Date(utcMs);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return newYorkMidnightS(utcMs / 1000 + NOON_UTC_S);
}
