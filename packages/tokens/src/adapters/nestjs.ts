/** `@gatehouse/tokens/nestjs`: a guard for NestJS 11, on Express or Fastify. */
import { ANY_PRINCIPAL, type CheckedDemand, checkedDemand, type Demand } from './demand.ts';
import { type BearerAuthOptions, Guard } from './guard.ts';
import { guardedMessage, type HttpMessage, refusalHeaders } from './http.ts';
import type { BearerClaims, Principal } from './principal.ts';
import type { Problem, Refusal } from './refusal.ts';

export type { Demand } from './demand.ts';
export type { BearerAuthOptions } from './guard.ts';
export type { BearerClaims, Principal } from './principal.ts';
export { type Problem, Refusal, type RefusalCode } from './refusal.ts';

/** The part of NestJS's ExecutionContext that is looked at. */
interface Context {
  getType(): string;
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** A request as Express has it, or as Fastify wraps it. */
type Request = HttpMessage | { readonly raw: HttpMessage };

/** Options of the guard. */
export interface NestBearerAuthOptions<C extends BearerClaims> extends BearerAuthOptions<C> {
  /** That of your `@nestjs/common`: NestJS logs an error of every other class as a fault. */
  readonly HttpException: new (
    response: Record<keyof Problem, string | number>,
    status: number,
    options: { readonly cause: Refusal },
  ) => Error;
}

/** NestJS's CanActivate. */
export interface BearerRequirement {
  canActivate(context: Context): Promise<boolean>;
}

/**
 * A guard that accepts requests with a valid token. It has no decorators: make one and give it to
 * `app.useGlobalGuards` or `@UseGuards`, or provide it under `APP_GUARD` with `useValue`.
 *
 * A refusal is thrown as an HttpException, after its headers were set, so that NestJS's own filter or
 * yours answers it: 401, 400, 403 and 503 as the other adapters, with the same body, which NestJS calls
 * plain JSON. Its `cause` is the Refusal.
 *
 * Not checked: whether the token expires while the request is handled. For HTTP only.
 */
export class BearerGuard<C extends BearerClaims> implements BearerRequirement {
  readonly #guard: Guard<C>;
  readonly #HttpException: NestBearerAuthOptions<C>['HttpException'];

  constructor(options: NestBearerAuthOptions<C>) {
    this.#guard = new Guard(options);
    this.#HttpException = options.HttpException;
  }

  /**
   * @throws HttpException with the Refusal as its `cause`.
   * @throws TypeError when the call did not come over HTTP: it is refused, not let through.
   */
  canActivate(context: Context): Promise<boolean> {
    return this.#activate(context, ANY_PRINCIPAL);
  }

  /**
   * A guard for routes that need more than a good token; asks for the token by itself too.
   *
   * @throws TypeError when the demand is empty or cannot be met by any token.
   */
  require(demand: Demand<C>): BearerRequirement {
    const checked = checkedDemand(demand);
    return { canActivate: (context) => this.#activate(context, checked) };
  }

  /**
   * For whom the request is made.
   *
   * @throws Error when the request has not passed this guard.
   */
  principal(request: Request): Principal<C> {
    return this.#guard.principal(messageOf(request));
  }

  async #activate(context: Context, demand: CheckedDemand): Promise<boolean> {
    if (context.getType() !== 'http') throw new TypeError('the guard is for HTTP only');
    const http = context.switchToHttp();
    const message = messageOf(http.getRequest() as Request);
    const refusal = await this.#guard.refuse(guardedMessage(message), demand);
    if (refusal === undefined) return true;
    // Express and Fastify both have this method.
    const response = http.getResponse() as { header(name: string, value: string): unknown };
    for (const [name, value] of Object.entries(refusalHeaders(refusal))) {
      response.header(name, value);
    }
    throw new this.#HttpException({ ...refusal.toProblem() }, refusal.statusCode, {
      cause: refusal,
    });
  }
}

/** Makes the guard: `app.useGlobalGuards(bearerAuth({ HttpException, verifier }))`. */
export function bearerAuth<C extends BearerClaims>(
  options: NestBearerAuthOptions<C>,
): BearerGuard<C> {
  return new BearerGuard(options);
}

function messageOf(request: Request): HttpMessage {
  return 'raw' in request ? request.raw : request;
}
