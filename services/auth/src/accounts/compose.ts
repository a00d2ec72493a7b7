import type { ServiceContext } from '@gatehouse/chassis';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { AuthConfig } from '../config.ts';
import type { Keys } from '../keys/compose.ts';
import { createTakenLimiter } from '../passwords/limits.ts';
import { createProfiles } from './profiles.ts';
import { createSignUp, type SignUp, type SignUpParts } from './sign-up.ts';

type Parts = Omit<SignUpParts, 'profiles' | 'takenLimiter'> & { readonly keys: Keys };

/** Sign-up, with the user service that it calls. */
export function buildSignUp(context: ServiceContext, config: AuthConfig, parts: Parts): SignUp {
  const { bootstrapAdminEmail } = config;
  const profiles = createProfiles({
    client: context.client(UserService),
    signer: () => parts.keys.ring.passport,
    identity: context.identity,
    trustDomain: context.trustDomain,
    newId: parts.newId,
    clock: context.clock,
  });
  return createSignUp({
    ...parts,
    profiles,
    takenLimiter: createTakenLimiter(),
    ...(bootstrapAdminEmail === undefined ? {} : { bootstrapAdminEmail }),
  });
}
