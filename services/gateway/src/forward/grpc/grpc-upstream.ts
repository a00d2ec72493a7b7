/** One gRPC service: which of its endpoints gets a request, and which gets it next when that one fails. */
import {
  Balancer,
  createRetryBudget,
  mayRetryElsewhere,
  type Outcome,
  outcomeOf,
  type RetryBudget,
} from '@gatehouse/balance';
import { GatehouseError } from '@gatehouse/errors';
import type { Clock } from '@gatehouse/tokens';
import { edgeErrors } from '../../errors.ts';
import type { Exchange } from './exchange.ts';
import { type RawResponse, readResponse } from './grpc-response.ts';
import { NotProcessed } from './not-processed.ts';

const MAX_ATTEMPTS = 4;
/** How often a request is retried that may have been processed. */
const MAX_RISKY_RETRIES = 1;
const RETRY_BUDGET = { ratio: 0.2, minPerSecond: 10 };

/** Where one replica of a service listens, as a `Connection` is. */
export interface GrpcEndpoint {
  /** Whether it is connected. */
  readonly up: boolean;
  /** Whether a request may be given to it, at the price of waiting for a connection. */
  readonly usable: boolean;
  /** Connects in the background where that is due. */
  warm(): void;
  /** @throws NotProcessed when the request may be sent again; else as `exchange`. */
  send(request: Exchange): Promise<RawResponse>;
  close(): Promise<void>;
}

/** An endpoint that was given a request. */
interface Turn {
  readonly target: GrpcEndpoint;
  settle(outcome: Outcome): void;
}

/**
 * Requests go to endpoints that are connected, balanced; the others are connected in the background, so
 * that a request waits for a connection only where no endpoint has one.
 *
 * A request that was not processed is sent again, to another endpoint first: there was no connection,
 * the stream was refused, it lay beyond a GOAWAY's last stream, or the replica had no keys yet. One that
 * may have been processed is sent to another endpoint only if it is safe, once, and within the service's
 * retry budget: its response was lost, or it was `UNAVAILABLE`.
 */
export class GrpcUpstream {
  readonly #connections: readonly GrpcEndpoint[];
  readonly #balancer: Balancer<GrpcEndpoint>;
  readonly #budget: RetryBudget;

  constructor(connections: readonly GrpcEndpoint[], clock: Clock) {
    this.#connections = connections;
    this.#balancer = new Balancer({ targets: connections, isUp: ({ up }) => up, clock });
    this.#budget = createRetryBudget(RETRY_BUDGET, clock);
  }

  /**
   * @param options.safe - the request changes nothing.
   * @returns the message of the response.
   * @throws GatehouseError as the service said; `gateway.upstream_away` when no endpoint could be
   * reached, or the response was lost; the reason of the request's signal.
   */
  async send(request: Exchange, { safe }: { readonly safe: boolean }): Promise<Uint8Array> {
    const attempts: Attempts = { refused: new Set(), spent: new Set() };
    let riskyRetries = safe ? MAX_RISKY_RETRIES : 0;
    this.#budget.earn();
    for (let left = MAX_ATTEMPTS; left > 0; left -= 1) {
      const turn = this.#next(attempts);
      if (turn === undefined) break;
      try {
        const response = readResponse(await turn.target.send(request));
        turn.settle('good');
        return response;
      } catch (fault) {
        turn.settle(outcomeOf(fault));
        if (request.signal.aborted) throw fault;
        if (fault instanceof NotProcessed) {
          attempts.refused.add(turn.target);
        } else {
          const another = mayRetryElsewhere(fault);
          if (another === 'never') throw fault;
          if (another === 'if safe') {
            riskyRetries -= 1;
            if (riskyRetries < 0 || !this.#budget.spend()) throw fault;
          }
          attempts.spent.add(turn.target);
        }
        attempts.fault = telling(attempts.fault, fault);
      }
    }
    if (attempts.fault instanceof GatehouseError) throw attempts.fault;
    throw edgeErrors.UPSTREAM_AWAY({ cause: attempts.fault, retryAfterSeconds: 1 });
  }

  /** Lets requests in flight finish, then closes. */
  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  /** An endpoint that was not tried yet; else one that refused, since a new connection may do better. */
  #next({ refused, spent }: Attempts): Turn | undefined {
    for (const connection of this.#connections) connection.warm();
    return this.#untried(new Set([...refused, ...spent])) ?? this.#untried(spent);
  }

  #untried(tried: ReadonlySet<GrpcEndpoint>): Turn | undefined {
    const turn = this.#balancer.next(tried);
    if (turn !== undefined) return turn;
    // To be waited for. How it does then is for its connection to remember.
    const target = this.#connections.find((each) => each.usable && !tried.has(each));
    return target === undefined ? undefined : { target, settle: () => undefined };
  }
}

interface Attempts {
  /** They did not process the request. */
  readonly refused: Set<GrpcEndpoint>;
  /** They may have, or said that they cannot. */
  readonly spent: Set<GrpcEndpoint>;
  fault?: unknown;
}

// What a service said tells the client more than that its other replica is unreachable.
function telling(before: unknown, now: unknown): unknown {
  return before instanceof GatehouseError && !(now instanceof GatehouseError) ? before : now;
}
