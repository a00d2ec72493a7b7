/** The use cases behind the operators' contract. */
import { clientSecrets } from '../adapters/client-secrets.ts';
import { createClients } from '../application/clients.ts';
import type { OperatorCases } from '../transport/operator-service.ts';
import type { Parts } from './parts.ts';

export function buildOperator(parts: Parts): OperatorCases {
  return { clients: createClients({ ...parts, clientSecrets }), keys: parts.rotation };
}
