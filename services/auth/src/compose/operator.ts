/** The use cases behind the operators' contract. */
import { readClientKey } from '../adapters/client-assertions.ts';
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createClientKeys } from '../application/client-keys.ts';
import { createClients } from '../application/clients.ts';
import type { OperatorCases } from '../transport/operator-service.ts';
import type { Parts } from './parts.ts';

export function buildOperator(parts: Parts): OperatorCases {
  return {
    clients: createClients({ ...parts, clientSecrets }),
    clientKeys: createClientKeys({ ...parts, readPublicKey: readClientKey }),
    keys: parts.rotation,
  };
}
