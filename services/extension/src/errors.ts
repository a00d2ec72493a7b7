import { defineErrors } from '@gatehouse/errors';

/** What extension rejects beside what its listener does. It responds in `ResData`, on its own wire. */
export const extensionErrors = defineErrors('extension', {
  ASSET_TOO_LARGE: ['OUT_OF_RANGE', 'The updated asset would not fit into 64 bits.'],
});
