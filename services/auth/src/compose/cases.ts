/** The use cases behind the contract of auth. */
import { type ServiceContext, spiffeIdFor } from '@gatehouse/chassis';
import { createAccounts } from '../accounts/change.ts';
import type { UseCases } from '../accounts/grpc.ts';
import type { SignUp } from '../accounts/sign-up.ts';
import type { AuthConfig } from '../config.ts';
import type { Parts } from '../keys/compose.ts';
import { createProofVerifier } from '../keys/proofs.ts';
import { createRegisterPassportKey } from '../keys/register.ts';
import { createAddressLimiter } from '../passwords/limits.ts';
import { createMint, createVerify } from '../sessions/access-tokens.ts';
import { createSessions } from '../sessions/end.ts';
import { createLogIn } from '../sessions/log-in.ts';
import { createRefresh } from '../sessions/refresh.ts';
import { refreshSecrets as secrets } from '../sessions/refresh-secrets.ts';
import { createValidateToken } from '../tokens/validate.ts';

/** Validations a minute for one address: enough for a person, too few to try tokens out. */
const VALIDATIONS_PER_MINUTE = 60;

export function buildCases(
  context: ServiceContext,
  config: AuthConfig,
  parts: Parts & { readonly signUp: SignUp },
): UseCases {
  const { clock, trustDomain, identity } = context;
  const { passportKeys, feed } = parts;
  const tokens = {
    signer: () => parts.keys.access,
    keys: parts.keys.verification('access'),
    issuer: config.issuer,
    audience: config.edgeAudience,
    newId: parts.newId,
    clock,
  };
  const mint = createMint(tokens);
  return {
    signUp: parts.signUp.signUp,
    logIn: createLogIn({ ...parts, secrets, mint }),
    refresh: createRefresh({ ...parts, secrets, mint }),
    sessions: createSessions({ ...parts, secrets }),
    accounts: createAccounts(parts),
    validateToken: createValidateToken({ ...parts, verify: createVerify(tokens) }),
    registerPassportKey: createRegisterPassportKey({
      ...parts,
      gateway: spiffeIdFor(trustDomain, 'gateway'),
      verifyProof: createProofVerifier({ audience: identity, clock }),
      reloadKeys: () => passportKeys.reload(),
    }),
    feed,
    limitValidation: createAddressLimiter(VALIDATIONS_PER_MINUTE),
  };
}
