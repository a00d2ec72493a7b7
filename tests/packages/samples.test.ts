// Each sample of examples/ is installed from the packed package, outside the repository, and asked.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { run } from './support/command.ts';
import { installNode, type Outside, packOutside } from './support/installed.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { startSample } from './support/server.ts';

const OLDEST_NODE = '24.6.0';
const EXAMPLES = new URL('../../examples/', import.meta.url).pathname;
const SAMPLES = [
  { name: 'fastify', args: ['server.ts'] },
  { name: 'express', args: ['server.ts'] },
  { name: 'nestjs', args: ['dist/main.js'] },
  { name: 'grpc', args: ['server.ts'] },
];

let outside: Outside;
let issuer: Issuer;
let oldestNode: string;
const folders = new Map<string, string>();

before(async () => {
  issuer = await startIssuer();
  outside = await packOutside();
  oldestNode = await installNode(outside, OLDEST_NODE);
  for (const { name } of SAMPLES) {
    const folder = await outside.install(name);
    // The compiler checks every sample; NestJS's decorators need its output.
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], folder);
    folders.set(name, folder);
  }
});
after(async () => {
  await issuer?.close();
  await outside?.remove();
});

/** What a caller gets: the status over HTTP, the challenge, the subject where there is one. */
interface Answer {
  readonly status: number;
  readonly challenge?: string;
  readonly retryAfter?: string;
  readonly subject?: string;
}

type Ask = (path: 'who' | 'create' | 'notice', token?: string) => Promise<Answer>;

function overHttp(url: string): Ask {
  const routes = { who: ['GET', '/me'], create: ['POST', '/posts'], notice: ['PUT', '/notice'] };
  return async (path, token) => {
    const [method = '', target = ''] = routes[path];
    const headers: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}${target}`, { method, headers });
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, string | number>;
    if (!response.ok) {
      assert.match(response.headers.get('content-type') ?? '', /^application\/(problem\+)?json/);
      assert.equal(body.status, response.status);
      assert.match(String(body.code), /^bearer\./);
    }
    const challenge = response.headers.get('www-authenticate');
    const retryAfter = response.headers.get('retry-after');
    return {
      status: response.ok ? 200 : response.status,
      ...(challenge === null ? {} : { challenge }),
      ...(retryAfter === null ? {} : { retryAfter }),
      ...(typeof body.subject === 'string' ? { subject: body.subject } : {}),
    };
  };
}

const HTTP_STATUS = new Map<number, number>([
  [grpc.status.OK, 200],
  [grpc.status.UNAUTHENTICATED, 401],
  [grpc.status.PERMISSION_DENIED, 403],
  [grpc.status.UNAVAILABLE, 503],
]);

function overGrpc(url: string): Ask {
  const methods = { who: 'WhoAmI', create: 'CreatePost', notice: 'SetNotice' };
  return async (path, token) => {
    const client = new grpc.Client(new URL(url).host, grpc.credentials.createInsecure());
    const metadata = new grpc.Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    const asIs = (bytes: Buffer): Buffer => bytes;
    const target = `/example.Board/${methods[path]}`;
    return await new Promise((resolve) => {
      client.makeUnaryRequest(target, asIs, asIs, Buffer.alloc(0), metadata, (error, bytes) => {
        client.close();
        const status = HTTP_STATUS.get(error?.code ?? 0) ?? 500;
        // Field 1, a text: its tag, its length, its bytes.
        const subject = path === 'who' ? bytes?.subarray(2).toString() : undefined;
        resolve({ status, ...(subject === undefined ? {} : { subject }) });
      });
    });
  };
}

async function assertAnswers(ask: Ask, isHttp: boolean): Promise<void> {
  const good = issuer.token();
  assert.deepEqual(await ask('who', good), { status: 200, subject: 'usr_sample' });
  const challenge = (text: string) => (isHttp ? { challenge: text } : {});
  assert.deepEqual(await ask('who'), { status: 401, ...challenge('Bearer') });
  const bad = { status: 401, ...challenge('Bearer error="invalid_token"') };
  for (const token of [issuer.forged(), 'x', `${good}x`, issuer.token({ aud: 'other' })]) {
    assert.deepEqual(await ask('who', token), bad);
  }
  assert.equal((await ask('create', good)).status, 200);
  assert.deepEqual(await ask('create', issuer.token({ scope: 'board:read' })), {
    status: 403,
    ...challenge('Bearer error="insufficient_scope", scope="board:write"'),
  });
  assert.deepEqual(await ask('notice', good), { status: 403 });
  assert.equal((await ask('notice', issuer.token({ roles: ['moderator'] }))).status, 200);
}

for (const { name, args } of SAMPLES) {
  for (const which of ['the locked Node', `Node ${OLDEST_NODE}`]) {
    test(`${name} on ${which}: good, bad, no and weaker tokens`, async () => {
      const node = which === 'the locked Node' ? process.execPath : oldestNode;
      const folder = folders.get(name) ?? '';
      const sample = await startSample(node, [...args, issuer.url, '0'], folder);
      try {
        const isHttp = name !== 'grpc';
        await assertAnswers(isHttp ? overHttp(sample.url) : overGrpc(sample.url), isHttp);
        // A framework that takes refusals for faults would fill its log with them.
        assert.equal(sample.said().trim(), sample.url);
      } finally {
        await sample.stop();
      }
    });
  }

  test(`${name} while the issuer is unavailable: unavailable, not unauthenticated`, async () => {
    const away = await startIssuer();
    const token = away.token();
    await away.close();
    const folder = folders.get(name) ?? '';
    const sample = await startSample(process.execPath, [...args, away.url, '0'], folder);
    try {
      const ask = name === 'grpc' ? overGrpc(sample.url) : overHttp(sample.url);
      const expected = name === 'grpc' ? { status: 503 } : { status: 503, retryAfter: '1' };
      assert.deepEqual(await ask('who', token), expected);
    } finally {
      await sample.stop();
    }
  });
}

test('a project that is still compiled to CommonJS by the old rules can use it', async () => {
  const folder = folders.get('nestjs') ?? '';
  const source = [
    "import { createAccessTokenVerifier, createStaticKeySet } from '@gatehouse/tokens';",
    "import { bearerAuth } from '@gatehouse/tokens/nestjs';",
    "import { HttpException } from '@nestjs/common';",
    'const keys = createStaticKeySet([]);',
    "const verifier = createAccessTokenVerifier({ issuer: 'a', audience: 'b', keys });",
    "console.log(typeof bearerAuth({ HttpException, verifier }).require({ roles: ['c'] }).canActivate);",
  ];
  await mkdir(`${folder}/legacy`);
  await writeFile(`${folder}/legacy/package.json`, '{ "type": "commonjs" }');
  await writeFile(`${folder}/legacy/main.ts`, source.join('\n'));
  const options = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022'];
  const tsc = ['node_modules/typescript/bin/tsc', '--strict', ...options, 'legacy/main.ts'];
  await run(process.execPath, tsc, folder);
  assert.equal(await run(oldestNode, ['legacy/main.js'], folder), 'function\n');
});

test('each sample is under 30 lines', () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' });
  const sources = files.filter(
    (name) => /\.(ts|js|html)$/.test(name) && !/node_modules/.test(name),
  );
  assert.ok(sources.length >= 6);
  for (const name of sources) {
    const lineCount = readFileSync(`${EXAMPLES}${name}`, 'utf8').trimEnd().split('\n').length;
    assert.ok(lineCount < 30, `${name} has ${lineCount} lines`);
  }
});
