/** `@gatehouse/tokens/fastify`: a plugin for Fastify 5. */
import { ANY_PRINCIPAL, type CheckedDemand, checkedDemand, type Demand } from './demand.ts';
import { type BearerAuthOptions, Guard } from './guard.ts';
import { guardedMessage, type HttpMessage, problemHeaders, refusalBody } from './http.ts';
import type { BearerClaims, Principal } from './principal.ts';

export type { Demand } from './demand.ts';
export type { BearerAuthOptions } from './guard.ts';
export type { BearerClaims, Principal } from './principal.ts';
export { type Problem, Refusal, type RefusalCode } from './refusal.ts';

/** The part of FastifyRequest that is looked at. */
interface Request {
  readonly raw: HttpMessage;
}

/** The part of FastifyReply that is used. */
interface Reply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

/** An `onRequest` hook: it runs before the body is read. */
export type OnRequestHook = (request: Request, reply: Reply) => Promise<unknown>;

interface Instance {
  addHook(name: 'onRequest', hook: OnRequestHook): unknown;
}

/** A plugin that accepts requests with a valid token. */
export interface FastifyBearerAuth<C extends BearerClaims> {
  /** The plugin itself; it guards all routes of the instance that registers it. */
  (instance: Instance, options: unknown, done: () => void): void;
  /**
   * An `onRequest` hook for routes that need more than a good token; asks for the token by itself too.
   *
   * @throws TypeError when the demand is empty or cannot be met by any token.
   */
  require(demand: Demand<C>): OnRequestHook;
  /**
   * For whom the request is made.
   *
   * @throws Error when the request has not passed this plugin.
   */
  principal(request: Request): Principal<C>;
}

/**
 * Makes the plugin: `app.register(bearerAuth({ verifier }))` before the routes it shall guard.
 *
 * It answers by itself, with problem+json (RFC 9457) and the challenges of RFC 6750, section 3: 401
 * for no token or a bad one, 400 for two `Authorization` headers, 403 for a missing scope or role,
 * and 503 with `Retry-After` while keys are missing. Other errors of the verifier go to Fastify's
 * error handler.
 *
 * Not checked: whether the token expires while the request is handled, and tokens in the body or the
 * query (RFC 6750, sections 2.2 and 2.3): those are never read.
 */
export function bearerAuth<C extends BearerClaims>(
  options: BearerAuthOptions<C>,
): FastifyBearerAuth<C> {
  const guard = new Guard(options);
  const plugin = (instance: Instance, _options: unknown, done: () => void) => {
    instance.addHook('onRequest', hook(guard, ANY_PRINCIPAL));
    done();
  };
  return Object.assign(plugin, {
    // Fastify's own sign for a plugin that acts on the instance itself, not on a child of it.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'gatehouse-bearer-auth',
    require: (demand: Demand<C>) => hook(guard, checkedDemand(demand)),
    principal: (request: Request) => guard.principal(request.raw),
  });
}

function hook<C extends BearerClaims>(guard: Guard<C>, demand: CheckedDemand): OnRequestHook {
  return async (request, reply) => {
    const refusal = await guard.refuse(guardedMessage(request.raw), demand);
    if (refusal === undefined) return undefined;
    reply.code(refusal.statusCode);
    reply.headers(problemHeaders(refusal));
    reply.send(refusalBody(refusal));
    // The reply returned tells Fastify that it was answered.
    return reply;
  };
}
