// What must not compile does not: tsc reports a line below that does, and one that should.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import fastify from 'fastify';
import { createStaticKeySet } from '../keys/static.ts';
import { serviceVerifier, verifier } from '../test-support/bearer.ts';
import { TRUST_DOMAIN } from '../test-support/forge.ts';
import { createJwtVerifier } from '../verify/jwt.ts';
import { createPassportVerifier } from '../verify/passport.ts';
import { bearerAuth as expressAuth } from './express.ts';
import { bearerAuth as fastifyAuth } from './fastify.ts';
import { bearerAuth as grpcAuth } from './grpc.ts';
import type { HttpMessage } from './http.ts';
import { bearerAuth as nestAuth } from './nestjs.ts';

/** NestJS's, as far as the guard knows it. */
class HttpException extends Error {
  readonly parts: readonly unknown[];

  constructor(...parts: readonly unknown[]) {
    super();
    this.parts = parts;
  }
}

const passports = createPassportVerifier({
  trustDomain: TRUST_DOMAIN,
  keys: createStaticKeySet([]),
});

test('a verifier of passports is none of bearer tokens', () => {
  // @ts-expect-error passports do not travel as bearer tokens
  const made: readonly unknown[] = [expressAuth({ verifier: passports })];
  // @ts-expect-error nor here
  const others: readonly unknown[] = [fastifyAuth({ verifier: passports })];
  // @ts-expect-error nor here
  const more: readonly unknown[] = [nestAuth({ HttpException, verifier: passports })];
  // @ts-expect-error nor here
  const last: readonly unknown[] = [grpcAuth({ grpc, verifier: passports })];
  assert.equal(made.length + others.length + more.length + last.length, 4);
});

test('a service token has no roles to ask for', () => {
  const services = expressAuth({ verifier: serviceVerifier });
  services.require({ scopes: ['extension:read'] });
  // @ts-expect-error service tokens have no roles: nobody would come in
  services.require({ roles: ['admin'] });
  // @ts-expect-error nor here
  grpcAuth({ grpc, verifier: serviceVerifier, methods: { '/a.B/C': { roles: ['admin'] } } });
  expressAuth({ verifier }).require({ roles: ['admin'] });
});

test('a demand is of scopes and roles, each a list', () => {
  const auth = nestAuth({ HttpException, verifier });
  // @ts-expect-error a text would be taken for a list of its characters
  assert.throws(() => auth.require({ scopes: 'board:write' }));
  // @ts-expect-error a misspelt member would demand nothing
  assert.throws(() => auth.require({ scope: ['board:write'] }), TypeError);
});

test('the principal has the claims of its verifier, and cannot be changed', () => {
  const people = expressAuth({ verifier });
  const services = expressAuth({ verifier: serviceVerifier });
  const read = (request: HttpMessage) => {
    const session: string = people.principal(request).claims.sid;
    // @ts-expect-error a service token has no session
    const none: string = services.principal(request).claims.sid;
    // @ts-expect-error claims are read only
    people.principal(request).claims.sub = 'usr_other';
    // @ts-expect-error and so are scopes
    people.principal(request).scopes.push('board:delete');
    return [session, none];
  };
  assert.throws(() => read({ rawHeaders: [], headers: {} }), /has not passed/);
});

test('a guard is made of a verifier, not of keys or of a function', () => {
  // @ts-expect-error keys verify nothing by themselves
  const keys = fastifyAuth({ verifier: createStaticKeySet([]) });
  // @ts-expect-error the options are one object
  assert.throws(() => fastifyAuth(verifier).require({}));
  assert.equal(typeof keys, 'function');
});

test('another issuer has its own claims, of which roles are no list that was checked', () => {
  const verifier = createJwtVerifier({
    issuer: 'https://login.example',
    audience: 'api',
    keys: createStaticKeySet([]),
  });
  const auth = fastifyAuth({ verifier });
  auth.require({ scopes: ['read'] });
  // @ts-expect-error nobody checked what such a token calls roles
  auth.require({ roles: ['admin'] });
  assert.throws(() => auth.principal({ raw: { rawHeaders: [], headers: {} } }).claims.realm_access);
});

test('the plugin and its hooks are what Fastify takes', () => {
  const auth = fastifyAuth({ verifier });
  const app = fastify();
  app.register(auth);
  app.get('/', { onRequest: auth.require({ scopes: ['a'] }) }, async (request) => {
    return auth.principal(request).claims.sid;
  });
  // @ts-expect-error the guard is registered, it is no hook
  app.route({ method: 'GET', url: '/x', handler: () => 'x', onRequest: auth });
});
