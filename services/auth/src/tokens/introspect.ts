/** Introspection (RFC 7662): what a token says, for those who may know. */
import type { Client } from '../clients/rules.ts';
import type { FindToken, FoundToken } from './find.ts';

/** Scopes of clients that may look into tokens which are not theirs: resource servers. */
const INTROSPECTION_SCOPES = {
  /** Access and service tokens. */
  jwt: 'token:introspect',
  /** Refresh tokens, which no resource server is ever shown. */
  refresh: 'token:introspect-refresh',
} as const;

/**
 * @returns the token, if it is active now and the client may know of it: its own, or by a scope. Everything
 *   else is the same undefined, so that nothing is learnt by asking.
 */
export type Introspect = (client: Client, token: string) => Promise<FoundToken | undefined>;

export function createIntrospect({ findToken }: { readonly findToken: FindToken }): Introspect {
  return async (client, token) => {
    const found = await findToken(token);
    if (found === undefined || !found.isActive) return undefined;
    return mayKnow(client, found) ? found : undefined;
  };
}

function mayKnow({ id, scopes }: Client, { kind, ownerId }: FoundToken): boolean {
  const needed = kind === 'refresh' ? INTROSPECTION_SCOPES.refresh : INTROSPECTION_SCOPES.jwt;
  return id === ownerId || scopes.includes(needed);
}
