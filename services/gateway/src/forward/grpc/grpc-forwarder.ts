/** Forwards to gRPC services over mutual TLS: a small unary client on `node:http2`. */
import { type OutgoingHttpHeaders, sensitiveHeaders } from 'node:http2';
import { spiffeIdFor, type TlsFiles, withSpan } from '@gatehouse/chassis';
import { PASSPORT_METADATA } from '@gatehouse/client/grpc';
import { isSafe } from '@gatehouse/contracts';
import { commonErrors } from '@gatehouse/errors';
import type { Clock } from '@gatehouse/tokens';
import { context, propagation, SpanKind, type Tracer } from '@opentelemetry/api';
import { edgeErrors } from '../../errors.ts';
import { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardedCall, Forwarder } from './forwarder.ts';
import { frameMessage } from './grpc-frame.ts';
import { GrpcUpstream } from './grpc-upstream.ts';

/** Where the services are, and how long they may take. */
export interface GrpcForwarderOptions {
  /** Service name → `host:port` of each endpoint. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  readonly trustDomain: string;
  readonly tls: Pick<TlsFiles, 'connectOptions'>;
  readonly clock: Clock;
  readonly tracer: Tracer;
  /** For the whole call, connecting included. Default 10 s. */
  readonly timeoutMs?: number;
  /** Largest answer that is taken. Default 4 MiB, as gRPC has it. */
  readonly limitBytes?: number;
}

const TIMEOUT_MS = 10_000;
const LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Makes the forwarder. Nothing is connected before the first call.
 *
 * Each endpoint of a service has one connection; `GrpcUpstream` says which one gets a call, and when a
 * call is sent to another. A server must be `spiffe://<trust domain>/<service>`.
 *
 * Metadata is built here: passport, deadline, trace context. Nothing of the client's is in it.
 */
export function createGrpcForwarder(options: GrpcForwarderOptions): Forwarder {
  const services = new Map<string, GrpcUpstream>();
  for (const [service, addresses] of options.upstreams) {
    services.set(service, upstreamOf(options, service, addresses));
  }
  const { tracer, timeoutMs = TIMEOUT_MS, limitBytes = LIMIT_BYTES } = options;
  return {
    forward: (call) => {
      const upstream = services.get(call.method.service);
      if (upstream === undefined) throw edgeErrors.UPSTREAM_AWAY();
      const span = {
        tracer,
        name: call.method.id,
        kind: SpanKind.CLIENT,
        attributes: { 'rpc.system.name': 'grpc', 'rpc.method': call.method.id },
      };
      return withSpan(span, () =>
        withDeadline(call.signal, timeoutMs, async (signal) => {
          const { headers, body } = requestOf(call, timeoutMs);
          const request = { headers, body, limitBytes, signal };
          return upstream.send(request, { safe: isSafe(call.method.desc) });
        }),
      );
    },
    close: async () => {
      await Promise.all([...services.values()].map((upstream) => upstream.close()));
    },
  };
}

function upstreamOf(
  options: GrpcForwarderOptions,
  service: string,
  addresses: readonly string[],
): GrpcUpstream {
  const { clock, tls, trustDomain } = options;
  const server = spiffeIdFor(trustDomain, service);
  const connections = addresses.map(
    (address) => new Connection({ address, tls: () => tls.connectOptions(server), clock }),
  );
  return new GrpcUpstream(connections, clock);
}

function requestOf(call: ForwardedCall, timeoutMs: number): Pick<Exchange, 'headers' | 'body'> {
  const headers: OutgoingHttpHeaders = {
    ...Object.fromEntries(call.metadata ?? []),
    ':method': 'POST',
    ':path': call.method.grpcPath,
    te: 'trailers',
    'content-type': 'application/grpc+proto',
    'grpc-timeout': `${timeoutMs}m`,
    [PASSPORT_METADATA]: call.passport,
    // Kept out of the header compression's tables (RFC 7541, section 7.1.3).
    [sensitiveHeaders]: [PASSPORT_METADATA],
  };
  propagation.inject(context.active(), headers);
  return { headers, body: frameMessage(call.message) };
}

async function withDeadline<Result>(
  client: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(commonErrors.DEADLINE()), timeoutMs);
  const onGone = (): void => ended.abort(commonErrors.CANCELLED());
  if (client.aborted) onGone();
  client.addEventListener('abort', onGone, { once: true });
  try {
    return await work(ended.signal);
  } finally {
    clearTimeout(timer);
    client.removeEventListener('abort', onGone);
  }
}
