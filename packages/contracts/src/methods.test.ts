import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Subject } from './gen/gatehouse/access/v1/access_pb.ts';
import { AuthService } from './gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from './gen/gatehouse/board/v1/board_pb.ts';
import { contractsOf, METHODS, SERVICES } from './methods.ts';
import { contractWith, type MethodSketch } from './test-support/contract.ts';

const SIGNED_IN = { subject: Subject.SIGNED_IN };
const get = (template: string) => ({ pattern: { case: 'get', value: template } }) as const;
const post = (template: string, body: string) =>
  ({ pattern: { case: 'post', value: template }, body }) as const;

function refused(sketch: MethodSketch, reason: RegExp): void {
  assert.throws(
    () => contractsOf(contractWith(sketch)),
    (error: Error) => {
      assert.match(error.message, reason);
      assert.match(error.message, /Do/, 'the method is named');
      return true;
    },
  );
}

function onlyMethod(sketch: MethodSketch) {
  const [method] = contractsOf(contractWith(sketch));
  assert.ok(method);
  return method;
}

test('a method without a rule fails, and so does a rule without a subject', () => {
  refused({}, /has no gatehouse\.access\.v1\.rule/);
  refused({ http: get('/sample/v1/items') }, /has no gatehouse\.access\.v1\.rule/);
  refused({ rule: { callers: ['gateway'] } }, /names no subject/);
  refused({ rule: { subject: 99 as Subject } }, /names no subject/);
});

test('a rule that contradicts itself fails', () => {
  for (const subject of [Subject.ANYONE, Subject.NONE]) {
    for (const demand of [{ scopes: ['a'] }, { roles: ['a'] }, { authLevel: 1 }]) {
      refused({ rule: { subject, ...demand } }, /cannot ask for scopes, roles or a level/);
    }
  }
  refused({ rule: { ...SIGNED_IN, ignoreBearer: true } }, /ignore_bearer/);
});

test('what is for workloads, or for nobody, cannot be reached over HTTP', () => {
  const binding = get('/sample/v1/items');
  refused({ rule: { subject: Subject.WORKLOAD }, http: binding }, /is for WORKLOAD/);
  refused({ rule: { subject: Subject.NONE }, http: binding }, /is for NONE/);
});

test('an HTTP binding needs the gateway among the callers', () => {
  const http = get('/sample/v1/items');
  refused({ rule: { ...SIGNED_IN, callers: ['bff'] }, http }, /leave out the gateway/);
  for (const callers of [[], ['gateway'], ['bff', 'gateway'], ['*']]) {
    assert.ok(onlyMethod({ rule: { ...SIGNED_IN, callers }, http }).http);
  }
});

test('a stream cannot be bound to HTTP', () => {
  const http = get('/sample/v1/items');
  refused({ rule: SIGNED_IN, http, serverStreaming: true }, /is a stream/);
});

test('a template that a router could read in two ways fails', () => {
  const bad = [
    'sample/v1/items',
    '',
    '/',
    '/sample//items',
    '/sample/v1/items/',
    '/sample/v1/Items',
    '/sample/v1/items?x=1',
    '/sample/v1/items#x',
    '/sample/v1/../items',
    '/sample/v1/%69tems',
    '/sample/v1/items/*',
    '/sample/v1/items/**',
    '/sample/v1/{item_id}:cancel',
    '/sample/v1/x{item_id}',
    '/sample/v1/{item_id=items/*}',
    '/sample/v1/{}',
  ];
  for (const template of bad) {
    refused({ rule: SIGNED_IN, http: get(template) }, /must begin with|bad segment/);
  }
});

test('a path variable is a scalar field of the request', () => {
  for (const variable of ['missing', 'nested', 'tags', 'itemId']) {
    const http = get(`/sample/v1/items/{${variable}}`);
    refused({ rule: SIGNED_IN, http }, /no scalar field|bad segment/);
  }
  const twice = get('/sample/v1/{item_id}/of/{item_id}');
  refused({ rule: SIGNED_IN, http: twice }, /comes twice/);
});

test('a binding has one verb, and its body is the request or nothing', () => {
  refused({ rule: SIGNED_IN, http: {} }, /has no verb/);
  const custom = { pattern: { case: 'custom', value: { kind: 'HEAD', path: '/x' } } } as const;
  refused({ rule: SIGNED_IN, http: custom }, /has no verb/);
  refused({ rule: SIGNED_IN, http: post('/sample/v1/items', 'nested') }, /body must be/);
});

test('what nobody would serve is refused instead of overlooked', () => {
  const http = get('/sample/v1/items');
  const more = [get('/sample/v1/things')];
  refused({ rule: SIGNED_IN, http: { ...http, additionalBindings: more } }, /one binding/);
  refused({ rule: SIGNED_IN, http: { ...http, responseBody: 'nested' } }, /one binding/);
});

test('a package that is not ours fails', () => {
  const rule = SIGNED_IN;
  refused({ rule, package: 'external.sample.v1' }, /gatehouse\.<service>\.<version>/);
  refused({ rule, package: 'gatehouse' }, /gatehouse\.<service>\.<version>/);
});

test('a contract is read with its defaults filled in', () => {
  const http = post('/sample/v1/items/{item_id}', '*');
  const method = onlyMethod({ rule: { ...SIGNED_IN, scopes: ['item:write'] }, http });
  const { desc, ...rest } = method;
  assert.equal(desc.name, 'Do');
  assert.deepEqual(rest, {
    id: 'gatehouse.sample.v1.SampleService/Do',
    grpcPath: '/gatehouse.sample.v1.SampleService/Do',
    service: 'sample',
    rule: {
      subject: 'SIGNED_IN',
      scopes: ['item:write'],
      roles: [],
      authLevel: 0,
      callers: ['gateway'],
      carries: [],
      fresh: false,
      ignoreBearer: false,
    },
    http: { verb: 'POST', template: '/sample/v1/items/{item_id}', body: '*' },
    successStatus: 204,
  });
  assert.equal(onlyMethod({ rule: SIGNED_IN, successStatus: 202 }).successStatus, 202);
});

test('every method of the platform is listed once', () => {
  const declared = SERVICES.flatMap((service) => service.methods.length);
  assert.equal(
    METHODS.length,
    declared.reduce((sum, count) => sum + count, 0),
  );
  assert.ok(SERVICES.includes(AuthService) && SERVICES.includes(BoardService));
  assert.equal(new Set(METHODS.map(({ id }) => id)).size, METHODS.length);
});

test('no two methods serve one request', () => {
  // Variables are one segment wide whatever their name, so they meet when only names differ.
  const places = METHODS.flatMap(({ http }) =>
    http === undefined ? [] : `${http.verb} ${http.template.replaceAll(/\{[^}]*\}/g, '{}')}`,
  );
  assert.deepEqual(places, [...new Set(places)]);
});

test('a path begins with the service and version of its package', () => {
  for (const { http, desc, service } of METHODS) {
    if (http === undefined) continue;
    const version = desc.parent.file.proto.package.split('.')[2];
    assert.ok(http.template.startsWith(`/${service}/${version}/`), http.template);
  }
});

test('a verb without a body takes none, and one with a body takes the whole request', () => {
  for (const { http, id } of METHODS) {
    if (http === undefined) continue;
    const bodiless = http.verb === 'GET' || http.verb === 'DELETE';
    assert.equal(http.body, bodiless ? '' : '*', id);
  }
});

test('whoever reads a rule cannot change it', () => {
  for (const method of METHODS) {
    for (const part of [method, method.rule, method.rule.callers, method.rule.scopes]) {
      assert.ok(Object.isFrozen(part));
    }
  }
});
