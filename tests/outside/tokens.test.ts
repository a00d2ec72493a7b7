/** Tokens and key sets as others read them: fetched by curl, verified by OpenSSL and by PyJWT. */
import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EDGE_AUDIENCE } from '../../platform/parts.ts';
import { target } from '../e2e/support/config.ts';
import { remember } from '../e2e/support/ledger.ts';
import { stranger } from '../e2e/support/people.ts';
import { type Said, tool } from './support/tool.ts';

interface KeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid: string; readonly alg: string })[];
}

const PYTHON = new URL('../../.cache/python/bin/python', import.meta.url).pathname;
const READER = new URL('read_token.py', import.meta.url).pathname;

let folder: string;
let issuer: string;
let token: string;
let keys: KeySet;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-outside-'));
  issuer = `http://127.0.0.1:${target().ports.auth?.http}`;
  const person = stranger();
  await curl('/auth/v1/sign-up', person);
  const { email, password } = person;
  const tokens = await curl<{ accessToken: string; refreshToken: string }>('/auth/v1/login', {
    email,
    password,
  });
  token = remember('access token', tokens.accessToken);
  remember('refresh token', tokens.refreshToken);
  keys = await curl<KeySet>(`${issuer}/.well-known/jwks.json`);
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function curl<Body>(where: string, body?: object): Promise<Body> {
  const url = new URL(where, target().edges[0]).href;
  const post = ['-H', 'content-type: application/json', '--data-binary', '@-'];
  const args = ['-sS', '--fail-with-body', ...(body === undefined ? [] : post), url];
  const said = await tool('curl', args, { input: body === undefined ? '' : JSON.stringify(body) });
  assert.equal(said.exitCode, 0, `${url}: ${said.stdout} ${said.stderr}`);
  return JSON.parse(said.stdout.toString()) as Body;
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function verifyByOpenssl(signed: string, signature: string): Promise<Said> {
  const { kid } = JSON.parse(decoded(signed.split('.')[0])) as { kid: string };
  const key = keys.keys.find((candidate) => candidate.kid === kid);
  assert.ok(key, 'the key of the token is not published');
  const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const files = [
    ['-verify', write('key.pem', String(pem))],
    ['-signature', write('signature', Buffer.from(signature, 'base64url'))],
  ].flat();
  return await tool('openssl', ['dgst', '-sha256', ...files, write('signed', signed)]);
}

function decoded(part: string | undefined): string {
  return Buffer.from(part ?? '', 'base64url').toString();
}

async function readByPython(changes: object): Promise<Said> {
  const question = {
    token,
    keys,
    issuer,
    audience: EDGE_AUDIENCE,
    algorithm: 'RS256',
    typ: 'at+jwt',
  };
  const input = JSON.stringify({ ...question, ...changes });
  return await tool(PYTHON, [READER], { input });
}

test('the discovery document names this issuer and its key set', async () => {
  const document = await curl<Record<string, unknown>>(
    `${issuer}/.well-known/openid-configuration`,
  );
  assert.equal(document.issuer, issuer);
  assert.equal(document.jwks_uri, `${issuer}/.well-known/jwks.json`);
});

test('OpenSSL verifies an access token against the published key, and only unchanged', async () => {
  const [header, payload, signature = ''] = token.split('.');
  const good = await verifyByOpenssl(`${header}.${payload}`, signature);
  assert.match(good.stdout.toString(), /Verified OK/);
  const changed = payload?.replace(/^../, 'e3') ?? '';
  assert.notEqual(changed, payload);
  const bad = await verifyByOpenssl(`${header}.${changed}`, signature);
  assert.notEqual(bad.exitCode, 0);
});

test('PyJWT reads an access token', async () => {
  const said = await readByPython({});
  assert.equal(said.exitCode, 0, said.stderr);
  const claims = JSON.parse(said.stdout.toString()) as Record<string, unknown>;
  assert.match(String(claims.sub), /^usr_/);
  assert.equal(claims.aud, EDGE_AUDIENCE);
  assert.match(String(claims.scope), /\bboard:write\b/);
});

test('PyJWT refuses it for another audience, issuer, kind or algorithm', async () => {
  const changes = [
    { audience: 'gatehouse.local' },
    { issuer: 'http://127.0.0.1:1' },
    { typ: 'txntoken+jwt' },
    { algorithm: 'ES256' },
  ];
  for (const change of changes) {
    assert.equal((await readByPython(change)).exitCode, 1, JSON.stringify(change));
  }
});

test('no published key holds a private member', async () => {
  const passportKeys = await curl<KeySet>(`${issuer}/.well-known/txn-jwks.json`);
  assert.ok(keys.keys.length > 0 && passportKeys.keys.length > 0);
  for (const key of [...keys.keys, ...passportKeys.keys]) {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      assert.ok(!(member in key), member);
  }
});
