/** The clients of the platform's own parts: made at the first start, their secrets in the data folder. */
import type { ServiceClient } from '@gatehouse/chassis';
import type {
  ClientInfo,
  OperatorService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { PlatformError } from '../errors.ts';
import type { ClientFiles } from '../layout.ts';
import { readRecord, saveClient } from './files.ts';

/** A part's client: what its tokens may say. */
export interface WantedClient {
  /** Also the workload that it stands for. */
  readonly name: string;
  readonly scopes: readonly string[];
}

/**
 * Makes the client of a part, or finds the one that an earlier start has made.
 *
 * Repeatable: a client whose secret was lost, ended, or never written gets another one. One that an
 * operator has disabled stays so, and its part is refused.
 *
 * @returns its id. The secret is in `files.secret` (0600).
 * @throws PlatformError when its scopes are others than those wanted: an operator chose them.
 * @throws GatehouseError when auth does not answer.
 */
export async function ensureClient(
  operator: ServiceClient<typeof OperatorService>,
  wanted: WantedClient,
  files: ClientFiles,
): Promise<string> {
  const { clients } = await operator.listClients({});
  const named = clients.filter(({ name }) => name === wanted.name);
  const present = named.find(({ disabledAt }) => disabledAt === undefined) ?? named[0];
  if (present === undefined) return make(operator, wanted, files);
  const { clientId } = present;
  assertScopes(present, wanted);
  if (present.disabledAt !== undefined || (await isKept(present, files))) return clientId;
  const { clientSecret, secretId } = await operator.rotateClientSecret({ clientId });
  await saveClient(files, { clientId, secretId }, clientSecret);
  return clientId;
}

async function make(
  operator: ServiceClient<typeof OperatorService>,
  { name, scopes }: WantedClient,
  files: ClientFiles,
): Promise<string> {
  const made = await operator.createClient({ name, scopes: [...scopes], workload: name });
  const { clientId, clientSecret, secretId } = made;
  await saveClient(files, { clientId, secretId }, clientSecret);
  return clientId;
}

async function isKept({ clientId, secrets }: ClientInfo, files: ClientFiles): Promise<boolean> {
  const kept = await readRecord(files);
  return (
    kept?.clientId === clientId &&
    // The newest: an older one ends while the part runs.
    secrets[0]?.secretId === kept.secretId
  );
}

function assertScopes({ name, scopes }: ClientInfo, wanted: WantedClient): void {
  if (wanted.scopes.every((scope) => scopes.includes(scope))) return;
  throw new PlatformError(
    `The client "${name}" has not the scopes that its part needs: ${wanted.scopes.join(' ')}.`,
    `Somebody else made a client of this name. "gatehouse reset" begins anew.`,
  );
}
