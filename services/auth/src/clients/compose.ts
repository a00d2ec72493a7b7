/** The use cases of clients: who they are, and the tokens that they get in their own name. */
import type { ServiceContext } from '@gatehouse/chassis';
import type { AuthConfig } from '../config.ts';
import type { Parts } from '../keys/compose.ts';
import type { ClientParts } from '../oauth/client.ts';
import { claimedClient, createVerifyAssertion } from './assertions.ts';
import { createAuthenticateClient, type GuessLimiter } from './authenticate.ts';
import { createAuthenticateWorkload } from './authenticate-workload.ts';
import { createIssueServiceToken } from './issue-token.ts';
import { createGuessLimiter } from './limits.ts';
import { createClientLookup } from './lookup.ts';
import type { OriginalWireParts } from './original-wire-http.ts';
import { clientSecrets } from './secrets.ts';
import { createMintServiceToken } from './service-tokens.ts';

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
