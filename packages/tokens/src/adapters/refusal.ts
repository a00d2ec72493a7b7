import type { KeysUnavailableError, TokenError } from '../errors.ts';

/** Why a request is refused. Stable: programs compare it. */
export type RefusalCode =
  /** 401. No `Authorization`, or one of another scheme. */
  | 'no_token'
  /** 400. More than one `Authorization`. */
  | 'invalid_request'
  /** 401. The token is bad; `cause` is the TokenError, or absent when there was no token to read. */
  | 'invalid_token'
  /** 403. A scope is missing. */
  | 'insufficient_scope'
  /** 403. None of the roles is there. */
  | 'insufficient_role'
  /** 503. We cannot say whether the token is good: keys are missing. */
  | 'keys_unavailable';

/** The body of a refusal's answer (RFC 9457, section 3.1, with a member of ours). */
export interface Problem {
  /** `urn:gatehouse:error:<code>`: to be compared, not to be fetched. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** `bearer.` and the refusal's code. */
  readonly code: string;
  readonly detail: string;
}

interface Answer {
  readonly status: 400 | 401 | 403 | 503;
  readonly title: string;
  readonly detail: string;
}

const ANSWERS: Readonly<Record<RefusalCode, Answer>> = {
  no_token: { status: 401, title: 'Unauthenticated', detail: 'a bearer token is needed' },
  invalid_request: {
    status: 400,
    title: 'Invalid argument',
    detail: 'there is more than one Authorization header',
  },
  invalid_token: { status: 401, title: 'Unauthenticated', detail: 'the token is not valid here' },
  insufficient_scope: {
    status: 403,
    title: 'Permission denied',
    detail: 'the token lacks a scope that is needed here',
  },
  insufficient_role: {
    status: 403,
    title: 'Permission denied',
    detail: 'none of the roles that are needed here is held',
  },
  keys_unavailable: {
    status: 503,
    title: 'Unavailable',
    detail: 'the token cannot be checked at the moment',
  },
};

/**
 * A request that an adapter refuses. It holds nothing of the token, and may be logged; `cause` says
 * for an operator what exactly was wrong, and is not sent.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** HTTP status. */
  readonly statusCode: Answer['status'];
  /** Response headers, names in lower case: `www-authenticate`, `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;

  private constructor(
    code: RefusalCode,
    headers: Readonly<Record<string, string>> = {},
    cause?: Error,
  ) {
    super(ANSWERS[code].detail, cause === undefined ? {} : { cause });
    this.code = code;
    this.statusCode = ANSWERS[code].status;
    this.headers = Object.freeze(headers);
  }

  /** RFC 6750, section 3.1: without a token, the challenge has no error code. */
  static noToken(): Refusal {
    return new Refusal('no_token', challenge());
  }

  static invalidRequest(): Refusal {
    return new Refusal('invalid_request', challenge('error="invalid_request"'));
  }

  static invalidToken(cause?: TokenError): Refusal {
    return new Refusal('invalid_token', challenge('error="invalid_token"'), cause);
  }

  /** @param scopes - all that the route asks for, as RFC 6750, section 3, wants them. */
  static insufficientScope(scopes: readonly string[]): Refusal {
    const needed = `error="insufficient_scope", scope="${scopes.join(' ')}"`;
    return new Refusal('insufficient_scope', challenge(needed));
  }

  /** Without a challenge: no other token of the same person would do. */
  static insufficientRole(): Refusal {
    return new Refusal('insufficient_role');
  }

  static keysUnavailable(cause: KeysUnavailableError): Refusal {
    const headers = { 'retry-after': String(cause.retryAfterSeconds) };
    return new Refusal('keys_unavailable', headers, cause);
  }

  /** The body of the response: problem+json (RFC 9457). */
  toProblem(): Problem {
    const { status, title } = ANSWERS[this.code];
    const code = `bearer.${this.code}`;
    return { type: `urn:gatehouse:error:${code}`, title, status, code, detail: this.message };
  }
}

function challenge(parameters?: string): Readonly<Record<string, string>> {
  return { 'www-authenticate': parameters === undefined ? 'Bearer' : `Bearer ${parameters}` };
}
