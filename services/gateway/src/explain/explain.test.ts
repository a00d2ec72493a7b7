import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import type { GatehouseError } from '@gatehouse/errors';
import { type AccessTokenClaims, TokenError } from '@gatehouse/tokens';
import { createPages } from '../pages/pages.ts';
import { createRouteSet } from '../route/route-set.ts';
import { createRouteTable } from '../route/route-table.ts';
import { createRouter } from '../route/router.ts';
import { httpRoute, upstreamSettings } from '../test-support/http-route.ts';
import { type Explanation, explainRoutes } from './explain.ts';
import type { DescribedRoute } from './routes.ts';

const UNCOUNTED = () => assert.fail('an explanation is no failed attempt');

const CLAIMS: AccessTokenClaims = {
  iss: 'https://auth.example',
  aud: 'https://edge.example',
  sub: 'usr_ada',
  client_id: 'web',
  scope: 'board:read',
  roles: ['member'],
  sid: 'ses_1',
  sv: 1,
  jti: 'jti_1',
  iat: 0,
  exp: 900,
};

const verify = async (token: string): Promise<AccessTokenClaims> => {
  if (token !== 'good') throw new TokenError('expired', 'it has ended');
  return CLAIMS;
};

const EXTERNAL = createRouteSet(
  [
    httpRoute({ name: 'shop', hosts: ['shop.example'], template: '/shop/{path=**}' }),
    httpRoute({ name: 'late', template: '/board/{path=**}', upstream: 'gone' }),
  ],
  new Map([['app', upstreamSettings()]]),
);

const EJECTED = {
  address: '127.0.0.1:3000',
  health: 'ejected' as const,
  ejectedForMs: 500,
  inFlight: 0,
  waiting: 0,
  openConnections: 0,
  idleConnections: 0,
  lastError: undefined,
};

const { match: own, methods } = createRouteTable(METHODS);
const answers = explainRoutes({
  router: createRouter({
    own,
    external: () => EXTERNAL,
    pages: createPages({ methods, traceView: undefined }),
  }),
  methods,
  identifying: {
    verifier: { verify, verifyCached: () => undefined },
    failures: { check: UNCOUNTED, count: UNCOUNTED, turn: UNCOUNTED, isClean: () => true },
    feed: { ready: true, ageMs: () => 0 },
  },
  deciding: {
    identity: 'spiffe://gatehouse.local/gateway',
    trustDomain: 'gatehouse.local',
    isStale: () => false,
  },
  external: {
    current: () => EXTERNAL,
    states: () => [{ name: 'app', addresses: [EJECTED] }],
  },
  upstreams: new Map([['board', ['localhost:7430', 'localhost:7432']]]),
});

function ask(path: string, body?: unknown): unknown {
  const route = answers.find((each) => each.path === path);
  assert.ok(route);
  return route.respond(body);
}

async function explain(method: string, path: string, token?: string): Promise<Explanation> {
  return (await ask('/explain', { method, path, token })) as Explanation;
}

test('every method with a path is listed, with its rule and where it goes', () => {
  const { routes } = ask('/routes') as { readonly routes: readonly DescribedRoute[] };
  assert.equal(routes.length, METHODS.filter(({ http }) => http !== undefined).length + 2);
  const route = routes.find(({ verb, path }) => `${verb} ${path}` === 'POST /board/v1/posts');
  assert.deepEqual(route?.rule.scopes, ['board:write']);
  assert.deepEqual(route?.upstream, ['localhost:7430', 'localhost:7432']);
});

test('what is allowed says for whom, and which method it would be', async () => {
  const said = await explain('get', '/board/v1/posts/p1', 'good');
  assert.deepEqual([said.decision, said.reason, said.status], ['allow', 'allow', undefined]);
  assert.equal(said.route?.method, 'gatehouse.board.v1.BoardService/GetPost');
  assert.deepEqual(said.variables, { post_id: 'p1' });
  assert.deepEqual(said.subject, { kind: 'person', id: 'usr_ada' });
  assert.match(said.why, /usr_ada is signed in, with the scope board:read/);
});

test('what is refused says why, with the status that the edge answers', async () => {
  const cases: readonly (readonly [Promise<Explanation>, number, string, RegExp])[] = [
    [explain('GET', '/nowhere'), 404, 'gateway.not_found', /nothing at this path/],
    [explain('PUT', '/board/v1/posts'), 405, 'gateway.method_not_allowed', /It takes POST, GET/],
    [explain('GET', '/board/../v1'), 400, 'gateway.dot_segment', /dot segment/],
    [explain('GET', '/board/v1/posts'), 401, 'not_signed_in', /./],
    [explain('POST', '/board/v1/posts', 'good'), 403, 'scope', /needs the scope board:write/],
    [
      explain('GET', '/board/v1/posts', 'bad'),
      401,
      'gateway.invalid_token',
      /invalid, expired or revoked/,
    ],
  ];
  for (const [asked, status, reason, why] of cases) {
    const said = await asked;
    assert.deepEqual([said.decision, said.status, said.reason], ['refuse', status, reason]);
    assert.match(said.why, why);
  }
});

test('a token is not looked at where the rule says so', async () => {
  const said = await explain('POST', '/auth/v1/login', 'bad');
  assert.equal(said.decision, 'allow');
  assert.match(said.why, /a token is not looked at/);
});

test('a question that is none names the member at fault', async () => {
  for (const [body, pointer] of [
    [undefined, '/method'],
    [{ method: 'GET' }, '/path'],
    [{ method: 'GET', path: '/', token: 1 }, '/token'],
  ] as const) {
    await assert.rejects(
      async () => ask('/explain', body),
      (error: GatehouseError) => error.fields[0]?.pointer === pointer,
    );
  }
});

test('routes of the file are told of too, behind those of contracts', async () => {
  const { routes } = ask('/routes') as { readonly routes: readonly DescribedRoute[] };
  const shop = routes.find(({ method }) => method === 'http:shop');
  assert.deepEqual(
    [shop?.path, shop?.hosts, shop?.service, shop?.upstream],
    ['/shop/{path=**}', ['shop.example'], 'app', ['127.0.0.1:3000 (ejected)']],
  );
  const question = { method: 'GET', path: '/shop/a/b?c', host: 'SHOP.example:80' };
  const said = (await ask('/explain', question)) as Explanation;
  assert.deepEqual([said.route?.method, said.variables], ['http:shop', { path: 'a/b' }]);
  assert.equal(said.decision, 'allow');
  assert.equal((await explain('GET', '/shop/a')).status, 404, 'of another host');
  assert.equal((await explain('GET', '/board/other')).route?.method, 'http:late');
  assert.match((await explain('GET', '/board/v1/posts')).route?.method ?? '', /ListPosts/);
});
