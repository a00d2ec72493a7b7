/** What a service puts around its handlers, after every check of the chassis. */
import type { Call } from './call.ts';

/**
 * Runs around the handler of each call of a service: after certificate, passport, access rule and field
 * rules have been checked, inside the span of the call. Named in `interceptors` of what `build` returns; the
 * first is the outermost.
 *
 * `next` runs what is further in, and the handler last. It resolves when the response is made, or when a
 * stream has ended, and rejects with what was thrown there. An interceptor calls it once, or throws: a coded
 * error goes to the caller as it is, any other as `common.internal`. What it throws after `next` takes the
 * place of a unary response; messages that a stream has sent stay sent.
 *
 * Not given: the messages. What depends on them belongs into the handler.
 *
 * @example
 * ```ts
 * import type { Interceptor } from '@gatehouse/chassis';
 * import { commonErrors } from '@gatehouse/errors';
 *
 * export const readOnly: Interceptor = async ({ method }, next) => {
 *   if (!method.rule.scopes.every((scope) => scope.endsWith(':read'))) {
 *     throw commonErrors.UNAVAILABLE({ retryAfterSeconds: 60 });
 *   }
 *   await next();
 * };
 * ```
 */
export type Interceptor = (call: Call, next: () => Promise<void>) => Promise<void>;

/**
 * Runs work inside interceptors, the first outermost.
 *
 * @throws what they or the work throw; Error when one ended well and `next` did not, or called it twice.
 */
export function intercepted<Result>(
  interceptors: readonly Interceptor[],
  call: Call,
  work: () => Promise<Result>,
): Promise<Result> {
  const outermost = interceptors.reduceRight<() => Promise<Result>>(
    (inner, interceptor) => () => around(interceptor, call, inner),
    work,
  );
  return outermost();
}

async function around<Result>(
  interceptor: Interceptor,
  call: Call,
  inner: () => Promise<Result>,
): Promise<Result> {
  const results: Result[] = [];
  let isCalled = false;
  await interceptor(call, async () => {
    if (isCalled) throw new Error('an interceptor called next twice');
    isCalled = true;
    results.push(await inner());
  });
  if (results.length === 0) throw new Error('an interceptor ended well without its next');
  return results[0] as Result;
}
