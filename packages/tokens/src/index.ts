/**
 * Strict verification and minting of Gatehouse's tokens: access tokens, service tokens, passports,
 * and the proof of a passport key. Imports nothing but Node itself.
 */

export type { JwtClaims } from './claims/jwt.ts';
export { MAX_PASSPORT_SECONDS } from './claims/passport.ts';
export type { SingleKeyClaims } from './claims/single-key.ts';
export type {
  AccessTokenClaims,
  PassportClaims,
  PassportRequesterContext,
  PassportTransactionContext,
  ServiceTokenClaims,
} from './claims/types.ts';
export { type Clock, systemClock } from './clock.ts';
export { KeysUnavailableError, TokenError, type TokenErrorCode } from './errors.ts';
export { createDiscoveredKeySet, type DiscoveredKeySetOptions } from './keys/discovery.ts';
export {
  type FetchDocument,
  type FetchedDocument,
  fetchDocument,
  MAX_DOCUMENT_BYTES,
} from './keys/fetch-document.ts';
export { createFileKeySet, type FileKeySetOptions } from './keys/file.ts';
export { generateSigningKey, generateSigningKeyAsync, toPublicJwk } from './keys/generate.ts';
export { importJwk } from './keys/import-jwk.ts';
export { createStaticPublicKey } from './keys/public-key.ts';
export {
  createRemoteKeySet,
  createRemotePublicKey,
  type KeySetEvent,
  type RemoteKeySet,
  type RemoteKeySetOptions,
} from './keys/remote.ts';
export { createStaticKeySet } from './keys/static.ts';
export { thumbprint } from './keys/thumbprint.ts';
export type {
  Algorithm,
  EcPublicJwk,
  JwkSet,
  KeySource,
  PublicJwk,
  RsaPublicJwk,
  Signer,
  SigningKey,
  VerificationKey,
} from './keys/types.ts';
export { mintAccessToken } from './mint/access-token.ts';
export { type ClientAssertion, signClientAssertion } from './mint/client-assertion.ts';
export { mintKeyProof } from './mint/key-proof.ts';
export { mintGatewayPassport, mintPassport } from './mint/passport.ts';
export { mintServiceToken, mintServiceTokenAside } from './mint/service-token.ts';
export {
  createAccessTokenVerifier,
  type IssuedTokenVerifierOptions,
} from './verify/access-token.ts';
export {
  type AssertionOptions,
  clientOfAssertion,
  MAX_ASSERTION_SECONDS,
  type VerifiedAssertion,
  verifyClientAssertion,
} from './verify/client-assertion.ts';
export { createMultiIssuerVerifier } from './verify/issuers.ts';
export { createJwtVerifier, type JwtVerifierOptions } from './verify/jwt.ts';
export { type KeyProofOptions, type ProvenKey, verifyKeyProof } from './verify/key-proof.ts';
export {
  createGatewayPassportVerifier,
  createPassportVerifier,
  type PassportVerifierOptions,
} from './verify/passport.ts';
export { createServiceTokenVerifier } from './verify/service-token.ts';
export { createSingleKeyVerifier, type SingleKeyVerifierOptions } from './verify/single-key.ts';
export type { RevocationView, Verifier, VerifierOptions } from './verify/types.ts';
