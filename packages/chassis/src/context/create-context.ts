/** Makes the {@link ServiceContext} of a process: each part on first use, closed in the drain. */
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { Database } from '@gatehouse/postgres';
import type { ServiceParts } from '../process/parts.ts';
import { createAuthTrust } from '../trust/auth-trust.ts';
import { baseContext } from './base-context.ts';
import { createClients } from './clients.ts';
import { openServiceDatabase, type Schema } from './database.ts';
import { createHttpTargets } from './http-targets.ts';
import type { ServiceContext } from './service-context.ts';

/** Makes it. Nothing is connected to before a part that needs it is asked for. */
export function createContext(parts: ServiceParts): ServiceContext {
  const { name, trustDomain, env, tls } = parts;
  const client = createClients(parts);
  let database: Promise<unknown> | undefined;
  return {
    ...baseContext(parts),
    name,
    trustDomain,
    identity: tls.identity,
    env,
    tls,
    client,
    http: createHttpTargets(parts),
    ...createAuthTrust(parts, () => client(AuthService)),
    database: <Tables>(schema: Schema) => {
      database ??= openServiceDatabase<Tables>(parts, schema);
      // One database for each service: whoever asks again names the same tables.
      return database as Promise<Database<Tables>>;
    },
  };
}
