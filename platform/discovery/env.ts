/** The settings that a part declares, with what only the running platform knows filled in. */

/** What parts are told of each other. */
export interface Wiring {
  readonly trustDomain: string;
  /** The port of a part's first replica, offset included. */
  port(part: string, listener: string): number;
  /** The base URL of a plain HTTP listener, of each replica of a part. */
  urls(part: string, listener: string): readonly string[];
  /** `auth=localhost:7410,…`: every gRPC listener of every replica. */
  readonly upstreams: string;
  readonly kekFile: string;
  /** Where the supervisor takes spans; absent where there is no trace view. */
  readonly traceView?: string;
  /** Absent where no demo users are made. */
  readonly bootstrapAdminEmail?: string;
}

/** A `{…}` in a setting: a fact of the platform, or one about a listener of a part. */
export interface Placeholder {
  readonly fact: string;
  readonly part?: string;
  readonly listener?: string;
}

const FACTS: Readonly<Record<string, (at: Wiring) => string | undefined>> = {
  kekFile: ({ kekFile }) => kekFile,
  bootstrapAdminEmail: ({ bootstrapAdminEmail }) => bootstrapAdminEmail,
};
const FACTS_OF_LISTENERS: Readonly<
  Record<string, (at: Wiring, part: string, listener: string) => string>
> = {
  url: (at, part, listener) => `http://127.0.0.1:${at.port(part, listener)}`,
  targets: (at, part, listener) =>
    at
      .urls(part, listener)
      .map((url) => `${part}=${url}`)
      .join(','),
};
const PLACEHOLDER = /\{([^{}]*)\}/g;
const SHAPE = /^([A-Za-z]+)(?::([a-z][a-z0-9]*)\/([a-z]+))?$/;

/** What a placeholder may be, for an error. */
export const PLACEHOLDERS =
  '{kekFile}, {bootstrapAdminEmail}, {url:PART/LISTENER} or {targets:PART/LISTENER}';

/** @returns the placeholders of a setting; `undefined` for one that is not known. */
export function placeholdersIn(template: string): readonly (Placeholder | undefined)[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, text = '']) => {
    const [, fact = '', part, listener] = SHAPE.exec(text) ?? [];
    if (part === undefined || listener === undefined) {
      return Object.hasOwn(FACTS, fact) ? { fact } : undefined;
    }
    return Object.hasOwn(FACTS_OF_LISTENERS, fact) ? { fact, part, listener } : undefined;
  });
}

/**
 * Fills in the settings that a part declares:
 *
 * - `{kekFile}`: the file of the key-encryption key.
 * - `{bootstrapAdminEmail}`: who becomes admin, where demo users are made.
 * - `{url:auth/http}`: the base URL of a plain HTTP listener of a part's first replica.
 * - `{targets:extension/http}`: `extension=URL` for each replica, as GATEHOUSE_HTTP_TARGETS takes it.
 *
 * A setting with a fact that the platform does not have now is left out.
 */
export function fillEnv(
  env: Readonly<Record<string, string>>,
  at: Wiring,
): Readonly<Record<string, string>> {
  const filled = Object.entries(env).flatMap(([name, template]) => {
    const values = placeholdersIn(template).map((each) => each && factOf(each, at));
    if (values.includes(undefined)) return [];
    return [[name, template.replaceAll(PLACEHOLDER, () => values.shift() ?? '')] as const];
  });
  return Object.fromEntries(filled);
}

function factOf({ fact, part, listener }: Placeholder, at: Wiring): string | undefined {
  if (part === undefined || listener === undefined) return FACTS[fact]?.(at);
  return FACTS_OF_LISTENERS[fact]?.(at, part, listener);
}
