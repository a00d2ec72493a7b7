/** What the adapters over HTTP have in common. */
import { authorizationValues } from './authorization.ts';
import type { GuardedRequest } from './guard.ts';
import type { Refusal } from './refusal.ts';

/** The part of `node:http`'s IncomingMessage that is looked at; HTTP/2's has it too. */
export interface HttpMessage {
  readonly rawHeaders: readonly string[];
}

/** A message as the guard takes it. */
export function guardedMessage(message: HttpMessage): GuardedRequest {
  return { key: message, authorization: () => authorizationValues(message.rawHeaders) };
}

/** The body of the answer to a refused request, as it is sent. */
export function refusalBody(refusal: Refusal): string {
  return JSON.stringify(refusal.toProblem());
}

/** All headers of the answer to a refused request, but for the type of its body. */
export function refusalHeaders(refusal: Refusal): Readonly<Record<string, string>> {
  // A refusal is of one request; no cache may give it to another.
  return { ...refusal.headers, 'cache-control': 'no-store' };
}

/** All headers of the answer, with a body of problem+json. */
export function problemHeaders(refusal: Refusal): Readonly<Record<string, string>> {
  return { ...refusalHeaders(refusal), 'content-type': 'application/problem+json' };
}
