/** What all adapters have in common: from the values of a header to a principal, or a refusal. */
import { KeysUnavailableError, TokenError } from '../errors.ts';
import type { Verifier } from '../verify/types.ts';
import { bearerToken } from './authorization.ts';
import { assertDemand, type CheckedDemand } from './demand.ts';
import { type BearerClaims, type Principal, principalOf } from './principal.ts';
import { Refusal } from './refusal.ts';

/** Nothing at all is a verifier of passports here: only they have a transaction. */
type BearerKind<C> = C extends { readonly txn: string } ? never : unknown;

/** Options of every adapter. */
export interface BearerAuthOptions<C extends BearerClaims> {
  /** Any verifier but that of passports, which do not travel as bearer tokens. */
  readonly verifier: Verifier<C> & BearerKind<C>;
  /**
   * Told of each refusal, for logs and metrics; `refusal.cause` says what was wrong with the token.
   * What it throws is ignored.
   */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** One incoming request, as a framework has it. */
export interface GuardedRequest {
  /** What the principal is remembered by, for as long as the request lives. */
  readonly key: object;
  /** Every value of `Authorization`. */
  readonly authorization: () => readonly string[];
}

/** Lets requests in that bear a good token, and remembers for whom each is made. */
export class Guard<C extends BearerClaims> {
  readonly #verifier: Verifier<C>;
  readonly #onRefused: (refusal: Refusal) => void;
  readonly #principals = new WeakMap<object, Principal<C>>();

  constructor(options: BearerAuthOptions<C>) {
    this.#verifier = options.verifier;
    this.#onRefused = options.onRefused ?? (() => {});
  }

  /**
   * @returns undefined when the request is accepted; else why not. A request is verified once, however
   *   often it is asked about.
   * @throws what the verifier throws beside TokenError and KeysUnavailableError: a fault.
   */
  async refuse(request: GuardedRequest, demand: CheckedDemand): Promise<Refusal | undefined> {
    try {
      assertDemand(await this.#authenticate(request), demand);
      return undefined;
    } catch (error) {
      const refusal = asRefusal(error);
      this.#tell(refusal);
      return refusal;
    }
  }

  /** @throws Error when the request was not accepted by this guard: a mistake in the routes. */
  principal(key: object): Principal<C> {
    const principal = this.#principals.get(key);
    if (principal === undefined) throw new Error('this request has not passed the guard');
    return principal;
  }

  async #authenticate({ key, authorization }: GuardedRequest): Promise<Principal<C>> {
    const known = this.#principals.get(key);
    if (known !== undefined) return known;
    const token = bearerToken(authorization());
    const claims = this.#verifier.verifyCached(token) ?? (await this.#verifier.verify(token));
    const principal = principalOf(claims);
    this.#principals.set(key, principal);
    return principal;
  }

  #tell(refusal: Refusal): void {
    try {
      this.#onRefused(refusal);
    } catch {
      // A log that fails must not turn a refusal into a fault.
    }
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TokenError) return Refusal.invalidToken(error);
  if (error instanceof KeysUnavailableError) return Refusal.keysUnavailable(error);
  throw error;
}
