/** Calls over HTTP from a service: its own token from its settings, and peers that prove who they are. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { withPassport } from '@gatehouse/client';
import { createTestAuthority, startTestService, type TestAuthority } from '@gatehouse/testing';
import { TlsFiles } from '../tls/tls-files.ts';
import type { ServiceContext } from './service-context.ts';

let authority: TestAuthority;
before(async () => {
  authority = await createTestAuthority();
});
after(() => authority.close());

async function listen(t: TestContext, server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A workload that speaks HTTP over mutual TLS. */
async function startPeer(t: TestContext, workload: string, answer: RequestListener) {
  const files = new TlsFiles(await authority.folderFor(workload));
  const options = { ...files.secureContextOptions(), requestCert: true, rejectUnauthorized: true };
  const port = await listen(t, createSecureServer(options, answer));
  return `https://localhost:${port}`;
}

async function contextOf(t: TestContext, env: Record<string, string>): Promise<ServiceContext> {
  let context: ServiceContext | undefined;
  const service = await startTestService({
    name: 'core',
    authority,
    env,
    build: async (given) => {
      context = given;
      return { implementations: [] };
    },
  });
  t.after(() => service.close());
  assert.ok(context);
  return context;
}

/** An auth server that gives out what it was asked with, and extension, which says what it got. */
async function plainWorld(t: TestContext) {
  const answer = (request: IncomingMessage): string => {
    if (request.url !== '/oauth2/token') return String(request.headers.authorization);
    const secret = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
    const token = `token-of-${secret.replace(':', '-')}`;
    return JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300 });
  };
  const server = createServer((request, response) => {
    response.end(answer(request));
  });
  const url = `http://127.0.0.1:${await listen(t, server)}`;
  const secretFile = join(await authority.folderFor('core'), 'secret');
  await writeFile(secretFile, 's1\n', { mode: 0o600 });
  const env = {
    GATEHOUSE_HTTP_TARGETS: `other=http://127.0.0.1:1,extension=${url}`,
    GATEHOUSE_TOKEN_URL: `${url}/oauth2/token`,
    GATEHOUSE_CLIENT_ID: 'core',
    GATEHOUSE_CLIENT_SECRET_FILE: secretFile,
  };
  return { env, secretFile };
}

test('a call carries the token of the client in the settings', async (t) => {
  const { env } = await plainWorld(t);
  const context = await contextOf(t, env);
  const extension = context.http('extension');
  assert.equal(await (await extension.fetch('/')).text(), 'Bearer token-of-core-s1');
  assert.equal(context.http('extension'), extension);
});

test('a new secret in the file is taken up without a restart', async (t) => {
  const { env, secretFile } = await plainWorld(t);
  await writeFile(`${secretFile}.new`, 's2');
  const context = await contextOf(t, env);
  await rename(`${secretFile}.new`, secretFile);
  const answer = await context.http('extension').fetch('/');
  assert.equal(await answer.text(), 'Bearer token-of-core-s2');
});

test('without credentials a target with a token is a setting that is missing, and one without goes', async (t) => {
  const { env } = await plainWorld(t);
  const { GATEHOUSE_HTTP_TARGETS } = env;
  const context = await contextOf(t, { GATEHOUSE_HTTP_TARGETS });
  assert.throws(() => context.http('extension'), { variable: 'GATEHOUSE_TOKEN_URL' });
  assert.throws(() => context.http('nobody'), { variable: 'GATEHOUSE_HTTP_TARGETS' });
  const answer = await context.http('extension', { ownToken: false }).fetch('/');
  assert.equal(await answer.text(), 'undefined');
});

test('over https the peer proves who it is, sees who calls, and gets the passport', async (t) => {
  const url = await startPeer(t, 'extension', (request, response) => {
    const { subjectaltname } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(`${subjectaltname} ${request.headers['txn-token']}`);
  });
  const context = await contextOf(t, { GATEHOUSE_HTTP_TARGETS: `extension=${url}` });
  const extension = context.http('extension', { ownToken: false });
  const answer = await withPassport('p-1', () => extension.fetch('/'));
  assert.match(await answer.text(), /URI:spiffe:\/\/gatehouse\.local\/core.* p-1$/);
});

test('another workload at that address is not spoken to', async (t) => {
  let asked = 0;
  const url = await startPeer(t, 'board', (_request, response) => {
    asked += 1;
    response.end();
  });
  const context = await contextOf(t, { GATEHOUSE_HTTP_TARGETS: `extension=${url}` });
  const call = context.http('extension', { ownToken: false }).fetch('/');
  await assert.rejects(call, { code: 'common.unavailable' });
  assert.equal(asked, 0);
});

test('a token is asked for over mutual TLS when its URL says https', async (t) => {
  const { env } = await plainWorld(t);
  const url = await startPeer(t, 'auth', (request, response) => {
    const { subjectaltname } = (request.socket as TLSSocket).getPeerCertificate();
    const isCore = subjectaltname?.includes('spiffe://gatehouse.local/core') === true;
    const token = { access_token: isCore ? 'over-tls' : 'nobody', token_type: 'Bearer' };
    response.end(JSON.stringify({ ...token, expires_in: 300 }));
  });
  const context = await contextOf(t, { ...env, GATEHOUSE_TOKEN_URL: `${url}/oauth2/token` });
  assert.equal(await (await context.http('extension').fetch('/')).text(), 'Bearer over-tls');
});
