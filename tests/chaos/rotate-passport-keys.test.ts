/** Passport keys change: a gateway's own under load, by its schedule; and any of them in an emergency. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { DescService } from '@bufbuild/protobuf';
import { type Dialled, dial } from '@gatehouse/chassis/dial';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { KeyPurpose } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { generateSigningKey } from '@gatehouse/tokens';
import { target } from '../e2e/support/config.ts';
import { call } from '../e2e/support/edge.ts';
import {
  openMatrixKeys,
  passport,
  passportClaims,
  randomId,
  spiffeId,
} from '../e2e/support/matrix-minter.ts';
import { logIn, signUp } from '../e2e/support/people.ts';
import { until } from '../e2e/support/until.ts';
import { startLoad } from '../support/load.ts';
import { startBoard, startGateway, upstreams } from './support/extra-part.ts';
import { asOperator, keysNow } from './support/operator.ts';
import { REQUESTS_PER_SECOND, unlike } from './support/traffic.ts';

/** A day, and 330 s, in life. */
const WAITED_FOR = { rotateAfterSeconds: 4, settleSeconds: 7 };
const NOT_WAITED_FOR = { rotateAfterSeconds: 3, settleSeconds: 0 };
const LOAD_MS = 14_000;

type Rhythm = typeof WAITED_FOR;

/**
 * A gateway that changes its key every few seconds, before a board without the revocation feed: it asks for keys
 * once in its cool-down of 5 s, since somebody shows it passports of a key that nobody knows, and every
 * five minutes. This is whom the waiting is for.
 */
async function startRotating(t: TestContext, { rotateAfterSeconds, settleSeconds }: Rhythm) {
  // Nobody listens there.
  const board = await startBoard({ GATEHOUSE_UPSTREAMS: 'auth=localhost:1' });
  t.after(() => board.stop());
  const others = upstreams().replaceAll(/board=[^,]*,?/g, '');
  const gateway = await startGateway({
    GATEHOUSE_PASSPORT_KEY_ROTATION_SECONDS: String(rotateAfterSeconds),
    GATEHOUSE_PASSPORT_KEY_SETTLE_SECONDS: String(settleSeconds),
    GATEHOUSE_UPSTREAMS: `board=localhost:${board.port},${others}`,
  });
  t.after(() => gateway.stop());
  return { board, url: new URL(`http://127.0.0.1:${gateway.port}`) };
}

async function loadWhileRotating(t: TestContext, rhythm: Rhythm) {
  const { board, url } = await startRotating(t, rhythm);
  const { accessToken: token } = await logIn(await signUp());
  const direct = dialled(t, BoardService, { port: board.port, workload: 'gateway' });
  const read = () => call('GET /board/v1/posts?pageSize=2', { token, gateway: url });
  await until('the gateway serves', async () => (await read()).status === 200);
  const unknown = generateSigningKey('ES256');
  const noise = setInterval(() => {
    const shown = passport(unknown, { sub: 'usr_nobody', scope: 'board:read' });
    direct.listPosts({}, { passport: shown }).catch(() => undefined);
  }, 100);
  // Most to a service with the revocation feed; both verify with keys of the same set.
  const posts = { name: 'read posts', verb: 'GET', path: '/board/v1/posts?pageSize=2', token };
  const me = { name: 'read me', verb: 'GET', path: '/user/v1/users/me', token };
  const load = startLoad({
    baseUrl: url.href,
    perSecond: REQUESTS_PER_SECOND,
    next: (index) => (index % 4 === 0 ? posts : me),
  });
  t.after(async () => {
    clearInterval(noise);
    await load.stop();
  });
  const before = await gatewayKids();
  await delay(LOAD_MS);
  const results = await load.stop();
  const made = (await gatewayKids()).filter((kid) => !before.includes(kid)).length;
  t.diagnostic(`${results.length} requests, ${made} more keys`);
  return { refused: unlike(results, 200), made, requests: results.length };
}

async function gatewayKids(): Promise<readonly string[]> {
  const all = await keysNow();
  return all.filter(({ gateway }) => gateway === spiffeId('gateway')).map(({ kid }) => kid);
}

test('a gateway changes its passport key, published, waited for and then used, and fails no request', async (t) => {
  const outcome = await loadWhileRotating(t, WAITED_FOR);
  assert.ok(outcome.made > 0, 'another key was made');
  assert.ok(outcome.requests > (REQUESTS_PER_SECOND * LOAD_MS) / 2000);
  assert.deepEqual(outcome.refused, {});
});

test('with the waiting left out the same change fails requests', async (t) => {
  const outcome = await loadWhileRotating(t, NOT_WAITED_FOR);
  t.diagnostic(JSON.stringify(outcome.refused));
  assert.ok(outcome.made > 0, 'another key was made');
  // What the gateway says of a passport that a service cannot check yet.
  const notYet = outcome.refused['read posts 503 gateway.not_ready'] ?? 0;
  assert.ok(notYet > 0, 'the check of the change above sees nothing');
});

/** A client with a workload's certificate, past the edge. */
function dialled<S extends DescService>(
  t: TestContext,
  service: S,
  { port, workload }: { readonly port: number | undefined; readonly workload: string },
): Dialled<S>['client'] {
  const tlsFolder = target().identities[workload] ?? '';
  const { client, close } = dial(service, { tlsFolder, addresses: [`localhost:${port}`] });
  t.after(() => close());
  return client;
}

function inside<S extends DescService>(
  t: TestContext,
  service: S,
  { part, workload }: { readonly part: string; readonly workload: string },
): Dialled<S>['client'] {
  return dialled(t, service, { port: target().ports[part]?.grpc, workload });
}

/** Waits until each is refused. @returns milliseconds until the last of them was. */
async function allRefused(attempts: readonly (() => Promise<unknown>)[]): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(
    attempts.map((attempt) =>
      until('it is refused', async () => {
        const error = await attempt().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        return error instanceof GatehouseError && error.kind === 'UNAUTHENTICATED';
      }),
    ),
  );
  return performance.now() - startedMs;
}

test('a second after its revocation a gateway’s key is good for nothing, and cannot come back', async (t) => {
  const keys = await openMatrixKeys();
  const publicKey = new Uint8Array(keys.gateway.publicKey.export({ format: 'der', type: 'spki' }));
  const auth = inside(t, AuthService, { part: 'auth', workload: 'gateway' });
  const board = inside(t, BoardService, { part: 'board', workload: 'gateway' });
  const user = inside(t, UserService, { part: 'user', workload: 'gateway' });
  const register = () => auth.registerPassportKey({ publicKey, proof: keys.proof() });
  await register();
  const person = await signUp();
  const claims = { sub: person.userId, sid: randomId('ses'), sv: 99, roles: ['member'] };
  const scope = 'board:read user:read session:read';
  // One passport for all: what was verified before is cached.
  const shown = { passport: passport(keys.gateway, passportClaims({ ...claims, scope })) };
  const attempts = [
    () => board.listPosts({}, shown),
    () => user.getMe({}, shown),
    () => auth.listSessions({}, shown),
  ];
  await until('they take it', async () => {
    await Promise.all(attempts.map((attempt) => attempt()));
    return true;
  });
  await asOperator((operator) => operator.revokePassportKey({ kid: keys.gateway.kid }));
  const tookMs = await allRefused(attempts);
  t.diagnostic(`refused everywhere after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 1000);
  await assert.rejects(register(), { code: 'auth.key_revoked' });
});

test('the gateway whose key is revoked makes another one by itself, and serves again', async () => {
  const { accessToken: token } = await logIn(await signUp());
  for (const kid of await gatewayKids()) {
    await asOperator((operator) => operator.revokePassportKey({ kid }));
  }
  await until('the edge serves', async () => {
    const answer = await call('GET /board/v1/posts?pageSize=2', { token });
    return answer.status === 200;
  });
  assert.equal((await gatewayKids()).length, 1);
});

test('a second after an emergency auth’s own passports are refused, those with the new key are good', async (t) => {
  const user = inside(t, UserService, { part: 'user', workload: 'auth' });
  const attempt = async () => {
    const { authPassport } = await keysOnce;
    const claims = {
      iss: spiffeId('auth'),
      sub: spiffeId('auth'),
      req_wl: spiffeId('auth'),
      tctx: { method: `${UserService.typeName}/ActivateUser` },
    };
    const shown = { passport: passport(authPassport, passportClaims(claims)) };
    return user.activateUser({ userId: `usr_${'0'.repeat(26)}` }, shown);
  };
  const keysOnce = openMatrixKeys();
  await assert.rejects(attempt(), { kind: 'NOT_FOUND' });
  const purpose = KeyPurpose.PASSPORT;
  await asOperator((operator) => operator.rotateKeys({ purpose, emergency: true }));
  const tookMs = await allRefused([attempt]);
  t.diagnostic(`refused after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 1000);
  // It calls the user service in auth's own name.
  await until('people can sign up', () => signUp());
});
