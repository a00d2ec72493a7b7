/** `POST /oauth2/revoke` (RFC 7009): also for grants, which their workload gives up by its certificate. */
import { traceIds } from '@gatehouse/chassis';
import type { GuessLimiter } from '../clients/authenticate.ts';
import type { RevokeGrant } from '../grants/manage.ts';
import { type ClientParts, clientOf } from '../oauth/client.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { required } from '../oauth/form.ts';
import type { OAuthHandler, OAuthRequest } from '../oauth/http.ts';
import { sendJson } from '../oauth/responses.ts';
import type { RevokeToken } from './revoke.ts';

export interface RevocationParts extends ClientParts {
  readonly revokeToken: RevokeToken;
  readonly revokeGrant: RevokeGrant;
  readonly isPassport: (token: string) => boolean;
  readonly guesses: GuessLimiter;
  /** A public client: it has no secret, and whoever holds a token of it may give it up (section 5). */
  readonly firstParty: string;
}

/** Answers 200 whether there was something to revoke or not (section 2.2). */
export function revocationEndpoint(parts: RevocationParts): OAuthHandler {
  return async (request, reply) => {
    const token = required(request.form, 'token');
    if (parts.isPassport(token)) throw oauthErrors.UNSUPPORTED_TOKEN_TYPE();
    if (token.startsWith('gra_') && request.peer !== undefined) {
      await parts.revokeGrant(token, { workload: request.peer, origin: originOf(request) });
    } else if (isFirstParty(parts, request)) {
      await revokeAsPublic(parts, token, request);
    } else {
      const { id: clientId } = await clientOf(parts, request);
      await parts.revokeToken({ token, clientId, origin: originOf(request) });
    }
    return sendJson(reply, {});
  };
}

function isFirstParty({ firstParty }: RevocationParts, { form, credentials }: OAuthRequest) {
  return credentials === undefined && form.get('client_id') === firstParty;
}

async function revokeAsPublic(
  { guesses, firstParty, revokeToken }: RevocationParts,
  token: string,
  request: OAuthRequest,
): Promise<void> {
  await guesses.check(firstParty, request.address);
  const found = await revokeToken({ token, clientId: firstParty, origin: originOf(request) });
  if (!found) await guesses.failed(firstParty, request.address);
}

function originOf({ address }: OAuthRequest) {
  return { address, traceId: traceIds().traceId ?? '' };
}
