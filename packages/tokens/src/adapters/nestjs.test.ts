// With contexts as NestJS makes them; NestJS itself: tests/packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { good, HTTP_CASES, keylessVerifier, verifier } from '../test-support/bearer.ts';
import { accessClaims } from '../test-support/forge.ts';
import { BearerGuard, bearerAuth, Refusal } from './nestjs.ts';

/** As NestJS has it. */
class HttpException extends Error {
  readonly response: object;
  readonly status: number;

  constructor(response: object, status: number, options: { readonly cause: unknown }) {
    super('refused', options);
    this.response = response;
    this.status = status;
  }
}

function contextOf(authorization: readonly string[], type = 'http') {
  const rawHeaders = authorization.flatMap((value) => ['Authorization', value]);
  const sent: Record<string, string> = {};
  const response = {
    header: (name: string, value: string) => {
      sent[name] = value;
    },
  };
  const request = { rawHeaders, headers: {} };
  const http = { getRequest: () => request, getResponse: () => response };
  return { request, sent, context: { getType: () => type, switchToHttp: () => http } };
}

test('each Authorization gets its answer', async () => {
  const auth = bearerAuth({ HttpException, verifier });
  assert.ok(auth instanceof BearerGuard);
  for (const { name, authorization, status, challenge } of HTTP_CASES) {
    const { context, request, sent } = contextOf(authorization);
    if (status === 200) {
      assert.equal(await auth.canActivate(context), true, name);
      assert.equal(auth.principal(request).subject, accessClaims.sub);
    } else {
      await assert.rejects(auth.canActivate(context), { status }, name);
      assert.equal(sent['www-authenticate'], challenge, name);
    }
  }
});

test('a refusal is what NestJS answers, with the reason for whoever logs', async () => {
  const { context } = contextOf([]);
  const thrown = await bearerAuth({ HttpException, verifier })
    .canActivate(context)
    .catch((error: unknown) => error);
  assert.ok(thrown instanceof HttpException && thrown.cause instanceof Refusal);
  assert.deepEqual(thrown.response, { ...thrown.cause.toProblem() });
  assert.equal(thrown.cause.code, 'no_token');
});

test('on Fastify, the message is found inside the request', async () => {
  const auth = bearerAuth({ HttpException, verifier });
  const { context, request } = contextOf([`Bearer ${good}`]);
  const wrapped = { raw: request };
  const http = { ...context.switchToHttp(), getRequest: () => wrapped };
  assert.equal(await auth.canActivate({ getType: () => 'http', switchToHttp: () => http }), true);
  assert.equal(auth.principal(wrapped).subject, accessClaims.sub);
});

test('a route can demand scopes and roles', async () => {
  const guard = bearerAuth({ HttpException, verifier }).require({ scopes: ['board:delete'] });
  const { context, sent } = contextOf([`Bearer ${good}`]);
  await assert.rejects(guard.canActivate(context), { status: 403 });
  assert.match(sent['www-authenticate'] ?? '', /scope="board:delete"/);
});

test('without keys: 503 with Retry-After, and no challenge', async () => {
  const { context, sent } = contextOf([`Bearer ${good}`]);
  const guard = bearerAuth({ HttpException, verifier: keylessVerifier });
  await assert.rejects(guard.canActivate(context), { status: 503 });
  assert.deepEqual(sent, {
    'retry-after': '1',
    'cache-control': 'no-store',
  });
});

test('what does not come over HTTP is not let through', async () => {
  for (const type of ['rpc', 'ws', 'graphql']) {
    const { context } = contextOf([`Bearer ${good}`], type);
    await assert.rejects(bearerAuth({ HttpException, verifier }).canActivate(context), TypeError);
  }
});
