/** What the adapters over HTTP have in common. */
import { authorizationValues } from './authorization.ts';
import type { GuardedRequest } from './guard.ts';
import type { Refusal } from './refusal.ts';

/** The part of `node:http`'s IncomingMessage that is looked at; HTTP/2's has it too. */
export interface HttpMessage {
  readonly rawHeaders: readonly string[];
  readonly headers: { readonly authorization?: string | undefined };
}

/** A message as the guard takes it. */
export function guardedMessage(message: HttpMessage): GuardedRequest {
  return { key: message, authorization: () => valuesOf(message) };
}

function valuesOf({ rawHeaders, headers }: HttpMessage): readonly string[] {
  const values = authorizationValues(rawHeaders);
  if (values.length > 0 || headers.authorization === undefined) return values;
  // A message that came over no socket (a serverless platform's, a test's) may have these alone.
  return [headers.authorization];
}

/** The body of the response to a refused request, as it is sent. */
export function refusalBody(refusal: Refusal): string {
  return JSON.stringify(refusal.toProblem());
}

/** All headers of the response to a refused request, but for the type of its body. */
export function refusalHeaders(refusal: Refusal): Readonly<Record<string, string>> {
  // A refusal is of one request; no cache may give it to another.
  return { ...refusal.headers, 'cache-control': 'no-store' };
}

/** All headers of the response, with a body of problem+json. */
export function problemHeaders(refusal: Refusal): Readonly<Record<string, string>> {
  return { ...refusalHeaders(refusal), 'content-type': 'application/problem+json' };
}
