/** `@gatehouse/tokens/express`: a middleware for Express 5, and for all that takes the same. */
import { ANY_PRINCIPAL, type CheckedDemand, checkedDemand, type Demand } from './demand.ts';
import { type BearerAuthOptions, Guard } from './guard.ts';
import { guardedMessage, type HttpMessage, problemHeaders, refusalBody } from './http.ts';
import type { BearerClaims, Principal } from './principal.ts';

export type { Demand } from './demand.ts';
export type { BearerAuthOptions } from './guard.ts';
export type { BearerClaims, Principal } from './principal.ts';
export { type Problem, Refusal, type RefusalCode } from './refusal.ts';

/** The part of `node:http`'s ServerResponse that is used. */
interface HttpResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/** A middleware, as Express, Connect and plain `node:http` servers call it. */
export type Middleware = (
  request: HttpMessage,
  response: HttpResponse,
  next: (error?: unknown) => void,
) => void;

/** A middleware that accepts requests with a valid token. */
export interface ExpressBearerAuth<C extends BearerClaims> extends Middleware {
  /**
   * A middleware for routes that need more than a good token; asks for the token by itself too.
   *
   * @throws TypeError when the demand is empty or cannot be met by any token.
   */
  require(demand: Demand<C>): Middleware;
  /**
   * For whom the request is made.
   *
   * @throws Error when the request has not passed this middleware.
   */
  principal(request: HttpMessage): Principal<C>;
}

/**
 * Makes the middleware: `app.use(bearerAuth({ verifier }))`.
 *
 * It answers by itself, with problem+json (RFC 9457) and the challenges of RFC 6750, section 3: 401
 * for no token or a bad one, 400 for two `Authorization` headers, 403 for a missing scope or role,
 * and 503 with `Retry-After` while keys are missing. Other errors of the verifier go to `next`.
 *
 * Not checked: whether the token expires while the request is handled, and tokens in the body or the
 * query (RFC 6750, sections 2.2 and 2.3): those are never read.
 */
export function bearerAuth<C extends BearerClaims>(
  options: BearerAuthOptions<C>,
): ExpressBearerAuth<C> {
  const guard = new Guard(options);
  return Object.assign(middleware(guard, ANY_PRINCIPAL), {
    require: (demand: Demand<C>) => middleware(guard, checkedDemand(demand)),
    principal: (request: HttpMessage) => guard.principal(request),
  });
}

function middleware<C extends BearerClaims>(guard: Guard<C>, demand: CheckedDemand): Middleware {
  return (request, response, next) => {
    guard.refuse(guardedMessage(request), demand).then((refusal) => {
      if (refusal === undefined) return next();
      const headers = problemHeaders(refusal);
      return response.writeHead(refusal.statusCode, headers).end(refusalBody(refusal));
    }, next);
  };
}
