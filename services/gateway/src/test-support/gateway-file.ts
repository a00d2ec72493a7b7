import type { Reading } from '../file/open-file.ts';
import { readStandaloneFile, type StandaloneFile } from '../file/read-file.ts';

/** The smallest file of a standalone gateway. */
export const SMALL_FILE = `issuers:
  - issuer: https://login.example
    audience: shop
upstreams:
  shop: { addresses: ["127.0.0.1:3000"] }
routes:
  - name: read-order
    path: /orders/{id}
    methods: [GET]
    rule: { subject: SIGNED_IN, scopes: orders:read }
    upstream: shop
`;

/** Reads a file as if every file that it names were there and good. */
export function readText(text: string): Reading<StandaloneFile> {
  const resolve = (path: string): string => `/etc/gateway/${path}`;
  const fine = () => undefined;
  return readStandaloneFile(text, { resolve, pemFault: fine, keySetFault: fine });
}
