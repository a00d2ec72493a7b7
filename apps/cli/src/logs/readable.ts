/** Formats a service's log line (JSON) for people. */

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Known from the name of the file, or of no use to a person. */
const OMITTED = new Set(['level', 'time', 'msg', 'name', 'service', 'pid', 'hostname', 'err']);

/** `18:02:11 info  started  grpcPort=7430`; what is not JSON stays as it is. */
export function readable(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { level, time, msg, err } = entry;
  const more = Object.entries(entry)
    .filter(([name]) => !OMITTED.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const label = typeof level === 'number' ? (LEVELS[level] ?? String(level)) : String(level ?? '');
  const cells = [clock(time), label.padEnd(5), String(msg ?? ''), ...more, ...errorOf(err)];
  return cells.filter((cell) => cell !== '').join('  ');
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return Object(value);
  } catch {
    return undefined; // truncated, or not from a service
  }
}

function clock(time: unknown): string {
  const date = typeof time === 'number' || typeof time === 'string' ? new Date(time) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) return '';
  return date.toTimeString().slice(0, 8);
}

function errorOf(err: unknown): readonly string[] {
  const { message, stack, cause }: Thrown = Object(err);
  if (typeof stack === 'string') return [`\n  ${stack.replaceAll('\n', '\n  ')}${causesOf(cause)}`];
  return typeof message === 'string' ? [message] : [];
}

/** The messages alone, since their stacks mostly repeat the first one. */
function causesOf(err: unknown): string {
  const { message, cause }: Thrown = Object(err);
  return typeof message === 'string' ? `\n  Caused by: ${message}${causesOf(cause)}` : '';
}

interface Thrown {
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}
