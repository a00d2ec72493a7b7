/** The use cases of clients: who they are, and what they get. */
import type { ServiceContext } from '@gatehouse/chassis';
import { claimedClient, createVerifyAssertion } from '../adapters/client-assertions.ts';
import { createClientLookup } from '../adapters/client-lookup.ts';
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createGuessLimiter } from '../adapters/guess-limits.ts';
import { createMintServiceToken } from '../adapters/service-tokens.ts';
import { createAuthenticateClient } from '../application/authenticate-client.ts';
import { createIssueServiceToken } from '../application/issue-service-token.ts';
import type { AuthConfig } from '../config.ts';
import type { OriginalWireParts } from '../transport/original-wire.ts';
import type { Parts } from './parts.ts';

export function buildClientCases(
  context: ServiceContext,
  config: AuthConfig,
  parts: Parts,
): OriginalWireParts {
  const { clock, trustDomain } = context;
  const { store, newId, keys } = parts;
  const { issuer } = config;
  const key = () => keys.access;
  const mintServiceToken = createMintServiceToken({ key, issuer, trustDomain, newId, clock });
  return {
    authenticate: createAuthenticateClient({
      store,
      findClient: createClientLookup(store.read.clients, clock),
      clientSecrets,
      guesses: createGuessLimiter(),
      verifyAssertion: createVerifyAssertion({ audiences: audiencesOf(issuer), clock }),
      claimedClient,
    }),
    issueServiceToken: createIssueServiceToken({ mintServiceToken, clock }),
    publicKey: () => key().publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/** RFC 7523bis asks for the issuer; many libraries still say the endpoint. */
function audiencesOf(issuer: string): readonly string[] {
  return [issuer, `${issuer.replace(/\/$/, '')}/oauth2/token`];
}
