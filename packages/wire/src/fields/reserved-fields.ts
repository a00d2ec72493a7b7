/** The headers that a file may not touch: whatever is managed here (`field-names.ts`), and why. */
import { isManaged } from './field-names.ts';

const FRAMING = 'it frames the message';
const HOP = 'it is between two hops';
const REPLACED = 'the gateway replaces it';
const FORWARDING = 'it says who the client is, and the gateway replaces it';

const IN_BOTH: ReadonlyMap<string, string> = new Map([
  ['content-length', FRAMING],
  ['transfer-encoding', FRAMING],
  ['trailer', FRAMING],
  ['te', FRAMING],
  ['expect', FRAMING],
  ['connection', HOP],
  ['keep-alive', HOP],
  ['proxy-connection', HOP],
  ['upgrade', HOP],
  ['http2-settings', HOP],
  ['proxy-authenticate', HOP],
  ['proxy-authorization', HOP],
  ['proxy-authentication-info', HOP],
]);

const IN_REQUESTS: ReadonlyMap<string, string> = new Map([
  ['host', 'rewrite.host says it'],
  ['authorization', 'the token of the client ends here; the passport goes on'],
  ['forwarded', FORWARDING],
  ['x-real-ip', FORWARDING],
  ['x-client-ip', FORWARDING],
  ['true-client-ip', FORWARDING],
  ['cf-connecting-ip', FORWARDING],
  ['via', FORWARDING],
  ['traceparent', REPLACED],
  ['tracestate', REPLACED],
  ['x-request-id', REPLACED],
]);

const IN_RESPONSES: ReadonlyMap<string, string> = new Map([
  ['ratelimit', REPLACED],
  ['ratelimit-policy', REPLACED],
  ['x-request-id', REPLACED],
]);

/**
 * Why a header may not be changed by a file; undefined where it may.
 *
 * @param name - in any case; look-alikes (`_` and `.` for `-`) count as what they look like.
 */
export function reservedReason(name: string, side: 'request' | 'response'): string | undefined {
  const plain = name.toLowerCase().replace(/[_.]/g, '-');
  if (plain.startsWith('txn-token')) return 'it is the passport';
  const common = IN_BOTH.get(plain);
  if (common !== undefined) return common;
  if (side === 'response') return IN_RESPONSES.get(plain);
  if (plain.startsWith('x-forwarded-') || plain === 'x-forwarded') return FORWARDING;
  const known = IN_REQUESTS.get(plain);
  return (
    known ?? (isManaged(name.toLowerCase()) ? 'no client may send it, in any spelling' : undefined)
  );
}
