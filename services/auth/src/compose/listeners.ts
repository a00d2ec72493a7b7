/** Where auth answers by HTTP. */
import {
  type Listener,
  type PassportGate,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import { buildClientCases } from '../clients/compose.ts';
import { tokenEndpoint } from '../clients/http.ts';
import { originalWireRoutes } from '../clients/original-wire-http.ts';
import type { AuthConfig } from '../config.ts';
import { buildExchange } from '../grants/compose.ts';
import { plainListener, type Routes, workloadListener } from '../http/listener.ts';
import type { Parts } from '../keys/compose.ts';
import { discoveryDocuments, documentRoutes, keySetDocuments } from '../keys/http.ts';
import { oauthRoutes } from '../oauth/http.ts';
import { buildTokenCases } from '../tokens/compose.ts';
import { introspectionEndpoint } from '../tokens/introspect-http.ts';
import { revocationEndpoint } from '../tokens/revoke-http.ts';

export function buildListeners(
  context: ServiceContext,
  config: AuthConfig,
  parts: Parts & { readonly passports: PassportGate },
): readonly Listener[] {
  const { tls, trustDomain } = context;
  const { keys, passportKeys } = parts;
  const accessTokens = async () => {
    await passportKeys.refreshed();
    return keys.jwks('access');
  };
  const keySets = keySetDocuments({ accessTokens, passports: () => passportKeys.document() });
  const discovery = discoveryDocuments(config.issuer);
  const cases = buildClientCases(context, config, parts);
  const shown = { ...cases, ...buildTokenCases(context, config, parts) };
  const endpoints = {
    '/oauth2/token': tokenEndpoint({ ...cases, ...buildExchange(context, parts) }),
    '/oauth2/introspect': introspectionEndpoint(shown),
    '/oauth2/revoke': revocationEndpoint(shown),
  };
  const oauth = oauthRoutes(endpoints, spiffeIdFor(trustDomain, 'gateway'));
  const original: readonly Routes[] = config.originalWire ? [originalWireRoutes(cases)] : [];
  const host = config.bindAddress;
  const workloads = workloadListener({
    name: 'keys',
    host,
    port: config.keysPort,
    routes: [documentRoutes(keySets), oauth],
    tls,
    trustDomain,
    log: context.log,
  });
  if (config.httpPort === undefined) return [workloads];
  const everyone = plainListener({
    name: 'well-known',
    host,
    port: config.httpPort,
    routes: [documentRoutes([...keySets, ...discovery]), oauth, ...original],
  });
  return [everyone, workloads];
}
