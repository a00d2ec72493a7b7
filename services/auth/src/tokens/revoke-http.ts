/** `POST /oauth2/revoke` (RFC 7009): also for grants, which their workload gives up by its certificate. */
import type { GuessLimiter } from '../clients/limits.ts';
import type { Grants } from '../grants/manage.ts';
import { looksLikePassport } from '../grants/mint-passport.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { required } from '../oauth/form.ts';
import {
  type ClientParts,
  clientOf,
  type OAuthHandler,
  type OAuthRequest,
  originOf,
} from '../oauth/http.ts';
import { FIRST_PARTY } from '../sessions/access-tokens.ts';
import type { RevokeToken } from './revoke.ts';

export interface RevocationParts extends ClientParts {
  readonly revokeToken: RevokeToken;
  readonly grants: Grants;
  readonly guesses: GuessLimiter;
}

/** 200 whether there was something to revoke or not (section 2.2). */
export function revocationEndpoint(parts: RevocationParts): OAuthHandler {
  return async (request) => {
    const token = required(request.form, 'token');
    if (looksLikePassport(token)) throw oauthErrors.UNSUPPORTED_TOKEN_TYPE();
    if (token.startsWith('gra_') && request.peer !== undefined) {
      await parts.grants.giveUp(token, { workload: request.peer, origin: originOf(request) });
    } else if (isFirstParty(request)) {
      await revokeAsPublic(parts, token, request);
    } else {
      const { id: clientId } = await clientOf(parts, request);
      await parts.revokeToken({ token, clientId, origin: originOf(request) });
    }
    return {};
  };
}

/** A public client: it has no secret, and whoever holds a token of it may give it up (section 5). */
function isFirstParty({ form, credentials }: OAuthRequest): boolean {
  return credentials === undefined && form.get('client_id') === FIRST_PARTY;
}

async function revokeAsPublic(
  { guesses, revokeToken }: RevocationParts,
  token: string,
  request: OAuthRequest,
): Promise<void> {
  await guesses.check(FIRST_PARTY, request.address);
  const found = await revokeToken({ token, clientId: FIRST_PARTY, origin: originOf(request) });
  if (!found) await guesses.failed(FIRST_PARTY, request.address);
}
