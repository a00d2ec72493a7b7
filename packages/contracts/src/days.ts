/** Days as the original system counts them: in Asia/Seoul, written `YYYY-MM-DD`. */

const DAY_MS = 86_400_000;
// Korea has had no summer time since 1988.
const SEOUL_OFFSET_MS = 9 * 3_600_000;
const SHAPE = /^\d{4}-\d{2}-\d{2}$/;

/** The day in Asia/Seoul at a moment, given in milliseconds since the epoch. */
export function seoulDay(nowMs: number): string {
  return new Date(nowMs + SEOUL_OFFSET_MS).toISOString().slice(0, 10);
}

/** How long the day in Asia/Seoul has lasted at a moment, in milliseconds. */
export function sinceSeoulMidnightMs(nowMs: number): number {
  return (nowMs + SEOUL_OFFSET_MS) % DAY_MS;
}

/** Whether a text is a day that the calendar has, from year 0001 on. */
export function isDay(text: string): boolean {
  if (!SHAPE.test(text) || text.startsWith('0000')) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The day so many days later; fewer than 0: earlier. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days lie between two: 1 from a day to the next. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}
