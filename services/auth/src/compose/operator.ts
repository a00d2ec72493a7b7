/** The use cases behind the operators' contract. */
import { type ServiceContext, spiffeIdFor } from '@gatehouse/chassis';
import { readClientKey } from '../adapters/client-assertions.ts';
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createClientKeys } from '../application/client-keys.ts';
import { createClients } from '../application/clients.ts';
import { createGrants } from '../application/grants.ts';
import { createSuspension } from '../application/suspend.ts';
import type { Client } from '../domain/client.ts';
import type { OperatorCases } from '../transport/operator-service.ts';
import type { Parts } from './parts.ts';

export function buildOperator(context: ServiceContext, parts: Parts): OperatorCases {
  const identitiesOf = ({ workload }: Client) =>
    workload === undefined ? [] : [spiffeIdFor(context.trustDomain, workload)];
  return {
    clients: createClients({ ...parts, clientSecrets, identitiesOf }),
    clientKeys: createClientKeys({ ...parts, readPublicKey: readClientKey }),
    grants: createGrants(parts),
    suspension: createSuspension(parts),
    keys: parts.rotation,
  };
}
