/**
 * `@gatehouse/tokens/passport`: for a service behind the gateway that speaks plain HTTP. Works with
 * Express 5, Fastify 5, and all that takes a middleware of `node:http`.
 */
import type { PassportClaims } from '../claims/types.ts';
import { KeysUnavailableError, TokenError } from '../errors.ts';
import type { Verifier } from '../verify/types.ts';
import { type Principal, principalOf } from './principal.ts';

export type { Principal } from './principal.ts';

/** How passports are checked. */
export interface PassportAuthOptions {
  /** `createPassportVerifier`, or `createGatewayPassportVerifier` for a standalone gateway. */
  readonly verifier: Verifier<PassportClaims>;
  /** Told why a request was refused, for logs; what it throws is ignored. Holds no token. */
  readonly onRefused?: (reason: Error) => void;
}

/** The part of a `node:http` message that is looked at. */
interface Message {
  readonly rawHeaders: readonly string[];
}

/** The part of a `node:http` answer that is used. */
interface Answer {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/** The parts of Fastify's request and reply that are used. */
interface FastifyRequest {
  readonly raw: Message;
}
interface FastifyReply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

/** Accepts requests with a valid passport. Used directly, it is a middleware: `app.use(auth)`. */
export interface PassportAuth {
  (request: Message, response: Answer, next: (error?: unknown) => void): void;
  /** For Fastify: `app.addHook('onRequest', auth.onRequest)`. */
  onRequest(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /**
   * For whom the request is made; `claims` is the whole passport.
   *
   * @param request - Express's, or Fastify's `request.raw`.
   * @throws Error when the request has not passed.
   */
  principal(request: Message): Principal<PassportClaims>;
}

/** Lower case; compared without case. */
const HEADER = 'txn-token';

/**
 * Makes it. It answers by itself with problem+json (RFC 9457): 403 without a passport, with two, or
 * with a bad one, since whoever comes past the gateway has nothing to show instead; 503 with
 * `Retry-After` while keys are missing. Other errors of the verifier go to the framework.
 *
 * Not checked: the rule, which the gateway asked; for whom the passport is (`anonymous:…` is nobody
 * known); the route (`claims.tctx.method`); and whether the passport was used before.
 */
export function passportAuth(options: PassportAuthOptions): PassportAuth {
  const principals = new WeakMap<Message, Principal<PassportClaims>>();
  const admit = async (message: Message): Promise<Refusal | undefined> => {
    try {
      const claims = await verified(options.verifier, message);
      principals.set(message, principalOf(claims));
      return undefined;
    } catch (error) {
      const refusal = refusalOf(error);
      tell(options, error as Error);
      return refusal;
    }
  };
  const middleware = (request: Message, response: Answer, next: (error?: unknown) => void) => {
    admit(request).then((refusal) => {
      if (refusal === undefined) next();
      else response.writeHead(refusal.status, headersOf(refusal)).end(bodyOf(refusal));
    }, next);
  };
  return Object.assign(middleware, {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const refusal = await admit(request.raw);
      if (refusal === undefined) return undefined;
      reply.code(refusal.status);
      reply.headers(headersOf(refusal));
      reply.send(bodyOf(refusal));
      // The reply returned tells Fastify that it was answered.
      return reply;
    },
    principal: (request: Message) => {
      const principal = principals.get(request);
      if (principal === undefined) throw new Error('this request has not passed the check');
      return principal;
    },
  });
}

interface Refusal {
  readonly status: 403 | 503;
  readonly code: 'passport.needed' | 'passport.keys_unavailable';
  readonly title: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

const NEEDED: Refusal = {
  status: 403,
  code: 'passport.needed',
  title: 'Permission denied',
  detail: 'this needs a passport of the gateway',
};

async function verified(
  verifier: Verifier<PassportClaims>,
  message: Message,
): Promise<PassportClaims> {
  const [token, ...others] = passportsOf(message);
  if (token === undefined || others.length > 0) throw new TokenError('malformed');
  return verifier.verifyCached(token) ?? (await verifier.verify(token));
}

// The raw ones: of several, `headers` shows a joined or only the first.
function passportsOf({ rawHeaders }: Message): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === HEADER) values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof TokenError) return NEEDED;
  if (!(error instanceof KeysUnavailableError)) throw error;
  return {
    status: 503,
    code: 'passport.keys_unavailable',
    title: 'Unavailable',
    detail: 'the passport cannot be checked at the moment',
    retryAfterSeconds: error.retryAfterSeconds,
  };
}

function tell({ onRefused }: PassportAuthOptions, reason: Error): void {
  try {
    onRefused?.(reason);
  } catch {
    // A log that fails must not turn a refusal into a fault.
  }
}

function headersOf({ retryAfterSeconds }: Refusal): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
}

function bodyOf({ status, code, title, detail }: Refusal): string {
  return JSON.stringify({ type: `urn:gatehouse:error:${code}`, title, status, code, detail });
}
