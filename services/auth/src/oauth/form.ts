/** Bodies of `application/x-www-form-urlencoded`, as OAuth has them: strict, each name once. */
import { badParameter, oauthErrors } from './errors.ts';

/** The parameters; an empty one counts as absent (RFC 6749, section 3.2). */
export type Form = ReadonlyMap<string, string>;

const MAX_PARAMETERS = 32;

/**
 * Reads a form.
 *
 * @throws oauth.invalid_request for a name that comes twice, for bytes that are no UTF-8, and for an
 *   escape that is none.
 */
export function readForm(body: Buffer): Form {
  const form = new Map<string, string>();
  if (body.length === 0) return form;
  const pairs = body.toString('latin1').split('&');
  if (pairs.length > MAX_PARAMETERS) throw oauthErrors.INVALID_REQUEST();
  const seen = new Set<string>();
  for (const pair of pairs) {
    const end = pair.indexOf('=');
    const name = formDecode(end < 0 ? pair : pair.slice(0, end));
    const value = end < 0 ? '' : formDecode(pair.slice(end + 1));
    if (name === undefined || value === undefined) throw oauthErrors.INVALID_REQUEST();
    // What a stranger wrote is not said back.
    if (seen.has(name)) throw badParameter(KNOWN.has(name) ? name : '', 'comes more than once');
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return form;
}

/** @throws oauth.invalid_request when it is absent. */
export function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw badParameter(name, 'is missing');
  return value;
}

const UNRESERVED_OR_ESCAPE = /^[\x21-\x7e]*$/;

/** Decodes one name or value (RFC 6749, appendix B). @returns undefined when it cannot be read. */
export function formDecode(text: string): string | undefined {
  if (!UNRESERVED_OR_ESCAPE.test(text)) return undefined;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'token',
  'token_type_hint',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'purpose',
  'requested_expiry',
  'request_details',
  'request_context',
  'actor_token',
  'actor_token_type',
]);
