/** How commands call a service as an operator: on this machine by the data folder, elsewhere by flags. */
import type { ServiceClient } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { CoreOperatorService } from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import {
  connectToAuth,
  connectToCore,
  layoutOf,
  OPERATOR,
  type OperatorTarget,
  PlatformError,
} from '@gatehouse/platform';
import type { DataFlags, OperatorFlags } from '../commands/flags.ts';
import { runningOn } from '../gateway/admin.ts';
import { UsageError } from '../usage.ts';

export type OperatorClient = ServiceClient<typeof OperatorService>;
type CoreClient = ServiceClient<typeof CoreOperatorService>;

const ADDRESS = /^[A-Za-z0-9.-]+:\d{1,5}$/;

/**
 * Calls auth as an operator.
 *
 * @throws PlatformError with auth's error, or why it cannot be reached.
 */
export function withAuth<R>(
  { data, auth: at, tlsDir }: OperatorFlags,
  work: (auth: OperatorClient) => Promise<R>,
): Promise<R> {
  return connected({ service: 'auth', connect: connectToAuth }, { data, at, tlsDir }, work);
}

/**
 * Calls core as an operator.
 *
 * @throws PlatformError with core's error, or why it cannot be reached.
 */
export function withCore<R>(
  { data, core: at, tlsDir }: DataFlags & { readonly core?: string; readonly tlsDir?: string },
  work: (core: CoreClient) => Promise<R>,
): Promise<R> {
  return connected({ service: 'core', connect: connectToCore }, { data, at, tlsDir }, work);
}

interface Callee<Client> {
  readonly service: string;
  readonly connect: (target: OperatorTarget) => Promise<{ readonly client: Client; close(): void }>;
}

interface Place {
  readonly data: string;
  /** `HOST:PORT` of the service's gRPC listener; on this machine when undefined. */
  readonly at: string | undefined;
  readonly tlsDir: string | undefined;
}

async function connected<Client, R>(
  { service, connect }: Callee<Client>,
  place: Place,
  work: (client: Client) => Promise<R>,
): Promise<R> {
  const { tlsFolder, address } = await targetOf(service, place);
  const target = { tlsFolder, addresses: [address] };
  const { client, close } = await connect(target).catch((cause) => {
    throw unusableCertificate(tlsFolder, cause);
  });
  try {
    return await work(client);
  } catch (thrown) {
    if (!(thrown instanceof GatehouseError)) throw thrown;
    const name = `${service.slice(0, 1).toUpperCase()}${service.slice(1)}`;
    throw isUnreachable(thrown)
      ? unreachable(`${name} at ${address}`, thrown)
      : reported(name, thrown);
  } finally {
    close();
  }
}

async function targetOf(
  service: string,
  { at, data, tlsDir }: Place,
): Promise<{ readonly tlsFolder: string; readonly address: string }> {
  if (at !== undefined && tlsDir !== undefined) {
    if (!ADDRESS.test(at)) throw new UsageError(`--${service} takes HOST:PORT, not "${at}".`);
    return { tlsFolder: tlsDir, address: at };
  }
  if (at !== undefined || tlsDir !== undefined) {
    throw new UsageError(
      `--${service} and --tls-dir go together: the address of ${service}, and the certificate to call it with.`,
    );
  }
  const report = await runningOn(data);
  const grpc = report.parts.find(({ name, state, ports }) => {
    return name.replace(/-\d+$/, '') === service && state === 'ready' && ports.grpc !== undefined;
  })?.ports.grpc;
  if (grpc === undefined) {
    throw new PlatformError(
      `No replica of ${service} is ready.`,
      '"gatehouse status" shows its state.',
    );
  }
  return { tlsFolder: layoutOf(report.dataDir).identity(OPERATOR), address: `localhost:${grpc}` };
}

function unusableCertificate(tlsFolder: string, cause: unknown): PlatformError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PlatformError(
    `The operator's certificate in ${tlsFolder} cannot be used: ${why}.`,
    'A platform on this machine writes it when it starts. Elsewhere your CA issues it.',
    { cause },
  );
}

function isUnreachable({ kind }: GatehouseError): boolean {
  return kind === 'UNAVAILABLE' || kind === 'DEADLINE_EXCEEDED';
}

function unreachable(what: string, cause: GatehouseError): PlatformError {
  return new PlatformError(
    `${what} is unreachable.`,
    '"gatehouse status" shows its state. An expired certificate is rejected too.',
    { cause },
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  'access.caller': 'The certificate must be that of an operator: spiffe://<trust domain>/operator.',
  'auth.client_name_taken': '"gatehouse client list" shows the clients.',
  'auth.client_unknown': '"gatehouse client list" shows the clients.',
  'auth.key_unknown': '"gatehouse keys list" shows the keys.',
  'auth.rotation_under_way': '"gatehouse keys list" says when it will sign.',
};

function reported(service: string, error: GatehouseError): PlatformError {
  const fields = error.fields.map(({ pointer, detail }) => `${pointer} ${detail}`);
  return new PlatformError(
    `${service}: ${[error.message, ...fields].join(' ')} (${error.code})`,
    REMEDIES[error.code] ?? 'docs/errors.md lists what each code means.',
    { cause: error },
  );
}
