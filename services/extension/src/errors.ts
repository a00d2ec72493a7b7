import { defineErrors } from '@gatehouse/errors';

/** What extension refuses. It answers all but the first in `ResData`, on its own wire. */
export const extensionErrors = defineErrors('extension', {
  TOKEN: ['UNAUTHENTICATED', 'The token is missing, or is not good.'],
  TOKEN_UNCHECKED: ['UNAVAILABLE', 'No token can be checked now. Keep it and try again shortly.'],
  SCOPE: ['PERMISSION_DENIED', 'The token does not have the scope that this needs.'],
  ASSET_TOO_LARGE: ['OUT_OF_RANGE', 'The updated asset would not fit into 64 bits.'],
});
