/** Numbers, times, tables and JSON as the command line prints them. */

/** A `google.protobuf.Timestamp`; undefined where it is not set. */
export type Time = { readonly seconds: bigint } | undefined;

/** Columns as wide as their widest cell; the last one is left ragged. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** Indented JSON; messages of Protocol Buffers without their type, and their times in ISO 8601. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => plain(member), 2);
}

function plain(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !('$typeName' in member)) return member;
  if ('seconds' in member && typeof member.seconds === 'bigint') {
    return isoOf({ seconds: member.seconds });
  }
  const { $typeName: _, ...rest } = member;
  return rest;
}

/** In milliseconds since 1970; 0 where it is not set. */
export function msOf(at: Time): number {
  return Number(at?.seconds ?? 0n) * 1000;
}

/** `'2026-11-20T18:02:11.000Z'`; `'-'` where it is not set. */
export function isoOf(at: Time): string {
  return at === undefined ? '-' : new Date(msOf(at)).toISOString();
}

/** `'92 MB'`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}

/** `'1 key'`, `'2 keys'`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** `'12 minutes'`, `'1 hour'`: the largest unit that fits, rounded down; the sign is ignored. */
export function duration(ms: number): string {
  const length = Math.abs(ms);
  const [name, unit] = UNITS.find(([, each]) => length >= each) ?? ['second', 1_000];
  return counted(Math.floor(length / unit), name);
}
