/** The head of an upstream's response, as the client sees it. */
import { responseFieldName } from '@gatehouse/wire';
import type { GatewayRequest } from '../../decide/request.ts';
import type { HeaderEdits } from '../../route/http-route.ts';

/** What the edge says of a response itself. */
export type ResponseMarks = Pick<GatewayRequest, 'quota' | 'cors'> & {
  readonly record: Pick<GatewayRequest['record'], 'traceId'>;
};

const CORS = 'access-control-';

/**
 * Names and values in turn; names in lower case.
 *
 * The upstream's security headers are its own: what would be right for an API breaks a page. Where
 * the gateway has a list of origins, it alone says what pages may read.
 *
 * @param headers - as `UpstreamHandler.onHead` has them.
 */
export function responseHead(
  headers: readonly string[],
  edits: HeaderEdits,
  { record, quota, cors }: ResponseMarks,
): string[] {
  const passed: string[] = [];
  const hasEdits = edits.set.size + edits.remove.size > 0;
  const hasCors = cors.vary !== undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = responseFieldName(headers[index] as string);
    if (name === '') continue;
    if (hasEdits && (edits.set.has(name) || edits.remove.has(name))) continue;
    if (hasCors && name.startsWith(CORS)) continue;
    passed.push(name, headers[index + 1] as string);
  }
  if (hasEdits) for (const [name, value] of edits.set) passed.push(name, value);
  if (hasCors) for (const name in cors) passed.push(name, cors[name] as string);
  for (const name in quota) passed.push(name, quota[name] as string);
  passed.push('x-request-id', record.traceId);
  return passed;
}
