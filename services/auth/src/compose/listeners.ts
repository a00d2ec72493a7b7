/** Where auth answers by HTTP. */
import type { Listener, ServiceContext } from '@gatehouse/chassis';
import type { AuthConfig } from '../config.ts';
import { discoveryDocument, keySetDocuments } from '../transport/documents.ts';
import { plainListener, workloadListener } from '../transport/well-known.ts';
import type { Parts } from './parts.ts';

export function buildListeners(
  context: ServiceContext,
  config: AuthConfig,
  { keys, passportKeys }: Parts,
): readonly Listener[] {
  const { tls, trustDomain } = context;
  const accessTokens = async () => {
    await passportKeys.refreshed();
    return keys.jwks('access');
  };
  const keySets = keySetDocuments({ accessTokens, passports: () => passportKeys.document() });
  const host = config.bindAddress;
  const documents = [...keySets, discoveryDocument(config.issuer)];
  return [
    plainListener({ name: 'well-known', host, port: config.httpPort, documents }),
    workloadListener({
      name: 'keys',
      host,
      port: config.keysPort,
      documents: keySets,
      tls,
      trustDomain,
    }),
  ];
}
