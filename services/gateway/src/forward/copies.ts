/** The copies of one service: which gets a request, and which gets it next when that one fails. */
import {
  createRotation,
  mayAskAnother,
  outcomeOf,
  type Rotation,
  type Turn,
} from '@gatehouse/client';
import { GatehouseError } from '@gatehouse/errors';
import type { Clock } from '@gatehouse/tokens';
import { edgeErrors } from '../errors.ts';
import { NotProcessed } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type RawAnswer, readAnswer } from './grpc-answer.ts';

const MAX_ATTEMPTS = 4;
/** How often a request is repeated that may have been processed. */
const MAX_RISKY_REPEATS = 1;

/** One copy of a service, as a `Connection` is. */
export interface Copy {
  /** Whether it is connected. */
  readonly up: boolean;
  /** Whether a request may be given to it, at the price of waiting for a connection. */
  readonly usable: boolean;
  /** Connects in the background where that is due. */
  warm(): void;
  /** @throws NotProcessed when the request may be sent again; else as `exchange`. */
  send(request: Exchange): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** What the caller knows of a request. */
export interface Manners {
  /** It changes nothing. */
  readonly safe: boolean;
}

/**
 * Requests go to copies that are connected, in turn; the others are connected in the background, so
 * that a request waits for a connection only where no copy has one.
 *
 * A request that was not processed is sent again, to another copy first: there was no connection, the
 * stream was refused, it lay beyond a GOAWAY's last stream, or the copy had no keys yet. One that may
 * have been processed is sent to another copy only if it is safe, once: its answer was lost, or it
 * was `UNAVAILABLE`.
 */
export class Copies {
  readonly #connections: readonly Copy[];
  readonly #rotation: Rotation<Copy>;

  constructor(connections: readonly Copy[], clock: Clock) {
    this.#connections = connections;
    this.#rotation = createRotation({ copies: connections, isUp: ({ up }) => up, clock });
  }

  /**
   * @returns the message of the answer.
   * @throws GatehouseError as the service said; `gateway.upstream_away` when no copy was there, or
   * the answer was lost; the reason of the request's signal.
   */
  async send(request: Exchange, { safe }: Manners): Promise<Uint8Array> {
    const attempts: Attempts = { refused: new Set(), spent: new Set() };
    let riskyRepeats = safe ? MAX_RISKY_REPEATS : 0;
    for (let left = MAX_ATTEMPTS; left > 0; left -= 1) {
      const turn = this.#next(attempts);
      if (turn === undefined) break;
      try {
        const answer = readAnswer(await turn.copy.send(request));
        turn.settle('good');
        return answer;
      } catch (fault) {
        turn.settle(outcomeOf(fault));
        if (request.signal.aborted) throw fault;
        if (fault instanceof NotProcessed) {
          attempts.refused.add(turn.copy);
        } else {
          const another = mayAskAnother(fault);
          if (another === 'if safe') riskyRepeats -= 1;
          if (another === 'never' || riskyRepeats < 0) throw fault;
          attempts.spent.add(turn.copy);
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

  /** A copy that was not asked yet; else one that refused, since a new connection may do better. */
  #next({ refused, spent }: Attempts): Turn<Copy> | undefined {
    for (const connection of this.#connections) connection.warm();
    return this.#untried(new Set([...refused, ...spent])) ?? this.#untried(spent);
  }

  #untried(tried: ReadonlySet<Copy>): Turn<Copy> | undefined {
    const turn = this.#rotation.next(tried);
    if (turn !== undefined) return turn;
    // To be waited for. How it does then is for its connection to remember.
    const copy = this.#connections.find((each) => each.usable && !tried.has(each));
    return copy === undefined ? undefined : { copy, settle: () => undefined };
  }
}

interface Attempts {
  /** They did not process the request. */
  readonly refused: Set<Copy>;
  /** They may have, or said that they cannot. */
  readonly spent: Set<Copy>;
  fault?: unknown;
}

// What a service said tells the client more than that its other copy is away.
function telling(before: unknown, now: unknown): unknown {
  return before instanceof GatehouseError && !(now instanceof GatehouseError) ? before : now;
}
