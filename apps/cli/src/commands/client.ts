import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SCOPES } from '@gatehouse/contracts';
import { handOverSecret } from '@gatehouse/platform';
import { clientTable, createdScreen, keyOnlyScreen, rotatedScreen } from '../operator/clients.ts';
import { type OperatorClient, withAuth } from '../operator/connection.ts';
import { jsonOf } from '../terminal/text.ts';
import { didYouMean, UsageError } from '../usage.ts';
import type { JsonFlags, OperatorFlags } from './flags.ts';

type Flags = OperatorFlags & JsonFlags;

export async function createClient(
  name: string,
  flags: Flags & {
    readonly scope: readonly string[];
    readonly externalScope: readonly string[];
    readonly workload: string;
    readonly publicKey?: string;
  },
): Promise<void> {
  const { scope, externalScope, workload, publicKey: file, json } = flags;
  assertScopesKnown(scope);
  const wanted = { name, scopes: [...new Set([...scope, ...externalScope])], workload };
  if (file === undefined) {
    const { clientId, clientSecret } = await withAuth(flags, (auth) => auth.createClient(wanted));
    const created = { clientId, clientSecret };
    return console.log(json ? jsonOf(created) : createdScreen(name, created));
  }
  const publicKey = publicKeyIn(file);
  const created = await withAuth(flags, async (auth) => {
    const { clientId } = await auth.createClient({ ...wanted, withoutSecret: true });
    const { kid } = await auth.addClientKey({ clientId, publicKey });
    return { clientId, kid };
  });
  console.log(json ? jsonOf(created) : keyOnlyScreen(name, created));
}

/** A client may have what some service's contract declares, and nothing that was mistyped. */
function assertScopesKnown(scopes: readonly string[]): void {
  const known = SCOPES.map(({ name }) => name);
  const unknown = scopes.find((scope) => !known.includes(scope));
  if (unknown === undefined) return;
  throw new UsageError(
    `No service declares the scope "${unknown}".${didYouMean(unknown, known)} Those that are declared: ` +
      `${known.join(', ')}. One of an external route takes --external-scope.`,
  );
}

export async function listClients(flags: Flags): Promise<void> {
  const { clients } = await withAuth(flags, (auth) => auth.listClients({}));
  console.log(flags.json ? jsonOf(clients) : clientTable(clients));
}

export async function rotateClient(
  given: string,
  flags: Flags & { readonly overlap?: number; readonly revokeOld: boolean },
): Promise<void> {
  const { overlap, revokeOld, data, json } = flags;
  const overlapSeconds = revokeOld ? 0 : overlap;
  await withAuth(flags, async (auth) => {
    const { clientId, name } = await find(auth, given);
    const rotated = await auth.rotateClientSecret({
      clientId,
      ...(overlapSeconds === undefined ? {} : { overlapSeconds }),
    });
    const handedOver = await handOverSecret(data, name, { clientId, ...rotated });
    const { clientSecret } = rotated;
    console.log(
      json
        ? jsonOf({ clientId, clientSecret })
        : rotatedScreen(name, { clientId, ...rotated, handedOver }),
    );
  });
}

export async function addClientKey(
  name: string,
  flags: Flags & { readonly publicKey: string },
): Promise<void> {
  const publicKey = publicKeyIn(flags.publicKey);
  await withAuth(flags, async (auth) => {
    const { clientId } = await find(auth, name);
    const { kid } = await auth.addClientKey({ clientId, publicKey });
    console.log(flags.json ? jsonOf({ clientId, kid }) : `The key ${kid} is registered.`);
  });
}

export async function removeClientKey(
  name: string,
  flags: Flags & { readonly kid: string },
): Promise<void> {
  const { kid } = flags;
  await withAuth(flags, async (auth) => {
    const { clientId } = await find(auth, name);
    await auth.removeClientKey({ clientId, kid });
  });
  console.log(`The key ${kid} is removed: what it signs is rejected from now on.`);
}

export async function disableClient(given: string, flags: Flags): Promise<void> {
  await withAuth(flags, async (auth) => {
    const { clientId, name } = await find(auth, given);
    await auth.disableClient({ clientId });
    console.log(`The client "${name}" (${clientId}) is disabled: its tokens are rejected.`);
  });
}

/** SubjectPublicKeyInfo (DER) of a PEM file; of a private key, its public half alone leaves this process. */
function publicKeyIn(file: string): Buffer {
  try {
    return createPublicKey(readFileSync(file)).export({ format: 'der', type: 'spki' });
  } catch {
    throw new UsageError(`--public-key takes a file with a public key in PEM, not "${file}".`);
  }
}

/** By name or by id. */
async function find(auth: OperatorClient, name: string) {
  const { clients } = await auth.listClients({});
  // A disabled one has given its name back.
  const found =
    clients.find((each) => each.clientId === name) ??
    clients.find((each) => each.name === name && each.disabledAt === undefined);
  if (found !== undefined) return found;
  const names = clients.map((each) => each.name);
  throw new UsageError(
    `There is no client "${name}".${didYouMean(name, names)} "gatehouse client list" shows them.`,
  );
}
