/** The use cases of clients: who they are, and what they get. */
import type { PassportGate, ServiceContext } from '@gatehouse/chassis';
import { claimedClient, createVerifyAssertion } from '../adapters/client-assertions.ts';
import { createClientLookup } from '../adapters/client-lookup.ts';
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createGuessLimiter } from '../adapters/guess-limits.ts';
import { createMintPassport, createVerifyPersonPassport } from '../adapters/passports.ts';
import { createMintServiceToken } from '../adapters/service-tokens.ts';
import { createAuthenticateClient } from '../application/authenticate-client.ts';
import { createCreateGrant } from '../application/exchange/create-grant.ts';
import { createDrawPassport } from '../application/exchange/draw-passport.ts';
import { createWorkloadPassport } from '../application/exchange/workload-passport.ts';
import { createIssueServiceToken } from '../application/issue-service-token.ts';
import type { AuthConfig } from '../config.ts';
import type { TokenEndpointParts } from '../transport/oauth/token.ts';
import type { OriginalWireParts } from '../transport/original-wire.ts';
import type { Parts } from './parts.ts';

export function buildClientCases(
  context: ServiceContext,
  config: AuthConfig,
  parts: Parts & { readonly passports: PassportGate },
): OriginalWireParts & TokenEndpointParts {
  const { clock, trustDomain, identity } = context;
  const { store, newId, keys } = parts;
  const { issuer } = config;
  const key = () => keys.access;
  const mintServiceToken = createMintServiceToken({ key, issuer, trustDomain, newId, clock });
  const passports = {
    store,
    newId,
    clock,
    mintPassport: createMintPassport({ key: () => keys.passport, identity, trustDomain }),
  };
  const verifyPassport = createVerifyPersonPassport((token) => parts.passports.verify(token));
  return {
    trustDomain,
    workloadPassport: createWorkloadPassport(passports),
    createGrant: createCreateGrant({ store, newId, clock, identity, verifyPassport }),
    drawPassport: createDrawPassport(passports),
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
