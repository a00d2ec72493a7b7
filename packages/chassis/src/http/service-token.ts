/** Who may ask at a plain listener: clients with a service token, before anything else is looked at. */
import { KeysUnavailableError, TokenError } from '@gatehouse/tokens';
import type { FastifyRequest } from 'fastify';
import type { ServiceTokenGate } from '../trust/gates.ts';
import { httpErrors } from './errors.ts';

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/**
 * Verifies the bearer token of a request (RFC 6750, section 2.1).
 *
 * @param verify - of a token of whatever kind.
 * @returns what `verify` says.
 * @throws `http.token` when it is missing or bad, `http.token_unchecked` when that cannot be said now.
 *
 * @example
 * ```ts
 * import type { ServiceContext } from '@gatehouse/chassis';
 * import { verifyBearer } from '@gatehouse/chassis/http';
 *
 * export async function clientOf(context: ServiceContext, authorization: string | undefined) {
 *   const gate = context.serviceTokens();
 *   const { client_id } = await verifyBearer(authorization, (token) => gate.verify(token));
 *   return client_id;
 * }
 * ```
 */
export async function verifyBearer<Claims>(
  authorization: string | undefined,
  verify: (token: string) => Promise<Claims>,
): Promise<Claims> {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) throw httpErrors.TOKEN({ cause: new Error('no bearer token') });
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof TokenError) throw httpErrors.TOKEN({ cause: error });
    if (!(error instanceof KeysUnavailableError)) throw error;
    const { retryAfterSeconds } = error;
    throw httpErrors.TOKEN_UNCHECKED({ cause: error, retryAfterSeconds });
  }
}

/**
 * A hook for `onRequest`: lets clients pass whose service token is good and has the scope.
 *
 * The hook throws as {@link verifyBearer}, and `http.scope`.
 *
 * @example
 * ```ts
 * import type { ServiceContext } from '@gatehouse/chassis';
 * import { requireServiceToken, type Routes } from '@gatehouse/chassis/http';
 *
 * export const routesOf =
 *   (context: ServiceContext): Routes =>
 *   (app) => {
 *     app.addHook('onRequest', requireServiceToken(context.serviceTokens(), 'asset:update'));
 *   };
 * ```
 */
export function requireServiceToken(
  gate: ServiceTokenGate,
  scope: string,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const claims = await verifyBearer(request.headers.authorization, (token) => gate.verify(token));
    if (!claims.scope.split(' ').includes(scope)) throw httpErrors.SCOPE();
  };
}
