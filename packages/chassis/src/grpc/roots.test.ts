/** Roots change beneath a running service: open connections go on, new ones go by the new bundle. */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createServiceClient, createUpstream, type Upstream } from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import {
  createTestAuthority,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { trace } from '@opentelemetry/api';
import { codeOf } from '../test-support/outcome.ts';
import { TlsFiles } from '../tls/tls-files.ts';

const BOARD = 'spiffe://gatehouse.local/board';
const issuer = createTestIssuer();
const upstreams: Upstream[] = [];
const files: TlsFiles[] = [];
let old: TestAuthority;
let next: TestAuthority;
let service: TestService;

before(async () => {
  [old, next] = await Promise.all([createTestAuthority(), createTestAuthority()]);
  service = await startTestService({
    name: 'board',
    authority: old,
    build: async () => ({
      passports: issuer.gate(),
      implementations: [implementPartly(BoardService, { listPosts: () => ({}) })],
    }),
  });
});

after(async () => {
  for (const upstream of upstreams) upstream.close();
  for (const tls of files) tls.close();
  await service.close();
  await Promise.all([old.close(), next.close()]);
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!(await condition())) await delay(10, undefined, { signal });
}

async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

function client(tlsFolder: string) {
  const upstream = createUpstream({
    addresses: [`localhost:${service.grpcPort}`],
    serverSpiffeId: BOARD,
    tls: filesIn(tlsFolder),
    tracer: trace.getTracer('test'),
  });
  upstreams.push(upstream);
  const board = createServiceClient(BoardService, upstream);
  const passport = issuer.passport({ scope: 'board:read' });
  return () => codeOf(board.listPosts({}, { passport }));
}

function filesIn(folder: string): TlsFiles {
  const tls = new TlsFiles(folder);
  files.push(tls);
  return tls;
}

test('while the bundle has two roots, both are taken; when one is dropped, its connections go on and new ones fail', async () => {
  const issued = await next.issue({
    names: [
      { type: 'url', value: 'spiffe://gatehouse.local/gateway' },
      { type: 'dns', value: 'localhost' },
    ],
  });
  const both = `${old.bundlePem}\n${next.bundlePem}\n`;
  const ofOld = client(await old.folderFor('gateway'));
  assert.equal(await ofOld(), 'ok');

  await replace(join(service.tlsFolder, 'bundle.pem'), both);
  await until(async () => (await client(await next.folderWith(issued, both))()) === 'ok');

  await replace(join(service.tlsFolder, 'bundle.pem'), `${next.bundlePem}\n`);
  const late = await old.folderFor('gateway');
  await until(async () => (await client(late)()) === 'UNAVAILABLE common.unavailable');
  assert.equal(await ofOld(), 'ok');
  assert.ok(service.logLines.some((line) => /of no authority of the trust bundle/.test(line)));
});
