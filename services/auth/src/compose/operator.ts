/** The use cases behind the operators' contract. */
import { type ServiceContext, spiffeIdFor } from '@gatehouse/chassis';
import { createSuspension } from '../accounts/suspend.ts';
import { readClientKey } from '../clients/assertions.ts';
import type { OperatorCases } from '../clients/grpc.ts';
import { createClients } from '../clients/manage.ts';
import { createClientKeys } from '../clients/manage-keys.ts';
import type { Client } from '../clients/rules.ts';
import { clientSecrets } from '../clients/secrets.ts';
import { createGrants } from '../grants/manage.ts';
import type { Parts } from '../keys/compose.ts';

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
