/** Who a client is: by its secret, by an assertion that it signed, or by its workload's certificate. */
import type { AuthDatabase, Db } from '../database.ts';
import * as usedProofs from '../keys/used-proof-store.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { claimedClient, type VerifyAssertion } from './assertions.ts';
import * as clientKeys from './key-store.ts';
import type { GuessLimiter } from './limits.ts';
import type { FindClient } from './lookup.ts';
import type { Client, ClientWithSecrets } from './rules.ts';
import { isOneOf } from './secrets.ts';
import * as clients from './store.ts';

/** What a client shows: one thing. */
export type Credentials =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: string }
  /** `clientId`: what the request says beside it, where it says something. */
  | {
      readonly kind: 'assertion';
      readonly clientId: string | undefined;
      readonly assertion: string;
    };

export interface AuthenticateClientParts {
  readonly database: AuthDatabase;
  readonly findClient: FindClient;
  readonly guesses: GuessLimiter;
  readonly verifyAssertion: VerifyAssertion;
}

/**
 * Finds out who a client is. An unknown client, a wrong secret, an invalid or used assertion and a
 * disabled client get the same response.
 *
 * @throws oauth.invalid_client, oauth.temporarily_unavailable.
 */
export type AuthenticateClient = (credentials: Credentials, address: string) => Promise<Client>;

/** Compared with where there is no client, so that both ways do the same work. */
const NO_SECRET = Buffer.alloc(32);

export function createAuthenticateClient(parts: AuthenticateClientParts): AuthenticateClient {
  const { database, guesses } = parts;

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
    const claimed = claimedClient(assertion);
    const isAnother = named !== undefined && named !== claimed;
    if (claimed === undefined || isAnother) throw oauthErrors.INVALID_CLIENT();
    return claimed;
  }

  function hasSecret(client: ClientWithSecrets | undefined, secret: string): boolean {
    const hashes = client?.secrets.map(({ hash }) => hash) ?? [];
    return isOneOf(secret, [...hashes, NO_SECRET]);
  }

  async function hasSigned(shown: { readonly clientId: string; readonly assertion: string }) {
    const keys = await clientKeys.list(database.read, shown.clientId);
    const verified = parts.verifyAssertion(shown, keys);
    if (verified === undefined) return false;
    // In the database, so that no other replica accepts it either.
    return usedProofs.use(database.read, verified.proofId, verified.expiresAt);
  }
}

/**
 * The client that stands for a workload, by the workload's certificate (RFC 8705, section 2).
 *
 * @param workload - the service name in the certificate.
 * @param named - what the request says, where it says something.
 * @throws oauth.invalid_client when there is none, when it is disabled, or another one than named.
 */
export type AuthenticateWorkload = (workload: string, named: string | undefined) => Promise<Client>;

export function createAuthenticateWorkload(db: Db): AuthenticateWorkload {
  return async (workload, named) => {
    const client = await clients.findByWorkload(db, workload);
    const isAnother = named !== undefined && named !== client?.id;
    if (client === undefined || client.disabledAt !== undefined || isAnother) {
      throw oauthErrors.INVALID_CLIENT();
    }
    return client;
  };
}
