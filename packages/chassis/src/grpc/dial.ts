/**
 * A client for a program that is no service: a command, the supervisor. Loads neither a server nor
 * telemetry.
 */
import type { DescService } from '@bufbuild/protobuf';
import { createServiceClient, createUpstream, type ServiceClient } from '@gatehouse/client/grpc';
import { trace } from '@opentelemetry/api';
import { parseSpiffeId, spiffeIdFor, workloadOf } from '../tls/spiffe.ts';
import { TlsFiles } from '../tls/tls-files.ts';

/** A client and its connections. */
export interface Dialled<S extends DescService> {
  readonly client: ServiceClient<S>;
  /** Ends the connections; without it the process does not end by itself. */
  close(): void;
}

/**
 * Makes a client of a contract. The server must be the workload that the contract's package names, of
 * the trust domain that the own certificate is of. Nothing is connected before the first call.
 *
 * @param options.tlsFolder - `key.pem`, `chain.pem`, `bundle.pem`.
 * @param options.addresses - `host:port` of each endpoint.
 * @throws ConfigError when a file is missing or does not fit the others.
 *
 * @example
 * ```ts
 * import { dial } from '@gatehouse/chassis/dial';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * const board = dial(BoardService, { tlsFolder: 'run/tls/gateway', addresses: ['localhost:7430'] });
 * try {
 *   console.info(await board.client.listPosts({}));
 * } finally {
 *   board.close();
 * }
 * ```
 */
export function dial<S extends DescService>(
  service: S,
  options: { readonly tlsFolder: string; readonly addresses: readonly string[] },
): Dialled<S> {
  const tls = new TlsFiles(options.tlsFolder);
  const { trustDomain = '' } = parseSpiffeId(tls.identity) ?? {};
  const upstream = createUpstream({
    addresses: options.addresses,
    serverSpiffeId: spiffeIdFor(trustDomain, workloadOf(service)),
    tls,
    tracer: trace.getTracer('gatehouse'),
  });
  return {
    client: createServiceClient(service, upstream),
    close: () => {
      upstream.close();
      tls.close();
    },
  };
}
