/** The gRPC server of a service: mutual TLS, the pipeline, spans, metrics, and an orderly end. */

import type { EventEmitter } from 'node:events';
import { encodeStatus, PASSPORT_METADATA, STATUS_TRAILER } from '@gatehouse/client/grpc';
import { commonErrors, type GatehouseError } from '@gatehouse/errors';
import {
  Metadata,
  Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Listener } from '../context/service-context.ts';
import { settle } from '../process/settle.ts';
import { logRefusedConnections } from '../tls/refusals.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import { type IncomingCall, type ServedMethod, servedMethod } from './admit.ts';
import type { Implementation } from './call.ts';
import { MutualTlsServerCredentials } from './credentials.ts';
import { wireErrors } from './errors.ts';
import { peerIdentityOf, type ServerCall } from './peer.ts';
import { callMeters, runStream, runUnary, type ServerParts } from './run-call.ts';

/** How long calls are still taken once it has to stop: their callers may have sent them already. */
const SETTLE_MS = 100;
/** Largest message taken, in bytes. */
export const MAX_RECEIVE_BYTES = 4 * 1024 * 1024;

/** What a listener serves, and where. */
export interface GrpcOptions extends Omit<ServerParts, 'meters'> {
  readonly implementations: readonly Implementation[];
  readonly tls: TlsFiles;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** A listener that also knows its port, once it was started. */
export interface GrpcListener extends Listener {
  readonly port: number;
}

type Bytes = Buffer;
const asIs = (bytes: Bytes): Bytes => bytes;

/**
 * Makes the gRPC listener. Messages are decoded by the pipeline, after the access rule was asked, so that
 * nobody's bytes are looked at before it is known who they are. A method that no implementation has
 * gets UNIMPLEMENTED.
 *
 * Its stop takes what had been sent by now and then no new call, ends server streams at once (their callers
 * go to another replica), waits for unary calls, and after the grace cuts what is left.
 *
 * @throws Error when two implementations serve the same method; its start, when the port is taken.
 */
export function grpcListener(options: GrpcOptions): GrpcListener {
  // Channelz stays on: forceShutdown() finds the connections to cut by it alone.
  const server = new Server({ 'grpc.max_receive_message_length': MAX_RECEIVE_BYTES });
  const stopping = new AbortController();
  const parts = { ...options, meters: callMeters(options.telemetry) };
  for (const { methods } of options.implementations) {
    for (const [path, { contract, handler }] of methods) {
      register(server, path, { parts, method: servedMethod(contract, handler), stopping });
    }
  }
  let port = 0;
  return {
    name: 'grpc',
    get port() {
      return port;
    },
    start: async () => {
      port = await bind(server, options);
      for (const each of secureServersOf(server)) logRefusedConnections(each, options.log);
      options.log.info({ listener: 'grpc', port }, 'listening');
    },
    stop: (graceMs) => stop(server, stopping, graceMs),
  };
}

/**
 * The TLS servers beneath, to hear of connections that they refuse. grpc-js has no public name for them;
 * where they are not found, nothing is logged.
 */
function secureServersOf(server: Server): Iterable<EventEmitter> {
  const { http2Servers } = server as unknown as {
    readonly http2Servers?: ReadonlyMap<EventEmitter, unknown>;
  };
  return http2Servers?.keys() ?? [];
}

interface Registration {
  readonly parts: ServerParts;
  readonly method: ServedMethod;
  readonly stopping: AbortController;
}

function register(server: Server, path: string, registration: Registration): void {
  const isUnary = registration.method.contract.desc.methodKind === 'unary';
  const isNew = isUnary
    ? server.register<Bytes, Bytes>(path, unary(registration), asIs, asIs, 'unary')
    : server.register<Bytes, Bytes>(path, stream(registration), asIs, asIs, 'serverStream');
  if (!isNew) throw new Error(`${path} is implemented twice`);
}

function unary({ parts, method }: Registration) {
  return (call: ServerUnaryCall<Bytes, Bytes>, callback: sendUnaryData<Bytes>): void => {
    const { incoming, settle } = incomingOf(call, parts.trustDomain);
    runUnary(parts, method, incoming)
      .finally(settle)
      .then(
        (response) => callback(null, response),
        (error: GatehouseError) => callback(statusOf(error)),
      );
  };
}

function stream({ parts, method, stopping }: Registration) {
  return (call: ServerWritableStream<Bytes, Bytes>): void => {
    const { incoming, settle } = incomingOf(call, parts.trustDomain, stopping.signal);
    runStream(parts, method, { incoming, write: (response) => write(call, response) })
      .finally(settle)
      .then(
        () => call.end(),
        (error: GatehouseError) => call.destroyed || call.emit('error', statusOf(error)),
      );
  };
}

interface Accepted {
  readonly incoming: IncomingCall;
  /** Ends the watch for cancellation: grpc-js calls every call cancelled when its stream closes. */
  readonly settle: () => void;
}

function incomingOf(call: ServerCall, trustDomain: string, stopping?: AbortSignal): Accepted {
  const cancelling = new AbortController();
  const cancel = (): void => cancelling.abort(commonErrors.CANCELLED());
  call.once('cancelled', cancel);
  const { signal } = cancelling;
  const deadline = call.getDeadline();
  const deadlineMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  const incoming = {
    metadata: call.metadata,
    peer: () => peerIdentityOf(call, trustDomain),
    from: () => call.getPeer(),
    passports: call.metadata.get(PASSPORT_METADATA).map(String),
    body: call.request,
    signal: stopping === undefined ? signal : AbortSignal.any([signal, stopping]),
    ...(Number.isFinite(deadlineMs) ? { deadlineMs } : {}),
  };
  return { incoming, settle: () => call.off('cancelled', cancel) };
}

// Waits while the peer is slow to read, so that a stream holds one message, not all.
function write(call: ServerWritableStream<Bytes, Bytes>, response: Bytes): Promise<void> {
  return new Promise((resolve, reject) => {
    if (call.cancelled || call.destroyed) return resolve();
    call.once('cancelled', resolve);
    call.write(response, (error: Error | null | undefined) => {
      call.off('cancelled', resolve);
      if (error) reject(error);
      else resolve();
    });
  });
}

function statusOf(error: GatehouseError): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set(STATUS_TRAILER, Buffer.from(encodeStatus(error)));
  return { code: error.grpcCode, details: error.message, metadata };
}

function bind(server: Server, { host, port, tls }: GrpcOptions): Promise<number> {
  const address = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const credentials = new MutualTlsServerCredentials(tls);
    server.bindAsync(address, credentials, (error: Error | null, bound: number) => {
      if (error === null) resolve(bound);
      else reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

async function stop(server: Server, stopping: AbortController, graceMs: number): Promise<void> {
  await settle(SETTLE_MS);
  stopping.abort(wireErrors.STOPPING());
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
