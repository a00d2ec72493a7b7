/** The sign-up's calls to the user service, under passports in auth's own name. */
import type { ServiceClient } from '@gatehouse/chassis';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { type Clock, mintPassport, type Signer } from '@gatehouse/tokens';
import type { NewId, Origin } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { Profiles } from './sign-up.ts';

export interface ProfilesOptions {
  readonly client: ServiceClient<typeof UserService>;
  /** The key that signs at this moment. */
  readonly signer: () => Signer;
  /** SPIFFE ID of auth. */
  readonly identity: string;
  readonly trustDomain: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

type Method = 'CreateProfile' | 'ActivateUser' | 'MarkSignupFailed';

export function createProfiles(options: ProfilesOptions): Profiles {
  const { client, identity } = options;

  function passportFor(method: Method, origin: Origin): { readonly passport: string } {
    const iat = Math.floor(options.clock.nowMs() / 1000);
    const passport = mintPassport(options.signer(), {
      iss: identity,
      aud: options.trustDomain,
      // One transaction from the edge to here, where there is an edge.
      txn: origin.txn ?? options.newId('txn'),
      jti: options.newId('pas'),
      sub: identity,
      scope: '',
      rctx: origin.address === '' ? {} : { addr: origin.address },
      tctx: { method: `${UserService.typeName}/${method}` },
      req_wl: identity,
      iat,
      exp: iat + LIFETIMES.passportSeconds,
    });
    return { passport };
  }

  return {
    async create(userId, nickname, origin) {
      await client.createProfile({ userId, nickname }, passportFor('CreateProfile', origin));
    },
    async activate(userId, origin) {
      await client.activateUser({ userId }, passportFor('ActivateUser', origin));
    },
    async markSignupFailed(userId, origin) {
      await client.markSignupFailed({ userId }, passportFor('MarkSignupFailed', origin));
    },
  };
}
