import type { ServiceContext } from '@gatehouse/chassis';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { createTakenLimiter } from '../adapters/attempt-limits.ts';
import { createProfiles } from '../adapters/profiles.ts';
import { createSignUp, type SignUp } from '../application/sign-up.ts';
import type { AuthConfig } from '../config.ts';
import type { Parts } from './parts.ts';

export function buildSignUp(context: ServiceContext, config: AuthConfig, parts: Parts): SignUp {
  const { bootstrapAdminEmail } = config;
  const profiles = createProfiles({
    client: context.client(UserService),
    signer: () => parts.keys.passport,
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
