/** Why a token is refused. Stable: programs compare it. */
export type TokenErrorCode =
  /** Not three canonical base64url parts holding strict JSON objects, too long, or a header member too many. */
  | 'malformed'
  /** `typ` is not that of this kind of token. */
  | 'type'
  /** `alg` is not that of this kind of token, or not that of its key. */
  | 'algorithm'
  /** No key has this `kid`. */
  | 'key_unknown'
  /** The signature is not that key's over these bytes. */
  | 'signature'
  /** `iss` is missing, another one, or not the identity bound to the key. */
  | 'issuer'
  /** `aud` is missing or another one. */
  | 'audience'
  /** `exp` has passed. */
  | 'expired'
  /** `iat` or `nbf` is still to come. */
  | 'not_yet_valid'
  /** A claim is missing or invalid. */
  | 'claim'
  /** It has a `cnf`, which this verifier cannot check. */
  | 'confirmation'
  /** Its session, its `jti` or its subject's version is revoked. */
  | 'revoked';

const MESSAGES: Readonly<Record<TokenErrorCode, string>> = {
  malformed: 'the token is not a well-formed compact JWS',
  type: 'the token is of another kind',
  algorithm: 'the token is signed with an algorithm that is not allowed here',
  key_unknown: 'the token is signed with a key that is not known',
  signature: 'the signature of the token is wrong',
  issuer: 'the token is from another issuer',
  audience: 'the token is for another audience',
  expired: 'the token has expired',
  not_yet_valid: 'the token is not valid yet',
  claim: 'the token has an invalid claim',
  confirmation: 'the token is bound to a key that cannot be checked here',
  revoked: 'the token has been revoked',
};

/**
 * The token is bad. Answer "unauthenticated" (401): the same token will never be good here.
 *
 * Its message names a claim or a header member at most, never a value: it may be logged.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: TokenErrorCode;

  /** @param detail - what exactly, without any value of the token. */
  constructor(code: TokenErrorCode, detail?: string) {
    super(detail === undefined ? MESSAGES[code] : `${MESSAGES[code]}: ${detail}`);
    this.code = code;
  }
}

/**
 * We cannot say whether the token is good, since keys are missing. Answer "unavailable" (503), never
 * "unauthenticated": a client would throw a good token away.
 */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
  readonly code = 'keys_unavailable';
  /** Whole seconds after which a repeat may succeed. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds = 1) {
    super('the keys to verify this token are not available');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
