/** Days as the original system counts them: in Asia/Seoul, written `YYYY-MM-DD`. */

// Korea has had no summer time since 1988.
const SEOUL_OFFSET_MS = 9 * 3_600_000;
const SHAPE = /^\d{4}-\d{2}-\d{2}$/;

/** The day in Asia/Seoul at a moment. */
export function seoulDay(nowMs: number): string {
  return new Date(nowMs + SEOUL_OFFSET_MS).toISOString().slice(0, 10);
}

/** Whether a text is a day that the calendar has, from year 0001 on. */
export function isDay(text: string): boolean {
  if (!SHAPE.test(text) || text.startsWith('0000')) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
