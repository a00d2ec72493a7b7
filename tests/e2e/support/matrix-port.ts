/** A caller at a service's own gRPC port, with any certificate or none. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { create, type Message } from '@bufbuild/protobuf';
import { decodeStatus } from '@gatehouse/client/grpc';
import type { MethodContract } from '@gatehouse/contracts';
import { methodDefinition } from '@gatehouse/contracts/grpc';
import { createTestAuthority } from '@gatehouse/testing';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { target } from './config.ts';
import type { Outcome } from './matrix-expected.ts';
import type { PortShown } from './matrix-kinds.ts';

const TIMEOUT_MS = 10_000;
/** Kinds of failure that say a call was admitted: its domain or its fields are what was wrong. */
const ADMITTED: ReadonlySet<string> = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'ABORTED',
]);

/** How a server that wants another certificate ends a connection: by an alert, or by a reset. */
const SHUT =
  /^(ECONNRESET|EPIPE|ERR_SSL_(TLSV13_ALERT_CERTIFICATE_REQUIRED|TLSV1_ALERT_UNKNOWN_CA))$/;

interface Files {
  readonly key?: Buffer;
  readonly cert?: Buffer;
  readonly ca: Buffer;
}

/** Calls to services by method, each connection kept for the next call. */
export interface PortCalls {
  /** Calls with an empty message, and says how it was received. */
  outcome(method: MethodContract, shown: PortShown): Promise<Outcome>;
  /** Calls with a message. @throws ServiceError */
  call(method: MethodContract, workload: string, message: Message): Promise<Message>;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export async function openPortCalls(): Promise<PortCalls> {
  const foreign = await createTestAuthority();
  const foreignFolder = await foreign.folderFor('gateway');
  const clients = new Map<string, Promise<Client>>();
  const clientFor = (service: string, workload: string): Promise<Client> => {
    const name = `${service} ${workload}`;
    const known = clients.get(name) ?? openClient(service, workload);
    clients.set(name, known);
    return known;
  };
  return {
    outcome: async (method, shown) => {
      const { ca } = await filesOf('gateway');
      if (shown.tls === 'none') return await knock(method, shown, { ca });
      if (shown.tls === 'foreign') {
        return await knock(method, shown, { ...(await readFiles(foreignFolder)), ca });
      }
      const client = await clientFor(method.service, shown.workload ?? '');
      const metadata = new Metadata();
      for (const token of shown.passports) metadata.add('txn-token', token);
      return await send(client, method, { metadata }).then(() => 'allow', outcomeOf);
    },
    call: async (method, workload, message) =>
      await send(await clientFor(method.service, workload), method, { message }),
    close: async () => {
      for (const client of clients.values()) (await client).close();
      await foreign.close();
    },
  };
}

async function openClient(service: string, workload: string): Promise<Client> {
  const { ca, key, cert } = await filesOf(workload);
  if (key === undefined || cert === undefined) throw new Error(`${workload} has no certificate`);
  return new Client(addressOf(service), credentials.createSsl(ca, key, cert));
}

async function filesOf(workload: string): Promise<Files> {
  const folder = target().identities[workload];
  if (folder === undefined) throw new Error(`there is no identity ${workload}`);
  return await readFiles(folder);
}

async function readFiles(folder: string): Promise<Files> {
  const read = (name: string): Promise<Buffer> => readFile(join(folder, name));
  return {
    key: await read('key.pem'),
    cert: await read('chain.pem'),
    ca: await read('bundle.pem'),
  };
}

function addressOf(service: string): string {
  return `localhost:${target().ports[service]?.grpc}`;
}

/** The answer; of a stream, its first message. */
function send(
  client: Client,
  method: MethodContract,
  { message, metadata = new Metadata() }: { message?: Message; metadata?: Metadata },
): Promise<Message> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method.desc);
  const request = message ?? create(method.desc.input);
  const options = { deadline: Date.now() + TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    if (method.desc.methodKind === 'unary') {
      const onAnswer = (error: ServiceError | null, answer?: Message): void => {
        if (error !== null) reject(error);
        else if (answer === undefined) reject(new Error(`${method.id} did not answer`));
        else resolve(answer);
      };
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        onAnswer,
      );
      return;
    }
    const stream = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      options,
    );
    stream.on('data', (answer: Message) => {
      resolve(answer);
      stream.cancel();
    });
    stream.on('error', reject);
    stream.on('end', () => reject(new Error(`${method.id} ended without a message`)));
  });
}

function outcomeOf(thrown: ServiceError): Outcome {
  const [details] = thrown.metadata?.get('grpc-status-details-bin') ?? [];
  const bytes = details instanceof Uint8Array ? details : undefined;
  const error = decodeStatus(bytes, { grpcCode: thrown.code, message: thrown.details });
  if (error.code.startsWith('access.')) return error.code;
  if (ADMITTED.has(error.kind)) return 'allow';
  // A domain may say "unauthenticated" too: a wrong password is a call that was admitted.
  const isDomains = bytes !== undefined && !error.code.startsWith('common.');
  const isRefusal = error.kind === 'UNAUTHENTICATED' || error.kind === 'PERMISSION_DENIED';
  if (isDomains && isRefusal) return 'allow';
  return `failed: ${status[thrown.code]} ${error.code} ${thrown.details}`;
}

/** Makes the call over a bare HTTP/2 connection, which a server with mutual TLS never answers. */
function knock(method: MethodContract, shown: PortShown, files: Files): Promise<Outcome> {
  return new Promise((resolve) => {
    const session = connect(`https://${addressOf(method.service)}`, files);
    const timer = setTimeout(() => end('failed: the server said nothing'), TIMEOUT_MS);
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      session.destroy();
    };
    // Any other failure, nobody at the port or a server that we do not trust, is no proof.
    const onError = ({ code = '' }: NodeJS.ErrnoException): void =>
      end(SHUT.test(code) ? 'no connection' : `failed: ${code}`);
    session.on('error', onError);
    // Connected: the server has shown its own certificate, and then it hung up on ours.
    let isConnected = false;
    session.on('connect', () => {
      isConnected = true;
    });
    session.on('close', () => end(isConnected ? 'no connection' : 'failed: closed at once'));
    session.on('remoteSettings', () => end('failed: the server spoke HTTP/2 with us'));
    const request = session.request({
      ':method': 'POST',
      ':path': method.grpcPath,
      'content-type': 'application/grpc',
      te: 'trailers',
      'txn-token': [...shown.passports],
    });
    request.on('error', onError);
    request.on('response', () => end('failed: the server answered'));
    // An empty message: one byte of flags, four of length (gRPC over HTTP/2).
    request.end(Buffer.alloc(5));
  });
}
