import { readSingleKeyClaims, type SingleKeyClaims } from '../claims/single-key.ts';
import { readBareHeader } from '../jws/header.ts';
import { issuedBy, type TokenKind } from './check.ts';
import type { Verifier, VerifierOptions } from './types.ts';
import { TokenVerifier } from './verifier.ts';

/** Options of {@link createSingleKeyVerifier}. */
export interface SingleKeyVerifierOptions extends VerifierOptions {
  /** The `iss`, compared exactly. */
  readonly issuer: string;
  /** `createRemotePublicKey`, `createStaticPublicKey`, or `createFileKeySet` of a `public-key`. */
  readonly keys: VerifierOptions['keys'];
}

/**
 * Verifies tokens of an issuer that has one key and does not name it: a header of `alg` RS256 and nothing
 * else, and a payload without `aud`. For an existing auth server that issues such tokens, and for no
 * other use: nothing in them says what they are and whom they are for, so whoever gets one can use it
 * at every receiver.
 *
 * A token with `typ`, `kid` or `aud` is refused, and so are all of these at every other verifier: the
 * profiles cannot be mixed. A signature that is not the key's asks the source for a newer key, within its
 * cool-down; while none can be had, the token is bad (`signature`), since there is a key and it did
 * not sign.
 *
 * Not checked: what the subject may do, and how long the token lives.
 *
 * @example
 * ```ts
 * import { createSingleKeyVerifier, createStaticPublicKey } from '@gatehouse/tokens';
 *
 * const verifierOf = (pem: string) =>
 *   createSingleKeyVerifier({ issuer: 'msa-auth', keys: createStaticPublicKey(pem) });
 * export const clientOf = async (pem: string, token: string) =>
 *   (await verifierOf(pem).verify(token)).sub;
 * ```
 */
export function createSingleKeyVerifier(
  options: SingleKeyVerifierOptions,
): Verifier<SingleKeyClaims> {
  const kind: TokenKind<SingleKeyClaims> = {
    readHeader: readBareHeader,
    typs: [''],
    algs: ['RS256'],
    isAudience: (aud) => aud === undefined,
    issuerFor: issuedBy(options.issuer),
    read: readSingleKeyClaims,
  };
  return new TokenVerifier(kind, options);
}
