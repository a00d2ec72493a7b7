/** The clients of the platform's own parts: created at the first start, their secrets in the data folder. */
import type { ServiceClient } from '@gatehouse/chassis';
import type {
  ClientInfo,
  OperatorService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { PlatformError } from '../errors.ts';
import type { ClientFiles } from '../layout.ts';
import { readRecord, saveClient } from './files.ts';

/** The client of a part, and the scopes of its tokens. */
export interface WantedClient {
  /** Also the workload that it stands for. */
  readonly name: string;
  readonly scopes: readonly string[];
}

/**
 * Creates the client of a part, or finds the one that an earlier start created.
 *
 * Repeatable: a client whose secret was lost, has expired, or was never written gets a new one. One that an
 * operator has disabled stays disabled, and its part is rejected.
 *
 * @returns its id. The secret is in `files.secret` (0600).
 * @throws PlatformError when it lacks a scope that is wanted: an operator chose its scopes.
 * @throws GatehouseError when auth is unavailable.
 */
export async function ensureClient(
  operator: ServiceClient<typeof OperatorService>,
  wanted: WantedClient,
  files: ClientFiles,
): Promise<string> {
  const { clients } = await operator.listClients({});
  const named = clients.filter(({ name }) => name === wanted.name);
  const present = named.find(({ disabledAt }) => disabledAt === undefined) ?? named[0];
  if (present === undefined) return create(operator, wanted, files);
  const { clientId } = present;
  assertScopes(present, wanted);
  if (present.disabledAt !== undefined || (await isStored(present, files))) return clientId;
  const { clientSecret, secretId } = await operator.rotateClientSecret({ clientId });
  await saveClient(files, { clientId, secretId }, clientSecret);
  return clientId;
}

async function create(
  operator: ServiceClient<typeof OperatorService>,
  { name, scopes }: WantedClient,
  files: ClientFiles,
): Promise<string> {
  const created = await operator.createClient({ name, scopes: [...scopes], workload: name });
  const { clientId, clientSecret, secretId } = created;
  await saveClient(files, { clientId, secretId }, clientSecret);
  return clientId;
}

async function isStored({ clientId, secrets }: ClientInfo, files: ClientFiles): Promise<boolean> {
  const stored = await readRecord(files);
  return (
    stored?.clientId === clientId &&
    // The newest: an older one expires while the part runs.
    secrets[0]?.secretId === stored.secretId
  );
}

function assertScopes({ name, scopes }: ClientInfo, wanted: WantedClient): void {
  if (wanted.scopes.every((scope) => scopes.includes(scope))) return;
  throw new PlatformError(
    `The client "${name}" lacks scopes that its part needs: ${wanted.scopes.join(' ')}.`,
    `Somebody else created a client of this name. "gatehouse reset" deletes the data folder.`,
  );
}
