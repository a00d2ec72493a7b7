/** The connections to the copies of one service. */
import { Balancer } from '@gatehouse/balance';
import { commonErrors } from '@gatehouse/errors';
import { Client, connectivityState } from '@grpc/grpc-js';
import type { Tracer } from '@opentelemetry/api';
import type { Turn } from '../policy/run.ts';
import { createTarget, type Target, type TargetOptions } from '../policy/target.ts';
import { MutualTlsChannelCredentials, type PeerTls } from './credentials.ts';

/**
 * Largest answer taken. gRPC's own 4 MiB is about ninety thousand revocations, and a snapshot of the
 * news from auth that is larger would be refused for ever: no verifier could start. The server has
 * proved who it is.
 */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
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
  /** `host:port` of each copy. */
  readonly addresses: readonly string[];
  /** The workload that must answer. */
  readonly serverSpiffeId: string;
  readonly tls: PeerTls;
  readonly tracer: Tracer;
}

/** The copies of one service. Clients of several contracts may share them. */
export interface Upstream {
  readonly tracer: Tracer;
  readonly target: Target;
  /**
   * A copy for the next call: one that is connected, in turn. While none is, it waits for the first
   * connection; where none can be made it gives a copy all the same, whose call then says why.
   *
   * @param wait.tried - copies to leave out. @param wait.untilMs - epoch milliseconds.
   * @returns undefined when every copy was tried.
   * @throws GatehouseError `common.unavailable` when there are no copies.
   */
  next(wait: {
    readonly tried: ReadonlySet<Client>;
    readonly untilMs: number;
  }): Turn<Client> | Promise<Turn<Client> | undefined>;
  close(): void;
}

/** Opens nothing yet: the copies are connected to when the first call is made. */
export function createUpstream(options: ClientOptions): Upstream {
  const { tracer } = options;
  const target = createTarget(options);
  const credentials = new MutualTlsChannelCredentials(options.tls, options.serverSpiffeId);
  const copies = options.addresses.map(
    (address) => new Client(address, credentials, CHANNEL_OPTIONS),
  );
  const balancer = new Balancer({ targets: copies, isUp, clock: target.clock });
  return {
    tracer,
    target,
    next: ({ tried, untilMs }) => {
      if (copies.length === 0) throw commonErrors.UNAVAILABLE();
      const turn = balancer.next(tried);
      if (turn !== undefined) return turn;
      const left = copies.filter((copy) => !tried.has(copy));
      return firstOf({ left, untilMs, balancer, tried });
    },
    close: () => {
      for (const copy of copies) copy.close();
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
  await Promise.any(left.map((copy) => connected(copy, untilMs))).catch(() => undefined);
  const turn = balancer.next(tried);
  const [last] = left;
  if (turn !== undefined || last === undefined) return turn;
  return { target: last, settle: () => undefined };
}

/** Also begins to connect a copy that is idle; one that failed does so by itself when its time has come. */
function isUp(copy: Client): boolean {
  const state = stateOf(copy);
  // Asked only then, since it sets a timer.
  if (state === connectivityState.IDLE) copy.getChannel().getConnectivityState(true);
  return state === connectivityState.READY;
}

function stateOf(copy: Client): connectivityState {
  return copy.getChannel().getConnectivityState(false);
}

const OUT_OF_REACH: ReadonlySet<connectivityState> = new Set([
  connectivityState.TRANSIENT_FAILURE,
  connectivityState.SHUTDOWN,
]);

/** Resolves when the copy is connected; rejects when that failed, or not in time. */
function connected(copy: Client, untilMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const state = stateOf(copy);
      if (state === connectivityState.READY) resolve();
      else if (OUT_OF_REACH.has(state)) reject(new Error('no connection'));
      else {
        copy.getChannel().watchConnectivityState(state, untilMs, (late?: Error) => {
          if (late === undefined) look();
          else reject(late);
        });
      }
    };
    look();
  });
}
