/** What `gatehouse client` can do, each by its word. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { handOverSecret } from '@gatehouse/platform';
import { nearest, UsageError, wholeNumber } from '../usage.ts';
import { clientTable, createdScreen, jsonOf, keyOnlyScreen, rotatedScreen } from './clients.ts';
import type { OperatorClient } from './door.ts';

/** What was asked for. */
export interface ClientRequest {
  /** Empty for `list`. */
  readonly name: string;
  readonly data: string;
  readonly scope?: readonly string[] | undefined;
  readonly workload?: string | undefined;
  readonly 'public-key'?: string | undefined;
  readonly kid?: string | undefined;
  readonly overlap?: string | undefined;
  readonly 'revoke-old': boolean;
  readonly json: boolean;
}

/** Asks auth. @returns what to show. */
type Run = (auth: OperatorClient) => Promise<string>;

export interface Action {
  /** The flags that it takes beside --json and those of the door. */
  readonly takes: readonly string[];
  /** Looks at the request before anything is asked. @throws UsageError */
  readonly prepare: (request: ClientRequest) => Run;
}

const MAX_OVERLAP_SECONDS = 30 * 24 * 3600;

export const ACTIONS: Readonly<Record<string, Action>> = {
  create: { takes: ['scope', 'workload', 'public-key'], prepare: create },
  list: { takes: [], prepare: list },
  rotate: { takes: ['overlap', 'revoke-old'], prepare: rotate },
  'add-key': { takes: ['public-key'], prepare: addKey },
  'remove-key': { takes: ['kid'], prepare: removeKey },
  disable: { takes: [], prepare: disable },
};

function create(request: ClientRequest): Run {
  const { name, json, scope = [], workload = '', 'public-key': file } = request;
  const publicKey = file === undefined ? undefined : publicKeyIn(file);
  return async (auth) => {
    const wanted = { name, scopes: [...scope], workload };
    if (publicKey === undefined) {
      const { clientId, clientSecret } = await auth.createClient(wanted);
      return json
        ? jsonOf({ clientId, clientSecret })
        : createdScreen(name, { clientId, clientSecret });
    }
    const { clientId } = await auth.createClient({ ...wanted, withoutSecret: true });
    const { kid } = await auth.addClientKey({ clientId, publicKey });
    return json ? jsonOf({ clientId, kid }) : keyOnlyScreen(name, { clientId, kid });
  };
}

function list({ json }: ClientRequest): Run {
  return async (auth) => {
    const { clients } = await auth.listClients({});
    return json ? jsonOf(clients) : clientTable(clients);
  };
}

function rotate(request: ClientRequest): Run {
  const overlap = overlapOf(request);
  return async (auth) => {
    const { clientId, name } = await find(auth, request.name);
    const rotated = await auth.rotateClientSecret({ clientId, ...overlap });
    const handedOver = await handOverSecret(request.data, name, { clientId, ...rotated });
    const { clientSecret } = rotated;
    if (request.json) return jsonOf({ clientId, clientSecret });
    return rotatedScreen(name, { clientId, ...rotated, handedOver });
  };
}

function addKey({ name, json, 'public-key': file }: ClientRequest): Run {
  if (file === undefined) throw new UsageError('"client add-key" needs --public-key FILE.');
  const publicKey = publicKeyIn(file);
  return async (auth) => {
    const { clientId } = await find(auth, name);
    const { kid } = await auth.addClientKey({ clientId, publicKey });
    return json ? jsonOf({ clientId, kid }) : `The key ${kid} is registered.`;
  };
}

function removeKey({ name, kid }: ClientRequest): Run {
  if (kid === undefined) throw new UsageError('"client remove-key" needs --kid KID.');
  return async (auth) => {
    const { clientId } = await find(auth, name);
    await auth.removeClientKey({ clientId, kid });
    return `The key ${kid} is refused from now on.`;
  };
}

function disable(request: ClientRequest): Run {
  return async (auth) => {
    const { clientId, name } = await find(auth, request.name);
    await auth.disableClient({ clientId });
    return `The client "${name}" (${clientId}) and its tokens are refused from now on.`;
  };
}

function overlapOf({ overlap, 'revoke-old': revokeOld }: ClientRequest): {
  readonly overlapSeconds?: number;
} {
  if (revokeOld && overlap !== undefined) {
    throw new UsageError('--overlap and --revoke-old contradict each other: give one of them.');
  }
  if (revokeOld) return { overlapSeconds: 0 };
  if (overlap === undefined) return {};
  return { overlapSeconds: wholeNumber('overlap', overlap, { min: 0, max: MAX_OVERLAP_SECONDS }) };
}

/** SubjectPublicKeyInfo (DER) of a PEM file; of a private key, its public half alone leaves this process. */
function publicKeyIn(file: string): Buffer {
  try {
    return createPublicKey(readFileSync(file)).export({ format: 'der', type: 'spki' });
  } catch {
    throw new UsageError(
      `--public-key takes a file with a public key in PEM, and "${file}" is none.`,
    );
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
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`There is no client "${name}".${hint} "gatehouse client list" shows them.`);
}
