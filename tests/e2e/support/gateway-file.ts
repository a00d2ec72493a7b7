/** The gateway's file in the platform under test. */

/** Where a test's plain HTTP service listens, before the offset. No part has it. */
export const PLAIN_SERVICE_PORT = 7495;

/** One route, with the prefix taken off. */
export function gatewayFile(portOffset: number): string {
  return `upstreams:
  plain: { addresses: ["127.0.0.1:${PLAIN_SERVICE_PORT + portOffset}"] }
routes:
  - name: plain
    path: /plain/{path=**}
    methods: [GET]
    rule: { subject: SIGNED_IN, scopes: board:read }
    upstream: plain
    rewrite: { prefix: { from: /plain, to: / } }
`;
}
