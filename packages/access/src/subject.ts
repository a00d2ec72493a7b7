import type { AccessRule } from '@gatehouse/contracts';
import type { AccessTokenClaims, PassportClaims } from '@gatehouse/tokens';

/** What is read of an access token here. */
type TokenSubject = Pick<AccessTokenClaims, 'sub' | 'scope' | 'roles' | 'auth_level'>;

/** Whom a request speaks for, as its verified token says. */
export interface AccessSubject {
  /** `none`: nobody is vouched for. It meets the rules that ask for no subject, and no other. */
  readonly kind: 'anonymous' | 'person' | 'workload' | 'none';
  /** `usr_…`, `anonymous:<txn>`, `spiffe://…`; empty where there is none yet. */
  readonly id: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** 0 where the token does not say. */
  readonly authLevel: number;
  /**
   * The one method that an anonymous passport is good for. Absent for an anonymous request at the
   * edge, which gets its passport for the method that is decided on.
   */
  readonly method?: string;
}

const NOBODY: AccessSubject = Object.freeze({
  kind: 'none',
  id: '',
  scopes: Object.freeze([]),
  roles: Object.freeze([]),
  authLevel: 0,
});

const ANONYMOUS_AT_THE_EDGE: AccessSubject = Object.freeze({ ...NOBODY, kind: 'anonymous' });

/**
 * The subject of a passport.
 *
 * Does not verify anything: give it what a passport verifier returned. A subject of no known kind is
 * `none`, and so is an anonymous one that is not of this transaction.
 *
 * @param claims - undefined: the call came without a passport.
 */
export function subjectOfPassport(claims: PassportClaims | undefined): AccessSubject {
  if (claims === undefined) return NOBODY;
  const kind = kindOf(claims.sub);
  if (kind === 'none') return NOBODY;
  if (kind === 'anonymous') {
    if (claims.sub !== `anonymous:${claims.txn}`) return NOBODY;
    return { ...ANONYMOUS_AT_THE_EDGE, id: claims.sub, method: claims.tctx.method };
  }
  return {
    kind,
    id: claims.sub,
    scopes: wordsOf(claims.scope),
    roles: claims.roles ?? [],
    authLevel: claims.rctx.authn ?? 0,
  };
}

/**
 * The subject of an access token, at the edge.
 *
 * Does not verify anything: give it what an access token verifier returned, and undefined only where
 * the client sent no token. A token that was refused is never anonymous.
 *
 * @param claims - undefined: an anonymous request.
 */
export function subjectOfAccessToken(claims: TokenSubject | undefined): AccessSubject {
  if (claims === undefined) return ANONYMOUS_AT_THE_EDGE;
  if (kindOf(claims.sub) !== 'person') return NOBODY;
  return {
    kind: 'person',
    id: claims.sub,
    scopes: wordsOf(claims.scope),
    roles: claims.roles,
    authLevel: claims.auth_level ?? 0,
  };
}

/**
 * The scope of the passport that the gateway mints: what the token has of what the method asks for
 * and carries further in (RFC 6749, 3.3: space-separated). Never more than the token has.
 */
export function passportScopes(rule: AccessRule, subject: AccessSubject): string {
  const wanted = new Set([...rule.scopes, ...rule.carries]);
  return [...new Set(subject.scopes)].filter((scope) => wanted.has(scope)).join(' ');
}

function kindOf(sub: string): AccessSubject['kind'] {
  if (sub.startsWith('usr_')) return 'person';
  if (sub.startsWith('anonymous:')) return 'anonymous';
  if (sub.startsWith('spiffe://')) return 'workload';
  return 'none';
}

function wordsOf(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}
