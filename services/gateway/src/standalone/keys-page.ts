import type { JwkSet } from '@gatehouse/tokens';
import { PASSPORT_KEYS_PATH } from '../file/read-file.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { Page } from '../route/page.ts';

const encoder = new TextEncoder();

/**
 * The public halves of the passport keys (RFC 7517, section 5), for the services behind the gateway.
 * May be kept for a minute; the next key is in it long before it signs.
 */
export function keysPage(keySet: () => JwkSet): Page {
  return {
    route: PASSPORT_KEYS_PATH,
    respond: () => ({
      status: 200,
      headers: {
        ...COMMON_HEADERS,
        'content-type': 'application/json',
        'cache-control': 'public, max-age=60',
      },
      body: encoder.encode(JSON.stringify(keySet())),
    }),
  };
}
