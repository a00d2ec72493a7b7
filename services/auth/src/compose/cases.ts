/** The use cases behind the contract of auth. */
import { type ServiceContext, spiffeIdFor } from '@gatehouse/chassis';
import { createMint, createVerify } from '../adapters/access-tokens.ts';
import { createAddressLimiter } from '../adapters/attempt-limits.ts';
import { createProofVerifier } from '../adapters/key-proofs.ts';
import { refreshSecrets as secrets } from '../adapters/refresh-secrets.ts';
import { createAccounts } from '../application/accounts.ts';
import { createLogIn } from '../application/log-in.ts';
import { createRefresh } from '../application/refresh.ts';
import { createRegisterPassportKey } from '../application/register-passport-key.ts';
import { createSessions } from '../application/sessions.ts';
import type { SignUp } from '../application/sign-up.ts';
import { createValidateToken } from '../application/validate-token.ts';
import type { AuthConfig } from '../config.ts';
import type { UseCases } from '../transport/auth-service.ts';
import type { Parts } from './parts.ts';

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
