/** Which pages of other origins may read the edge's responses (Fetch standard, "CORS protocol"). */
import { valuesOf } from '@gatehouse/wire';
import type { Incoming } from './seam.ts';

/** Says what a response carries for the page that asked. */
export type Cors = (
  incoming: Pick<Incoming, 'method' | 'rawHeaders'>,
) => Readonly<Record<string, string>>;

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, traceparent';
const EXPOSED_HEADERS = 'ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id';
const PREFLIGHT_SECONDS = 600;
const NOTHING = Object.freeze({});

/**
 * Makes the headers of allowed origins; none allowed: none made.
 *
 * Cookies are never allowed for: callers show tokens. A preflight is `OPTIONS` of the
 * path, so one of an unknown path is 404.
 *
 * @param origins - as browsers send them: `https://app.example`. Compared as they are.
 */
export function createCors(origins: readonly string[]): Cors {
  if (origins.length === 0) return () => NOTHING;
  const allowed = new Set(origins);
  return ({ method, rawHeaders }) => {
    const origin = onlyValue(rawHeaders, 'origin');
    if (origin === undefined || !allowed.has(origin)) return { vary: 'origin' };
    const common = {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED_HEADERS,
    };
    const asksFor = onlyValue(rawHeaders, 'access-control-request-method');
    if (method !== 'OPTIONS' || asksFor === undefined) return common;
    return {
      ...common,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    };
  };
}

/** Whether a text is an origin in the one form that browsers send. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}

function onlyValue(rawHeaders: readonly string[], name: string): string | undefined {
  const [value, ...others] = valuesOf(rawHeaders, name);
  return others.length === 0 ? value : undefined;
}
