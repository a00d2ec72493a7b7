import type { ServiceContext } from '@gatehouse/chassis';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { AuthConfig } from '../config.ts';
import type { MintPassport } from '../grants/mint-passport.ts';
import { createSignUpLimiter, createTakenLimiter } from '../passwords/limits.ts';
import { createProfiles } from './profiles.ts';
import { createSignUp, type SignUp, type SignUpParts } from './sign-up.ts';

type Parts = Omit<SignUpParts, 'profiles' | 'takenLimiter' | 'signUpLimiter'> & {
  readonly mintPassport: MintPassport;
};

/** Sign-up, with the user service that it calls. */
export function buildSignUp(context: ServiceContext, config: AuthConfig, parts: Parts): SignUp {
  const { bootstrapAdminEmail } = config;
  const profiles = createProfiles({
    ...parts,
    client: context.client(UserService),
    identity: context.identity,
  });
  return createSignUp({
    ...parts,
    profiles,
    takenLimiter: createTakenLimiter(),
    signUpLimiter: createSignUpLimiter(),
    ...(bootstrapAdminEmail === undefined ? {} : { bootstrapAdminEmail }),
  });
}
