/** The connections to the endpoints of one service. */
import { Balancer } from '@gatehouse/balance';
import { commonErrors } from '@gatehouse/errors';
import { Client, connectivityState } from '@grpc/grpc-js';
import type { Tracer } from '@opentelemetry/api';
import type { Turn } from '../policy/run.ts';
import { createTarget, type Target, type TargetOptions } from '../policy/target.ts';
import { MutualTlsChannelCredentials, type PeerTls } from './credentials.ts';

/**
 * Largest response accepted. gRPC's own 4 MiB is about ninety thousand revocations, and a snapshot of the
 * revocation feed that is larger would be rejected for ever: no verifier could start. The server has
 * proved who it is.
 */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_RESPONSE_BYTES,
  'grpc.enable_channelz': 0,
  // A service that was restarted is found again within a second or two.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A peer that vanished without a word is noticed, also by a stream that only listens.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** How a client is made. */
export interface ClientOptions extends TargetOptions {
  /** `host:port` of each endpoint. */
  readonly addresses: readonly string[];
  /** The workload that must respond. */
  readonly serverSpiffeId: string;
  readonly tls: PeerTls;
  readonly tracer: Tracer;
}

/** The endpoints of one service. Clients of several contracts may share them. */
export interface Upstream {
  readonly tracer: Tracer;
  readonly target: Target;
  /**
   * An endpoint for the next call: one that is connected, in turn. While none is, it waits for the first
   * connection; where none can be made it gives an endpoint all the same, whose call then says why.
   *
   * @param wait.tried - endpoints to leave out. @param wait.untilMs - epoch milliseconds.
   * @returns undefined when every endpoint was tried.
   * @throws GatehouseError `common.unavailable` when there are no endpoints.
   */
  next(wait: {
    readonly tried: ReadonlySet<Client>;
    readonly untilMs: number;
  }): Turn<Client> | Promise<Turn<Client> | undefined>;
  close(): void;
}

/**
 * Makes the connections to one service. Nothing is opened before the first call.
 *
 * @example
 * ```ts
 * import { type ClientOptions, createUpstream } from '@gatehouse/client/grpc';
 *
 * function boardOver(tls: ClientOptions['tls'], tracer: ClientOptions['tracer']) {
 *   return createUpstream({
 *     addresses: ['board-1:7430', 'board-2:7430'],
 *     serverSpiffeId: 'spiffe://gatehouse.local/board',
 *     tls,
 *     tracer,
 *   });
 * }
 * ```
 */
export function createUpstream(options: ClientOptions): Upstream {
  const { tracer } = options;
  const target = createTarget(options);
  const credentials = new MutualTlsChannelCredentials(options.tls, options.serverSpiffeId);
  const endpoints = options.addresses.map(
    (address) => new Client(address, credentials, CHANNEL_OPTIONS),
  );
  const balancer = new Balancer({ targets: endpoints, isUp, clock: target.clock });
  return {
    tracer,
    target,
    next: ({ tried, untilMs }) => {
      if (endpoints.length === 0) throw commonErrors.UNAVAILABLE();
      const turn = balancer.next(tried);
      if (turn !== undefined) return turn;
      const left = endpoints.filter((endpoint) => !tried.has(endpoint));
      return firstOf({ left, untilMs, balancer, tried });
    },
    close: () => {
      for (const endpoint of endpoints) endpoint.close();
    },
  };
}

async function firstOf(choice: {
  readonly left: readonly Client[];
  readonly untilMs: number;
  readonly balancer: Balancer<Client>;
  readonly tried: ReadonlySet<Client>;
}): Promise<Turn<Client> | undefined> {
  const { left, untilMs, balancer, tried } = choice;
  await Promise.any(left.map((endpoint) => connected(endpoint, untilMs))).catch(() => undefined);
  const turn = balancer.next(tried);
  const [last] = left;
  if (turn !== undefined || last === undefined) return turn;
  return { target: last, settle: () => undefined };
}

/** Also begins to connect an endpoint that is idle; one that failed does so by itself when its time has come. */
function isUp(endpoint: Client): boolean {
  const state = stateOf(endpoint);
  // Asked only then, since it sets a timer.
  if (state === connectivityState.IDLE) endpoint.getChannel().getConnectivityState(true);
  return state === connectivityState.READY;
}

function stateOf(endpoint: Client): connectivityState {
  return endpoint.getChannel().getConnectivityState(false);
}

const OUT_OF_REACH: ReadonlySet<connectivityState> = new Set([
  connectivityState.TRANSIENT_FAILURE,
  connectivityState.SHUTDOWN,
]);

/** Resolves when the endpoint is connected; rejects when that failed, or not in time. */
function connected(endpoint: Client, untilMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const state = stateOf(endpoint);
      if (state === connectivityState.READY) resolve();
      else if (OUT_OF_REACH.has(state)) reject(new Error('no connection'));
      else {
        endpoint.getChannel().watchConnectivityState(state, untilMs, (late?: Error) => {
          if (late === undefined) look();
          else reject(late);
        });
      }
    };
    look();
  });
}
