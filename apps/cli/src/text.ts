/** Numbers and tables as people read them. */

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

/** `'92 MB'`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
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
  const count = Math.floor(length / unit);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
