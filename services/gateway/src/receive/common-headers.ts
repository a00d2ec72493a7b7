/**
 * What every response of the edge carries: it is for no cache, for no guess at its type, for no frame,
 * and runs nothing. `Strict-Transport-Security` is left to whoever ends TLS.
 */
export const COMMON_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});
