import { ConfigError } from './errors.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Range {
  readonly least: number;
  readonly most: number;
}

const HIGHEST_PORT = 65_535;

/**
 * Reads settings from environment variables and says clearly what is wrong with one: the variable,
 * what it must be, and how to mend it. A message never holds the value, which may be a secret.
 * An empty variable counts as absent.
 */
export class EnvReader {
  readonly #values: Environment;

  constructor(values: Environment) {
    this.#values = values;
  }

  /** @throws ConfigError when absent. */
  string(name: string): string {
    return present(name, this.optionalString(name), 'must be set');
  }

  optionalString(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || value === '' ? undefined : value;
  }

  /** A TCP port; 0 lets the system choose. @throws ConfigError when absent or no port. */
  port(name: string): number {
    return present(name, this.optionalPort(name), 'must be a TCP port, such as 7410');
  }

  optionalPort(name: string): number | undefined {
    const mustBe = 'must be a TCP port from 1 to 65535, or 0 for any free one';
    return this.#integer(name, { least: 0, most: HIGHEST_PORT }, mustBe);
  }

  /** A whole number in decimal digits. @throws ConfigError when it is none or out of range. */
  optionalInteger(name: string, range: Range): number | undefined {
    return this.#integer(
      name,
      range,
      `must be a whole number from ${range.least} to ${range.most}`,
    );
  }

  /** An absolute URL. @throws ConfigError when absent or no URL. */
  url(name: string): URL {
    return present(name, this.optionalUrl(name), 'must be a URL, such as https://localhost:7412');
  }

  optionalUrl(name: string): URL | undefined {
    const value = this.optionalString(name);
    if (value === undefined) return undefined;
    const url = URL.parse(value);
    if (url !== null) return url;
    throw new ConfigError(name, 'must be an absolute URL, such as https://localhost:7412');
  }

  /** True for `1` or `true`, false for `0`, `false` or absent. @throws ConfigError for others. */
  flag(name: string): boolean {
    const value = this.optionalString(name) ?? '0';
    if (value === '1' || value === 'true') return true;
    if (value === '0' || value === 'false') return false;
    throw new ConfigError(name, 'must be 1 or 0; remove it for 0');
  }

  /** Comma-separated parts without the spaces around them; empty when absent. */
  list(name: string): readonly string[] {
    return (this.optionalString(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** One of some words. @throws ConfigError naming them. */
  oneOf<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word {
    const value = this.optionalString(name);
    if (value === undefined) return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new ConfigError(name, `must be one of ${words.join(', ')}`);
    return word;
  }

  #integer(name: string, { least, most }: Range, mustBe: string): number | undefined {
    const value = this.optionalString(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new ConfigError(name, mustBe);
  }
}

function present<Value>(name: string, value: Value | undefined, mustBe: string): Value {
  if (value === undefined) throw new ConfigError(name, `${mustBe}; it is not set`);
  return value;
}
