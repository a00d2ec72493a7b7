import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createTestAuthority, type TestAuthority } from '@gatehouse/testing';
import { ConfigError } from '../config/errors.ts';
import { mtlsFetchDocument } from './fetch-document.ts';
import { uriNamesOf } from './san.ts';
import { IdentityError, parseSpiffeId, spiffeIdOf } from './spiffe.ts';
import { TlsFiles } from './tls-files.ts';

const BOARD = 'spiffe://gatehouse.local/board';
let authority: TestAuthority;

before(async () => {
  authority = await createTestAuthority();
});

after(() => authority.close());

test('the URI names are read from the bytes, in order', async () => {
  const { der } = await authority.issue({
    names: [
      { type: 'dns', value: 'localhost' },
      { type: 'url', value: BOARD },
      { type: 'url', value: 'https://example.com/' },
    ],
  });
  assert.deepEqual(uriNamesOf(der), [BOARD, 'https://example.com/']);
});

test('text in other names is never taken for an identity', async () => {
  const { der } = await authority.issue({
    names: [
      { type: 'dns', value: `x, URI:${BOARD}` },
      { type: 'email', value: `URI:${BOARD}` },
    ],
  });
  // The text form holds it; the bytes do not.
  assert.match(new X509Certificate(der).subjectAltName ?? '', /URI:spiffe/);
  assert.deepEqual(uriNamesOf(der), []);
  assert.throws(() => spiffeIdOf(der), IdentityError);
});

test('a certificate without names, and bytes that are none', async () => {
  const { der } = await authority.issue({ names: [] });
  assert.deepEqual(uriNamesOf(der), []);
  for (let length = 0; length < der.length; length += 7) {
    assert.throws(() => spiffeIdOf(der.subarray(0, length)), IdentityError);
  }
});

test('a SPIFFE ID has a trust domain and one segment', () => {
  assert.deepEqual(parseSpiffeId(BOARD), { trustDomain: 'gatehouse.local', service: 'board' });
  for (const bad of [
    'spiffe://gatehouse.local',
    'spiffe://gatehouse.local/',
    'spiffe://gatehouse.local/a/b',
    'spiffe://gatehouse.local:80/board',
    'spiffe://u@gatehouse.local/board',
    'SPIFFE://gatehouse.local/board',
    'spiffe://gatehouse.local/board?x',
    'spiffe://gatehouse.local/../board',
    `${BOARD}\n`,
  ]) {
    assert.equal(parseSpiffeId(bad), undefined, bad);
  }
});

test('files that are missing or do not fit together are a mistake in the settings', async () => {
  assert.throws(() => new TlsFiles('/nowhere'), ConfigError);
  const folder = await authority.folderFor('board');
  const other = await authority.folderFor('board');
  await copyFile(join(other, 'key.pem'), join(folder, 'key.pem'));
  assert.throws(() => new TlsFiles(folder), /key.pem is not the key of chain.pem/);
});

test('new files are taken up when they are whole and of the same workload', async () => {
  const folder = await authority.folderFor('board');
  const tls = new TlsFiles(folder);
  let changes = 0;
  tls.onChange(() => {
    changes += 1;
  });
  assert.equal(tls.reload(), false);
  const { key } = tls.secureContextOptions();
  await writeFile(join(folder, 'key.pem'), 'half');
  assert.equal(tls.reload(), false);
  await rm(join(folder, 'chain.pem'));
  assert.equal(tls.reload(), false);
  await authority.renew(folder, 'auth');
  assert.equal(tls.reload(), false);
  assert.deepEqual(tls.secureContextOptions().key, key);
  await authority.renew(folder, 'board');
  assert.equal(tls.reload(), true);
  assert.notDeepEqual(tls.secureContextOptions().key, key);
  assert.equal(changes, 1);
  tls.close();
});

test('files by the names of cert-manager and of SPIRE are found, swapped as a secret is in Kubernetes', async () => {
  for (const names of [
    ['tls.key', 'tls.crt', 'ca.crt'],
    ['svid_key.pem', 'svid.pem', 'svid_bundle.pem'],
  ]) {
    const generations = [await authority.folderFor('board'), await authority.folderFor('board')];
    const folder = await mkdtemp(join(generations[0] ?? '', 'mounted-'));
    for (const [number, from] of generations.entries()) {
      await mkdir(join(folder, `v${number}`));
      for (const [index, name] of ['key.pem', 'chain.pem', 'bundle.pem'].entries()) {
        await copyFile(join(from, name), join(folder, `v${number}`, names[index] ?? ''));
      }
    }
    // As the kubelet does it: files are links into a folder that is itself a link, replaced at once.
    await symlink('v0', join(folder, '..data'));
    for (const name of names) await symlink(join('..data', name), join(folder, name));
    const tls = new TlsFiles(folder);
    assert.equal(tls.identity, BOARD);
    const changed = new Promise<void>((resolve) => tls.onChange(resolve));
    tls.watch(5);
    await symlink('v1', join(folder, '..next'));
    await rename(join(folder, '..next'), join(folder, '..data'));
    await changed;
    const key = await readFile(join(generations[1] ?? '', 'key.pem'));
    assert.deepEqual(tls.secureContextOptions().key, key);
    tls.close();
  }
});

test('a key as cert-manager writes it, and a bundle of two authorities, of which each must be one', async () => {
  const folder = await authority.folderFor('board');
  const pkcs8 = createPrivateKey(await readFile(join(folder, 'key.pem')));
  await writeFile(join(folder, 'key.pem'), pkcs8.export({ format: 'pem', type: 'sec1' }));
  const other = await createTestAuthority();
  await writeFile(join(folder, 'bundle.pem'), `${authority.bundlePem}\n${other.bundlePem}\n`);
  await other.close();
  assert.equal(new TlsFiles(folder).identity, BOARD);
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  await writeFile(join(folder, 'bundle.pem'), `${authority.bundlePem}\n${broken}`);
  assert.throws(() => new TlsFiles(folder), ConfigError);
  await writeFile(join(folder, 'bundle.pem'), '');
  assert.throws(() => new TlsFiles(folder), /no certificate/);
});

test('a document comes over mutual TLS from the named workload, and from no other', async () => {
  const tls = new TlsFiles(await authority.folderFor('auth'));
  const server = createServer(
    { ...tls.secureContextOptions(), requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      if (request.url === '/large') return void response.end(Buffer.alloc(300_000));
      if (request.url === '/moved') return void response.writeHead(302, { location: '/' }).end();
      response.setHeader('content-type', 'application/json').end('{"keys":[]}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;
  const own = new TlsFiles(await authority.folderFor('board'));
  const { signal } = new AbortController();
  const fetchFromAuth = mtlsFetchDocument(own, 'spiffe://gatehouse.local/auth');
  try {
    const document = await fetchFromAuth(new URL(base), signal);
    assert.equal(document.status, 200);
    assert.equal(document.contentType, 'application/json');
    assert.equal(Buffer.from(document.body).toString(), '{"keys":[]}');
    assert.equal((await fetchFromAuth(new URL('/moved', base), signal)).status, 302);
    await assert.rejects(fetchFromAuth(new URL('/large', base), signal), /larger than/);
    await assert.rejects(fetchFromAuth(new URL('http://localhost:1'), signal), /https/);
    await assert.rejects(mtlsFetchDocument(own, BOARD)(new URL(base), signal), IdentityError);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
