/** Who a client is, by its secret or by an assertion that it signed. */

import type { Store } from '../common/base.ts';
import { oauthErrors } from '../oauth/errors.ts';
import type { ClientKey, ClientWithSecrets } from './client-ports.ts';
import type { ClientSecrets } from './manage.ts';
import type { Client } from './rules.ts';

/** What a client shows: one thing. */
export type Credentials =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: string }
  /** `clientId`: what the request says beside it, where it says something. */
  | {
      readonly kind: 'assertion';
      readonly clientId: string | undefined;
      readonly assertion: string;
    };

/**
 * Bounds guessing. A failure counts for the client at that address, and for the address; never for the
 * client alone, whom anybody could else lock out.
 */
export interface GuessLimiter {
  /** @throws oauth.temporarily_unavailable with the seconds to wait. */
  check(clientId: string, address: string): Promise<void>;
  failed(clientId: string, address: string): Promise<void>;
}

/** @returns undefined for an assertion that is bad in any way. */
export type VerifyAssertion = (
  assertion: { readonly clientId: string; readonly assertion: string },
  keys: readonly ClientKey[],
) => { readonly proofId: string; readonly expiresAt: Date } | undefined;

/** Reads a client with the secrets that are valid now. */
export type FindClient = (clientId: string) => Promise<ClientWithSecrets | undefined>;

export interface AuthenticateClientParts {
  readonly store: Store;
  readonly findClient: FindClient;
  readonly clientSecrets: ClientSecrets;
  readonly guesses: GuessLimiter;
  readonly verifyAssertion: VerifyAssertion;
  /** Whose assertion it says to be, of which nothing was verified; undefined when it is none. */
  readonly claimedClient: (assertion: string) => string | undefined;
}

/**
 * Finds out who a client is. An unknown client, a wrong secret, a bad or used assertion and a disabled
 * client are answered alike.
 *
 * @throws oauth.invalid_client, oauth.temporarily_unavailable.
 */
export type AuthenticateClient = (credentials: Credentials, address: string) => Promise<Client>;

/** Compared with where there is no client, so that both ways do the same work. */
const NO_SECRET = Buffer.alloc(32);

export function createAuthenticateClient(parts: AuthenticateClientParts): AuthenticateClient {
  const { store, guesses } = parts;

  return async (credentials, address) => {
    const clientId = clientOf(credentials);
    await guesses.check(clientId, address);
    const client = await parts.findClient(clientId);
    const isRight =
      credentials.kind === 'secret'
        ? hasSecret(client, credentials.secret)
        : await hasSigned({ clientId, assertion: credentials.assertion });
    if (client !== undefined && client.disabledAt === undefined && isRight) return client;
    await guesses.failed(clientId, address);
    throw oauthErrors.INVALID_CLIENT();
  };

  function clientOf(credentials: Credentials): string {
    if (credentials.kind === 'secret') return credentials.clientId;
    const { clientId: named, assertion } = credentials;
    const claimed = parts.claimedClient(assertion);
    const isAnother = named !== undefined && named !== claimed;
    if (claimed === undefined || isAnother) throw oauthErrors.INVALID_CLIENT();
    return claimed;
  }

  function hasSecret(client: ClientWithSecrets | undefined, secret: string): boolean {
    const hashes = client?.secrets.map(({ hash }) => hash) ?? [];
    return parts.clientSecrets.isOneOf(secret, [...hashes, NO_SECRET]);
  }

  async function hasSigned(shown: { readonly clientId: string; readonly assertion: string }) {
    const keys = await store.read.clients.keysOf(shown.clientId);
    const verified = parts.verifyAssertion(shown, keys);
    if (verified === undefined) return false;
    // In the database, so that no other copy takes it either.
    return store.read.passportKeys.useProof(verified.proofId, verified.expiresAt);
  }
}
