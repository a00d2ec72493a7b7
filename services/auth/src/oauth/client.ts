/** Which client makes a request: by what it shows, or by its certificate. */
import { parseSpiffeId } from '@gatehouse/chassis';
import type { AuthenticateClient } from '../clients/authenticate.ts';
import type { AuthenticateWorkload } from '../clients/authenticate-workload.ts';
import type { Client } from '../clients/rules.ts';
import { oauthErrors } from './errors.ts';
import type { OAuthRequest } from './http.ts';

export interface ClientParts {
  readonly authenticate: AuthenticateClient;
  readonly authenticateWorkload: AuthenticateWorkload;
}

/**
 * @throws oauth.invalid_client for a request that shows nothing, and as the two parts do.
 */
export async function clientOf(parts: ClientParts, request: OAuthRequest): Promise<Client> {
  const { credentials, peer, form, address } = request;
  if (credentials !== undefined) return parts.authenticate(credentials, address);
  const workload = peer === undefined ? undefined : parseSpiffeId(peer)?.service;
  if (workload === undefined) throw oauthErrors.INVALID_CLIENT();
  return parts.authenticateWorkload(workload, form.get('client_id'));
}
