import { ConfigError } from './errors.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
    return this.#required(name, 'must be set');
  }

  optionalString(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || value === '' ? undefined : value;
  }

  /** A TCP port; 0 lets the system choose. @throws ConfigError when absent or no port. */
  port(name: string): number {
    return parsePort(name, this.#required(name, 'must be a TCP port, such as 7410'));
  }

  optionalPort(name: string): number | undefined {
    const value = this.optionalString(name);
    return value === undefined ? undefined : parsePort(name, value);
  }

  /** A whole number in decimal digits. @throws ConfigError when it is none or out of range. */
  optionalInteger(
    name: string,
    range: { readonly least: number; readonly most: number },
  ): number | undefined {
    const value = this.optionalString(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range.least && number <= range.most)) {
      throw new ConfigError(name, `must be a whole number from ${range.least} to ${range.most}`);
    }
    return number;
  }

  /** An absolute URL. @throws ConfigError when absent or no URL. */
  url(name: string): URL {
    return parseUrl(name, this.#required(name, 'must be a URL, such as https://localhost:7412'));
  }

  optionalUrl(name: string): URL | undefined {
    const value = this.optionalString(name);
    return value === undefined ? undefined : parseUrl(name, value);
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

  #required(name: string, mustBe: string): string {
    const value = this.optionalString(name);
    if (value === undefined) throw new ConfigError(name, `${mustBe}; it is not set`);
    return value;
  }
}

function parsePort(name: string, value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= HIGHEST_PORT)) {
    throw new ConfigError(name, 'must be a TCP port from 1 to 65535, or 0 for any free one');
  }
  return port;
}

function parseUrl(name: string, value: string): URL {
  const url = URL.parse(value);
  if (url === null) {
    throw new ConfigError(name, 'must be an absolute URL, such as https://localhost:7412');
  }
  return url;
}
