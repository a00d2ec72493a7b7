/** Durations and sizes as people write them. */

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** `250ms`, `5s`, `2m`, `1h`, of the form that the schema asks for. */
export function milliseconds(text: string): number {
  return amount(text, MILLISECONDS);
}

/** `512kB`, `10MB`, `1GiB`, of the form that the schema asks for. */
export function bytes(text: string): number {
  return amount(text, BYTES);
}

function amount(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits = '', unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
  return Number(digits) * (units[unit] ?? Number.NaN);
}
