/** The use cases of clients: who they are, and the tokens that they get in their own name. */
import type { ServiceContext } from '@gatehouse/chassis';
import { claimedClient, createVerifyAssertion } from '../adapters/client-assertions.ts';
import { createClientLookup } from '../adapters/client-lookup.ts';
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createGuessLimiter } from '../adapters/guess-limits.ts';
import { createMintServiceToken } from '../adapters/service-tokens.ts';
import { createAuthenticateClient, type GuessLimiter } from '../application/authenticate-client.ts';
import { createAuthenticateWorkload } from '../application/authenticate-workload.ts';
import { createIssueServiceToken } from '../application/issue-service-token.ts';
import type { AuthConfig } from '../config.ts';
import type { ClientParts } from '../transport/oauth/who.ts';
import type { OriginalWireParts } from '../transport/original-wire.ts';
import type { Parts } from './parts.ts';

type ClientCases = OriginalWireParts & ClientParts & { readonly guesses: GuessLimiter };

export function buildClientCases(
  { clock, trustDomain }: ServiceContext,
  { issuer }: AuthConfig,
  { store, newId, keys }: Parts,
): ClientCases {
  const key = () => keys.access;
  const mintServiceToken = createMintServiceToken({ key, issuer, trustDomain, newId, clock });
  // One count for all endpoints.
  const guesses = createGuessLimiter();
  return {
    guesses,
    authenticate: createAuthenticateClient({
      store,
      findClient: createClientLookup(store.read.clients, clock),
      clientSecrets,
      guesses,
      verifyAssertion: createVerifyAssertion({ audiences: audiencesOf(issuer), clock }),
      claimedClient,
    }),
    authenticateWorkload: createAuthenticateWorkload(store),
    issueServiceToken: createIssueServiceToken({ mintServiceToken, clock }),
    publicKey: () => key().publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/** RFC 7523bis asks for the issuer; many libraries still say the endpoint. */
function audiencesOf(issuer: string): readonly string[] {
  return [issuer, `${issuer.replace(/\/$/, '')}/oauth2/token`];
}
