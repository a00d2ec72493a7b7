import type { Db } from '../database.ts';
import { oauthErrors } from '../oauth/errors.ts';
import type { Client } from './rules.ts';
import * as clients from './store.ts';

/**
 * The client that stands for a workload, by the workload's certificate (RFC 8705, section 2).
 *
 * @param workload - the service name in the certificate.
 * @param named - what the request says, where it says something.
 * @throws oauth.invalid_client when there is none, when it is disabled, or another one than named.
 */
export type AuthenticateWorkload = (workload: string, named: string | undefined) => Promise<Client>;

export function createAuthenticateWorkload(db: Db): AuthenticateWorkload {
  return async (workload, named) => {
    const client = await clients.findByWorkload(db, workload);
    const isAnother = named !== undefined && named !== client?.id;
    if (client === undefined || client.disabledAt !== undefined || isAnother) {
      throw oauthErrors.INVALID_CLIENT();
    }
    return client;
  };
}
