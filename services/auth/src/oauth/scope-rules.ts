import { oauthErrors } from './errors.ts';

// RFC 6749, section 3.3.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * The scopes that are asked for, each once, in the order of `allowed`.
 *
 * @param asked - space-separated; undefined asks for all that is allowed.
 * @throws oauth.invalid_scope for a malformed one, and for one that is not allowed.
 */
export function narrowTo(allowed: readonly string[], asked: string | undefined): string {
  if (asked === undefined) return allowed.join(' ');
  if (!SCOPE.test(asked)) throw oauthErrors.INVALID_SCOPE();
  const wanted = new Set(asked.split(' '));
  const granted = allowed.filter((scope) => wanted.has(scope));
  if (granted.length !== wanted.size) throw oauthErrors.INVALID_SCOPE();
  return granted.join(' ');
}
