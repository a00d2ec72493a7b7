import type { HttpRoute } from '../../route/http-route.ts';

/**
 * The target that the upstream sees: the client's, byte for byte, or with another front.
 *
 * `from` stands for whole segments. What is put together is judged: it begins with one slash and has
 * no empty and no dot segment, so nothing comes back that the canonical request had closed.
 *
 * @param target - canonical: path and query as sent.
 * @returns undefined when the path does not begin with `from` as it was sent: it is spelled in
 * another way than the route, so it was not this path that the rule was written for.
 */
export function rewrittenTarget(
  prefix: HttpRoute['rewrite']['prefix'],
  { path, query }: { readonly path: string; readonly query: string },
): string | undefined {
  if (prefix === undefined) return path + query;
  const from = prefix.from.replace(/\/$/, '');
  if (!path.startsWith(from)) return undefined;
  const rest = path.slice(from.length);
  if (rest !== '' && !rest.startsWith('/')) return undefined;
  const joined = prefix.to.replace(/\/$/, '') + rest;
  const rewritten = joined === '' ? '/' : joined;
  return FAULTY.test(rewritten) ? undefined : rewritten + query;
}

const FAULTY = /^(?!\/)|\/\/|\/\.{1,2}(?:\/|$)/;
