/** The sign-up's calls to the user service, under passports in auth's own name. */
import type { ServiceClient } from '@gatehouse/chassis';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { NewId, Origin } from '../common/base.ts';
import type { MintPassport } from '../grants/mint-passport.ts';
import type { Profiles } from './sign-up.ts';

export interface ProfilesOptions {
  readonly client: ServiceClient<typeof UserService>;
  readonly mintPassport: MintPassport;
  /** SPIFFE ID of auth. */
  readonly identity: string;
  readonly newId: NewId;
}

type Method = 'CreateProfile' | 'ActivateUser' | 'MarkSignupFailed';

export function createProfiles(options: ProfilesOptions): Profiles {
  const { client, identity, mintPassport, newId } = options;

  function passportFor(method: Method, { txn, address }: Origin): { readonly passport: string } {
    const passport = mintPassport({
      // One transaction from the edge to here, where there is an edge.
      txn: txn ?? newId('txn'),
      jti: newId('pas'),
      sub: identity,
      scope: '',
      rctx: address === '' ? {} : { addr: address },
      tctx: { method: `${UserService.typeName}/${method}` },
      req_wl: identity,
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
