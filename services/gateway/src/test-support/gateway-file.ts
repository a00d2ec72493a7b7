import type { Reading } from '../file/open-file.ts';
import { type AloneFile, readAloneFile } from '../file/read-file.ts';

/** The smallest file of a gateway that runs alone. */
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
export function readText(text: string): Reading<AloneFile> {
  const resolve = (path: string): string => `/etc/gateway/${path}`;
  const fine = () => undefined;
  return readAloneFile(text, { resolve, pemFault: fine, keySetFault: fine });
}
