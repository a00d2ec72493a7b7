/** What auth serves by HTTP, and where. */
import {
  type Listener,
  type PassportGate,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import { httpListener, type RouteGroup, workloadListener } from '@gatehouse/chassis/http';
import { createVerifyAssertion } from '../clients/assertions.ts';
import { createAuthenticateClient, createAuthenticateWorkload } from '../clients/authenticate.ts';
import { clientCredentials, tokenEndpoint } from '../clients/http.ts';
import { createIssueServiceToken } from '../clients/issue-token.ts';
import { createGuessLimiter } from '../clients/limits.ts';
import { createClientLookup } from '../clients/lookup.ts';
import { originalWireGroup } from '../clients/original-wire-http.ts';
import { createServiceTokens } from '../clients/service-tokens.ts';
import type { Base } from '../common/base.ts';
import type { AuthConfig } from '../config.ts';
import { createCreateGrant } from '../grants/create.ts';
import { createDrawPassport } from '../grants/draw-passport.ts';
import { TOKEN_EXCHANGE, tokenExchange } from '../grants/http.ts';
import type { Grants } from '../grants/manage.ts';
import { createVerifyPersonPassport, type MintPassport } from '../grants/mint-passport.ts';
import { createWorkloadPassport } from '../grants/workload-passport.ts';
import type { Keys } from '../keys/compose.ts';
import { documentRoutes, keySetDocuments } from '../keys/http.ts';
import type { AccessTokens } from '../sessions/access-tokens.ts';
import type { Sessions } from '../sessions/end.ts';
import { createFindToken } from '../tokens/find.ts';
import { createIntrospect } from '../tokens/introspect.ts';
import { introspectionEndpoint } from '../tokens/introspect-http.ts';
import { createRevokeToken } from '../tokens/revoke.ts';
import { revocationEndpoint } from '../tokens/revoke-http.ts';
import type { ValidateToken } from '../tokens/validate.ts';
import { discoveryDocuments } from './discovery-http.ts';
import { type OAuthHandler, oauthGroup } from './http.ts';

export interface HttpParts extends Base {
  readonly keys: Keys;
  readonly passports: PassportGate;
  readonly accessTokens: AccessTokens;
  readonly mintPassport: MintPassport;
  readonly validateToken: ValidateToken;
  readonly sessions: Sessions;
  readonly grants: Grants;
}

/** A handful of bytes come in; a group that takes more says so. */
const MAX_BODY_BYTES = 1024;

/** Plain HTTP for everyone, where it is on; and HTTPS with mutual TLS for workloads. */
export function buildListeners(
  context: ServiceContext,
  config: AuthConfig,
  parts: HttpParts,
): readonly Listener[] {
  const { keys } = parts;
  const keySets = keySetDocuments({
    accessTokens: async () => {
      await keys.passportKeys.refreshed();
      return keys.ring.jwks('access');
    },
    passports: () => keys.passportKeys.document(),
  });
  const { oauth, original } = buildGroups(context, config, parts);
  const maxBodyBytes = MAX_BODY_BYTES;
  const workloads = workloadListener(context, {
    name: 'keys',
    port: config.keysPort,
    maxBodyBytes,
    routes: documentRoutes(keySets),
    groups: [oauth],
  });
  const everyone = httpListener(context, {
    name: 'well-known',
    maxBodyBytes,
    routes: documentRoutes([...keySets, ...discoveryDocuments(config.issuer)]),
    groups: config.originalWire ? [oauth, original] : [oauth],
  });
  return everyone === undefined ? [workloads] : [everyone, workloads];
}

function buildGroups(
  { trustDomain, log }: ServiceContext,
  { issuer, edgeAudience }: AuthConfig,
  parts: HttpParts,
): { readonly oauth: RouteGroup; readonly original: RouteGroup } {
  const { database, keys, grants, clock, newId } = parts;
  const key = () => keys.ring.access;
  const verifying = { issuer, trustDomain, keys: keys.ring.verification('access') };
  const serviceTokens = createServiceTokens({ ...verifying, key, newId, clock });
  const issueServiceToken = createIssueServiceToken(serviceTokens);
  // One count for all endpoints.
  const guesses = createGuessLimiter();
  const authenticate = createAuthenticateClient({
    database,
    findClient: createClientLookup(database.read, clock),
    guesses,
    verifyAssertion: createVerifyAssertion({ audiences: audiencesOf(issuer), clock }),
  });
  const client = {
    authenticate,
    authenticateWorkload: createAuthenticateWorkload(database.read),
  };
  const findToken = createFindToken({ ...parts, serviceTokens, edgeAudience, trustDomain });
  const introspect = createIntrospect({ findToken });
  const revokeToken = createRevokeToken({ ...parts, findToken });
  const endpoints = {
    '/oauth2/token': tokenEndpoint({
      client_credentials: clientCredentials({ ...client, issueServiceToken, log }),
      [TOKEN_EXCHANGE]: buildExchange(trustDomain, parts),
    }),
    '/oauth2/introspect': introspectionEndpoint({ ...client, introspect, issuer }),
    '/oauth2/revoke': revocationEndpoint({ ...client, revokeToken, grants, guesses }),
  };
  const publicKey = () => key().publicKey.export({ format: 'der', type: 'spki' });
  return {
    oauth: oauthGroup(endpoints, spiffeIdFor(trustDomain, 'gateway')),
    original: originalWireGroup({ authenticate, issueServiceToken, publicKey }),
  };
}

function buildExchange(trustDomain: string, parts: HttpParts): OAuthHandler {
  const identity = spiffeIdFor(trustDomain, 'auth');
  const verifyPassport = createVerifyPersonPassport((token) => parts.passports.verify(token));
  return tokenExchange({
    trustDomain,
    workloadPassport: createWorkloadPassport(parts),
    createGrant: createCreateGrant({ ...parts, identity, verifyPassport }),
    drawPassport: createDrawPassport(parts),
  });
}

/** RFC 7523bis asks for the issuer; many libraries still say the endpoint. */
function audiencesOf(issuer: string): readonly string[] {
  return [issuer, `${issuer.replace(/\/$/, '')}/oauth2/token`];
}
