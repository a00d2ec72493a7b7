/** Which endpoint of a service gets the next call. */
import type { Clock } from '@gatehouse/tokens';
import {
  DEFAULT_EJECTION,
  type EjectionSettings,
  Endpoint,
  type EndpointHost,
} from './endpoint.ts';

/** What a balancer goes by. */
export interface BalancerOptions<Target> {
  readonly clock: Clock;
  /** Where calls can go. Default: nowhere yet; see `setTargets`. */
  readonly targets?: readonly Target[];
  readonly ejection?: EjectionSettings;
  /**
   * Whether a call can be given to a target now, without waiting for a connection. One that comes up
   * beside others begins slowly. Default: each can, always.
   */
  readonly isUp?: (target: Target) => boolean;
  /** The last endpoint that is well is never ejected. Default: it is, and then all are used. */
  readonly sparesLast?: boolean;
}

type Tried<Target> = ReadonlySet<Target> | undefined;
/** Who qualifies: whoever is well and draws this call, else whoever is well, else whoever is up. */
type Tier = 'draws' | 'well' | 'any';

/**
 * The endpoint with the fewest calls in flight gets the next; of several, each in its turn.
 *
 * One that came back is considered for a part of the calls only, which rises to all of them. Where
 * none is well, all are used: a check that is wrong, or a failure that all of them have (a database
 * that is down), must not take the service away.
 *
 * Not done here: connecting, retrying, and knowing which endpoints there are.
 *
 * @example
 * ```ts
 * import { Balancer, outcomeOf } from '@gatehouse/balance';
 *
 * const balancer = new Balancer({ targets: ['http://10.0.0.5', 'http://10.0.0.6'], clock: { nowMs: Date.now } });
 *
 * async function get(path: string) {
 *   const endpoint = balancer.next();
 *   if (endpoint === undefined) throw new Error('no endpoint is up');
 *   try {
 *     const response = await fetch(endpoint.target + path);
 *     endpoint.settle(response.status === 503 ? 'bad' : 'good');
 *     return response;
 *   } catch (thrown) {
 *     endpoint.settle(outcomeOf(thrown));
 *     throw thrown;
 *   }
 * }
 * ```
 */
export class Balancer<Target> implements EndpointHost<Target> {
  readonly ejection: EjectionSettings;
  readonly #options: BalancerOptions<Target>;
  #endpoints: readonly Endpoint<Target>[] = [];
  #turn = -1;

  constructor(options: BalancerOptions<Target>) {
    this.#options = options;
    this.ejection = options.ejection ?? DEFAULT_EJECTION;
    this.setTargets(options.targets ?? []);
  }

  get endpoints(): readonly Endpoint<Target>[] {
    return this.#endpoints;
  }

  /** Takes up where calls can go from now on. An endpoint whose target stays keeps what is known of it. */
  setTargets(targets: readonly Target[]): void {
    const known = new Map(this.#endpoints.map((each) => [each.target, each]));
    this.#endpoints = targets.map((target) => known.get(target) ?? new Endpoint(target, this));
  }

  /**
   * Chooses an endpoint, and begins a call at it: `settle` must be called when the call has ended.
   *
   * @param tried - targets to leave out.
   * @returns undefined when no endpoint that is up is left.
   */
  next(tried?: ReadonlySet<Target>): Endpoint<Target> | undefined {
    const chosen = this.pick(tried);
    chosen?.begin();
    return chosen;
  }

  /** Chooses as `next`, and begins nothing. */
  pick(tried?: ReadonlySet<Target>): Endpoint<Target> | undefined {
    const nowMs = this.nowMs();
    this.#noteArrivals();
    const chosen =
      this.#fewest('draws', nowMs, tried) ??
      this.#fewest('well', nowMs, tried) ??
      this.#fewest('any', nowMs, tried);
    chosen?.spendCredit();
    return chosen;
  }

  nowMs(): number {
    return this.#options.clock.nowMs();
  }

  mayEject(candidate: Endpoint<Target>): boolean {
    if (this.#options.sparesLast !== true) return true;
    const nowMs = this.nowMs();
    return this.#endpoints.some((each) => each !== candidate && each.isWell(nowMs));
  }

  #noteArrivals(): void {
    const { isUp } = this.#options;
    if (isUp === undefined) return;
    let othersWork = false;
    for (const { up } of this.#endpoints) othersWork ||= up;
    for (const each of this.#endpoints) each.setUp(isUp(each.target), othersWork);
  }

  #fewest(tier: Tier, nowMs: number, tried: Tried<Target>): Endpoint<Target> | undefined {
    const count = this.#endpoints.length;
    let chosen: Endpoint<Target> | undefined;
    let chosenIndex = 0;
    for (let step = 1; step <= count; step += 1) {
      const index = (this.#turn + step) % count;
      const each = this.#endpoints[index] as Endpoint<Target>;
      if (chosen !== undefined && each.inFlight >= chosen.inFlight) continue;
      if (!this.#isFree(each, tried) || !qualifies(each, tier, nowMs)) continue;
      chosen = each;
      chosenIndex = index;
    }
    // A retry takes no turn: else one that fails fast would be the first choice of each next call.
    if (chosen !== undefined && (tried === undefined || tried.size === 0)) this.#turn = chosenIndex;
    return chosen;
  }

  #isFree({ target, up }: Endpoint<Target>, tried: Tried<Target>): boolean {
    return (up || this.#options.isUp === undefined) && tried?.has(target) !== true;
  }
}

function qualifies(endpoint: Endpoint<unknown>, tier: Tier, nowMs: number): boolean {
  if (tier === 'any') return true;
  return endpoint.isWell(nowMs) && (tier === 'well' || endpoint.draws(nowMs));
}
