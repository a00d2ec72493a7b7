/** Typed clients of other services, with one set of connections for each service. */
import type { DescService } from '@bufbuild/protobuf';
import type { BreakerState } from '@gatehouse/client';
import {
  createServiceClient,
  createUpstream,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import type { Logger } from 'pino';
import { addressesOf, readUpstreams } from '../config/upstreams.ts';
import type { ServiceParts } from '../process/parts.ts';
import { spiffeIdFor, workloadOf } from '../tls/spiffe.ts';

/** Gives the client of a contract; the same one when it is asked for again. */
export type Clients = <S extends DescService>(service: S) => ServiceClient<S>;

export function createClients(parts: ServiceParts): Clients {
  const upstreams = new Map<string, Upstream>();
  const clients = new Map<string, unknown>();
  return <S extends DescService>(service: S) => {
    const workload = workloadOf(service);
    const upstream = upstreams.get(workload) ?? connect(parts, workload);
    upstreams.set(workload, upstream);
    const client = clients.get(service.typeName) ?? createServiceClient(service, upstream);
    clients.set(service.typeName, client);
    // Kept under the name of the same descriptor.
    return client as ServiceClient<S>;
  };
}

function connect(parts: ServiceParts, workload: string): Upstream {
  const { env, tls, telemetry, closers, log, trustDomain } = parts;
  const upstream = createUpstream({
    addresses: addressesOf(readUpstreams(env), workload),
    serverSpiffeId: spiffeIdFor(trustDomain, workload),
    tls,
    tracer: telemetry.tracer,
    onBreaker: (state) => logBreaker(log, workload, state),
  });
  closers.add(`client of ${workload}`, async () => upstream.close());
  return upstream;
}

/** Says in the log when calls to a service fail at once, and when they are tried and made again. */
export function logBreaker(log: Logger, target: string, state: BreakerState): void {
  if (state === 'open')
    log.warn({ target, state }, 'circuit open, calls to the service fail at once');
  else log.info({ target, state }, 'circuit no longer open');
}
