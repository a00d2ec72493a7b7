/**
 * Every method × every kind of caller, at the edge and at the service's own port: each cell is as
 * the method's access rule says. Generated from the contracts, so a new method is in it by itself.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { METHODS, type MethodContract } from '@gatehouse/contracts';
import {
  RegisterPassportKeyRequestSchema,
  type RegisterPassportKeyResponse,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { decodeJwt } from 'jose';
import { call } from './support/edge.ts';
import { remember, type SecretKind } from './support/ledger.ts';
import { edgeCallsFrom } from './support/matrix-edge.ts';
import { expectedAtEdge, expectedAtPort, type Outcome } from './support/matrix-expected.ts';
import { dishonestKinds, type EndedSession } from './support/matrix-faults.ts';
import { honestKinds, type Kind } from './support/matrix-kinds.ts';
import { openMatrixKeys, passport, spiffeId } from './support/matrix-minter.ts';
import { openPortCalls } from './support/matrix-port.ts';
import { FULL, matrixTokens, rightWorkload } from './support/matrix-tokens.ts';
import { logIn, signUp } from './support/people.ts';
import { until } from './support/until.ts';

const ENTRIES = ['edge', 'port'] as const;
const KIND_COUNT = 27;

interface Cell {
  readonly entry: (typeof ENTRIES)[number];
  readonly kind: string;
  readonly method: string;
  readonly expected: Outcome;
  readonly outcome: Outcome;
}

const cells: Cell[] = [];

// The kinds of caller need the platform's keys, and are what the tests are named after.
const keys = await openMatrixKeys();
const tokens = matrixTokens(keys);
const person = await signUp();
const { accessToken, scope } = await logIn(person);
const member = { token: accessToken, scopes: scope.split(' ') };
const ended = await endedSession();
const kinds = [...honestKinds(tokens, member), ...dishonestKinds(tokens, keys, ended)];
const calls = await openPortCalls();

before(async () => {
  await registerGatewayKey();
  await Promise.all(onePerService().map(untilHeard));
});

after(async () => {
  await calls.close();
});

test('there are methods of every subject, and kinds of caller, each once', () => {
  const subjects = new Set(METHODS.map(({ rule }) => rule.subject));
  assert.deepEqual([...subjects].sort(), ['ANYONE', 'NONE', 'SIGNED_IN', 'WORKLOAD']);
  assert.equal(new Set(kinds.map(({ name }) => name)).size, kinds.length);
  assert.equal(kinds.length, KIND_COUNT);
});

for (const [index, kind] of kinds.entries()) {
  test(`at the edge: ${kind.name}`, async () => {
    const edge = edgeCallsFrom(`127.0.0.${index + 20}`);
    try {
      for (const method of METHODS) {
        const shown = await kind.edge(method);
        if (method === METHODS[0]) rememberSigned('access token', shown.token);
        const outcome = await edge.outcome(method, shown);
        put({ entry: 'edge', kind, method, expected: expectedAtEdge(method, shown), outcome });
      }
    } finally {
      edge.close();
    }
    assertAsExpected('edge', kind);
  });

  test(`at the service's port: ${kind.name}`, async () => {
    for (const method of METHODS) {
      const shown = await kind.port(method);
      if (method === METHODS[0]) rememberSigned('passport', shown.passports[0]);
      const outcome = await calls.outcome(method, shown);
      put({ entry: 'port', kind, method, expected: expectedAtPort(method, shown), outcome });
    }
    assertAsExpected('port', kind);
  });
}

test('every cell was tried: methods × kinds of caller × entries', () => {
  assert.equal(cells.length, METHODS.length * KIND_COUNT * ENTRIES.length);
  const names = new Set(cells.map(({ entry, kind, method }) => `${entry} ${kind} ${method}`));
  assert.equal(names.size, cells.length);
  console.log(summary());
});

// One of each kind is enough for the scan: all of a kind take the same way.
function rememberSigned(kind: SecretKind, token: string | undefined): void {
  if (token !== undefined && !token.endsWith('.')) remember(kind, token);
}

function put(cell: Omit<Cell, 'kind' | 'method'> & { kind: Kind; method: MethodContract }): void {
  cells.push({ ...cell, kind: cell.kind.name, method: cell.method.id });
}

function assertAsExpected(entry: Cell['entry'], { name }: Kind): void {
  const wrong = cells
    .filter((cell) => cell.entry === entry && cell.kind === name && cell.outcome !== cell.expected)
    .map(({ method, expected, outcome }) => `${method}: ${outcome}, and not ${expected}`);
  assert.deepEqual(wrong, [], `${name} at the ${entry}`);
}

async function registerGatewayKey(): Promise<void> {
  const method = METHODS.find(({ desc }) => desc.name === 'RegisterPassportKey');
  assert.ok(method);
  const request = create(RegisterPassportKeyRequestSchema, {
    publicKey: keys.gateway.publicKey.export({ format: 'der', type: 'spki' }),
    proof: keys.proof(),
  });
  const answer = (await calls.call(method, 'gateway', request)) as RegisterPassportKeyResponse;
  assert.equal(answer.kid, keys.gateway.kid);
  assert.equal(answer.issuer, spiffeId('gateway'));
}

function onePerService(): readonly MethodContract[] {
  const signedIn = METHODS.filter(({ rule }) => rule.subject === 'SIGNED_IN');
  return [...new Map(signedIn.map((method) => [method.service, method])).values()];
}

async function endedSession(): Promise<EndedSession> {
  const { accessToken: token, refreshToken } = await logIn(person);
  const { sid } = decodeJwt(token);
  assert.equal((await call('POST /auth/v1/logout', { body: { refreshToken } })).status, 204);
  await until('the gateway knows that the session ended', async () => {
    return (await call('GET /auth/v1/sessions', { token })).status === 401;
  });
  return { token, sessionId: String(sid) };
}

// A service hears of a new key and of an ended session within a second.
async function untilHeard(method: MethodContract): Promise<void> {
  const outcomeOf = async (passports: readonly string[]): Promise<Outcome> =>
    await calls.outcome(method, { workload: rightWorkload(method), bearer: FULL, passports });
  await until(`${method.service} believes our gateway key`, async () => {
    return (await outcomeOf([tokens.personPassport(method)])) === 'allow';
  });
  await until(`${method.service} knows that the session ended`, async () => {
    const claims = { ...tokens.personClaims(method), sid: ended.sessionId };
    return (await outcomeOf([passport(keys.gateway, claims)])) === 'access.passport_revoked';
  });
}

function summary(): string {
  const count = (entry: Cell['entry'], kind: string, isAllowed: boolean): number =>
    cells.filter(
      (cell) =>
        cell.entry === entry && cell.kind === kind && (cell.outcome === 'allow') === isAllowed,
    ).length;
  const rows = kinds.map(({ name }) => {
    const columns = ENTRIES.flatMap((entry) => [
      count(entry, name, true),
      count(entry, name, false),
    ]);
    return [name.padEnd(38), ...columns.map((number) => String(number).padStart(8))].join('');
  });
  const head = ['', 'edge:', '', 'port:', ''];
  const heads = ['', 'allowed', 'refused', 'allowed', 'refused'];
  const line = (words: readonly string[]): string =>
    words.map((word, column) => (column === 0 ? word.padEnd(38) : word.padStart(8))).join('');
  const total = `${cells.length} cells: ${METHODS.length} methods × ${kinds.length} kinds × 2 entries`;
  return [line(head), line(heads), ...rows, total].join('\n');
}
