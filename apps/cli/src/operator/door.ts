/** How commands reach auth as an operator: on this machine by the data folder, elsewhere by flags. */
import type { ServiceClient } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import {
  type Door,
  layoutOf,
  OPERATOR,
  openOperatorDoor,
  PlatformError,
} from '@gatehouse/platform';
import { DATA_FLAG, DATA_HELP } from '../commands/data-folder.ts';
import { runningOn } from '../gateway/admin.ts';
import { UsageError } from '../usage.ts';

export type OperatorClient = ServiceClient<typeof OperatorService>;

/** The flags of every command that goes through the operators' door. */
export const DOOR_FLAGS = {
  data: DATA_FLAG,
  auth: { type: 'string' },
  'tls-dir': { type: 'string' },
} as const;

export const DOOR_HELP = [
  DATA_HELP,
  ['--auth HOST:PORT', 'an auth elsewhere; with --tls-dir'],
  ['--tls-dir DIR', 'key.pem, chain.pem, bundle.pem of spiffe://<trust domain>/operator'],
] as const;

export interface DoorFlags {
  readonly data: string;
  readonly auth?: string | undefined;
  readonly 'tls-dir'?: string | undefined;
}

const ADDRESS = /^[A-Za-z0-9.-]+:\d{1,5}$/;

/**
 * Asks auth something as an operator.
 *
 * @throws PlatformError with what auth said, or why it cannot be asked.
 */
export function asOperator<R>(
  flags: DoorFlags,
  ask: (auth: OperatorClient) => Promise<R>,
): Promise<R> {
  return throughDoor({ part: 'auth', open: openOperatorDoor }, { ...flags, at: flags.auth }, ask);
}

/** A service that operators may ask. */
interface DoorKind<Client> {
  readonly part: string;
  readonly open: (door: Door) => Promise<{ readonly client: Client; close(): void }>;
}

/** Where the door is: on this machine by the data folder, or elsewhere. */
interface DoorPlace {
  readonly data: string;
  /** `HOST:PORT` of the service's gRPC listener. */
  readonly at: string | undefined;
  readonly 'tls-dir'?: string | undefined;
}

/**
 * Asks a service something as an operator.
 *
 * @throws PlatformError with what it said, or why it cannot be asked.
 */
export async function throughDoor<Client, R>(
  { part, open }: DoorKind<Client>,
  place: DoorPlace,
  ask: (client: Client) => Promise<R>,
): Promise<R> {
  const { tlsFolder, address } = await placeOf(part, place);
  const { client, close } = await openedBy(open, { tlsFolder, addresses: [address] });
  try {
    return await ask(client);
  } catch (thrown) {
    throw thrown instanceof GatehouseError ? inWords(thrown, part, address) : thrown;
  } finally {
    close();
  }
}

async function placeOf(
  part: string,
  { at, data, 'tls-dir': tlsDir }: DoorPlace,
): Promise<{ tlsFolder: string; address: string }> {
  if (at !== undefined && tlsDir !== undefined) {
    if (!ADDRESS.test(at)) throw new UsageError(`--${part} takes HOST:PORT, not "${at}".`);
    return { tlsFolder: tlsDir, address: at };
  }
  if (at !== undefined || tlsDir !== undefined) {
    throw new UsageError(`--${part} and --tls-dir go together: where ${part} is, and who asks.`);
  }
  const report = await runningOn(data);
  const grpc = report.parts.find(({ name, state, ports }) => {
    return name.replace(/-\d+$/, '') === part && state === 'ready' && ports.grpc !== undefined;
  })?.ports.grpc;
  if (grpc === undefined) {
    throw new PlatformError(`No ${part} is ready.`, '"gatehouse status" says how it is doing.');
  }
  return {
    tlsFolder: layoutOf(report.dataDir).identity(OPERATOR),
    address: `localhost:${grpc}`,
  };
}

async function openedBy<Client>(open: DoorKind<Client>['open'], door: Door) {
  const { tlsFolder } = door;
  try {
    return await open(door);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformError(
      `The operator's certificate in ${tlsFolder} cannot be used: ${why}.`,
      'A platform on this machine writes it when it starts. Elsewhere your CA issues it.',
      { cause },
    );
  }
}

function inWords(error: GatehouseError, part: string, address: string): PlatformError {
  const fields = error.fields.map(({ pointer, detail }) => `${pointer} ${detail}`);
  const said = [error.message, ...fields].join(' ');
  if (error.kind === 'UNAVAILABLE' || error.kind === 'DEADLINE_EXCEEDED') {
    return new PlatformError(
      `${capitalised(part)} at ${address} cannot be reached.`,
      '"gatehouse status" says how it is doing. A certificate that has ended is refused too.',
      { cause: error },
    );
  }
  return new PlatformError(
    `${capitalised(part)} says: ${said} (${error.code})`,
    remedyOf(error.code),
    {
      cause: error,
    },
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  'access.caller': 'The certificate must be that of an operator: spiffe://<trust domain>/operator.',
  'auth.client_name_taken': '"gatehouse client list" shows the clients there are.',
  'auth.key_unknown': '"gatehouse keys list" shows the keys.',
  'auth.rotation_under_way': '"gatehouse keys list" says when it will sign.',
  'auth.client_unknown': '"gatehouse client list" shows the clients there are.',
};

function remedyOf(code: string): string {
  return REMEDIES[code] ?? 'docs/errors.md says what each code means.';
}

function capitalised(part: string): string {
  return `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`;
}
