import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LEAF_TTL_MS, openAuthority } from './authority.ts';
import { createRootChanger, type RootStep, requestRootChange } from './change-root.ts';
import { createIdentities } from './identities.ts';

const HOUR_MS = 3600_000;

async function setUp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-ca-'));
  t.after(() => rm(folder, { recursive: true }));
  const time = { nowMs: Date.parse('2026-03-01T12:00:00Z') };
  const clock = { nowMs: () => time.nowMs };
  const open = (trustDomain = 'gatehouse.local') =>
    openAuthority({ folder: join(folder, 'ca'), trustDomain, clock });
  return { folder, time, clock, open };
}

test('a leaf says which workload it is, and chains to the root', async (t) => {
  const { open } = await setUp(t);
  const authority = await open();
  const issued = await authority.issue('board');
  const leaf = new X509Certificate(issued.chainPem);
  const root = new X509Certificate(issued.bundlePem);
  assert.ok(leaf.verify(root.publicKey) && leaf.checkIssued(root) && root.ca && !leaf.ca);
  assert.ok(leaf.checkPrivateKey(createPrivateKey(issued.keyPem)));
  assert.equal(
    leaf.subjectAltName,
    'URI:spiffe://gatehouse.local/board, DNS:localhost, IP Address:127.0.0.1',
  );
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  assert.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
});

test('a leaf is good for one day from now', async (t) => {
  const { open, time } = await setUp(t);
  const issued = await (await open()).issue('board');
  assert.equal(issued.notAfterMs, time.nowMs + LEAF_TTL_MS);
  assert.equal(Date.parse(new X509Certificate(issued.chainPem).validTo), issued.notAfterMs);
});

test('the root is kept for the clone, for its owner alone', async (t) => {
  const { open, folder } = await setUp(t);
  const first = await open();
  const second = await open();
  assert.equal(second.bundlePem, first.bundlePem);
  const leaf = new X509Certificate((await second.issue('auth')).chainPem);
  assert.ok(leaf.verify(new X509Certificate(first.bundlePem).publicKey));
  const { mode } = await stat(join(folder, 'ca', 'root-key.pem'));
  assert.equal(mode & 0o777, 0o600);
});

test('a new root is made for another trust domain, and before the old one ends', async (t) => {
  const { open, time } = await setUp(t);
  const first = await open();
  const other = await open('other.example');
  assert.notEqual(other.bundlePem, first.bundlePem);
  time.nowMs += 10 * 365 * 24 * HOUR_MS - 29 * 24 * HOUR_MS;
  assert.notEqual((await open('other.example')).bundlePem, other.bundlePem);
});

test('files are renewed at half of their life and not before', async (t) => {
  const { open, time, clock, folder } = await setUp(t);
  const identities = createIdentities({
    authority: await open(),
    clock,
    onError: (error) => assert.fail(String(error)),
  });
  t.after(() => identities.close());
  const tls = join(folder, 'run', 'board', 'tls');
  await identities.provide(tls, 'board');
  const chain = () => readFile(join(tls, 'chain.pem'), 'utf8');
  const first = await chain();

  time.nowMs += LEAF_TTL_MS / 2 - 1;
  await identities.renewDue();
  assert.equal(await chain(), first);

  time.nowMs += 1;
  await identities.renewDue();
  const renewed = new X509Certificate(await chain());
  assert.equal(Date.parse(renewed.validTo), time.nowMs + LEAF_TTL_MS);
  const key = createPrivateKey(await readFile(join(tls, 'key.pem'), 'utf8'));
  assert.ok(renewed.checkPrivateKey(key));
});

test('every file of a process is for its owner alone, in a folder that only they may enter', async (t) => {
  const { open, clock, folder } = await setUp(t);
  const identities = createIdentities({ authority: await open(), clock, onError: () => undefined });
  t.after(() => identities.close());
  const tls = join(folder, 'tls');
  await identities.provide(tls, 'auth');
  assert.equal((await stat(tls)).mode & 0o777, 0o700);
  for (const name of ['key.pem', 'chain.pem', 'bundle.pem']) {
    assert.equal((await stat(join(tls, name))).mode & 0o777, 0o600);
  }
});

const rootsIn = (bundle: string) => bundle.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;

/** Whether a leaf is good for whoever has this bundle. */
function accepts(bundle: string, chain: string): boolean {
  const leaf = new X509Certificate(chain);
  const roots = bundle
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((text) => text.trim() !== '');
  return roots.some((root) => leaf.verify(new X509Certificate(root).publicKey));
}

test('the root changes in three steps, and whoever is a step behind still gets on with the others', async (t) => {
  const { open, clock, folder } = await setUp(t);
  const authority = await open();
  const identities = createIdentities({ authority, clock, onError: () => undefined });
  const tls = join(folder, 'tls');
  await identities.provide(tls, 'board');
  const read = async () => ({
    chain: await readFile(join(tls, 'chain.pem'), 'utf8'),
    bundle: await readFile(join(tls, 'bundle.pem'), 'utf8'),
  });
  const generations = [await read()];
  const steps: RootStep[] = [];
  const changer = createRootChanger({
    folder: join(folder, 'ca'),
    authority,
    identities,
    timing: { ...clock, sleep: async () => undefined },
    onLine: () => undefined,
  });
  t.after(() => {
    changer.close();
    identities.close();
  });
  await changer.change(0, async (step) => {
    steps.push(step);
    generations.push(await read());
  });
  assert.deepEqual(steps, ['announced', 'adopted', 'done']);
  assert.deepEqual(
    generations.map(({ bundle }) => rootsIn(bundle)),
    [1, 2, 2, 1],
  );
  for (const [index, { chain, bundle }] of generations.entries()) {
    for (const other of generations.slice(Math.max(0, index - 1), index + 2)) {
      assert.ok(accepts(other.bundle, chain) && accepts(bundle, other.chain), `step ${index}`);
    }
  }
  const [first, , , last] = generations;
  assert.ok(!accepts(last?.bundle ?? '', first?.chain ?? ''));
  assert.equal((await open()).bundlePem, authority.bundlePem);
});

test('a change that was interrupted anywhere is finished at the next start', async (t) => {
  const { open, folder } = await setUp(t);
  const ca = join(folder, 'ca');
  const announced = await open();
  await announced.announceNext();
  const next = await readFile(join(ca, 'next-root.pem'), 'utf8');
  assert.equal((await open()).bundlePem, next);

  const half = await open();
  await half.announceNext();
  const second = await readFile(join(ca, 'next-root.pem'), 'utf8');
  await rename(join(ca, 'next-root-key.pem'), join(ca, 'root-key.pem'));
  const finished = await open();
  assert.equal(finished.bundlePem, second);
  assert.ok(accepts(second, (await finished.issue('board')).chainPem));

  await finished.announceNext();
  await finished.adoptNext();
  assert.equal(rootsIn(finished.bundlePem), 2);
  assert.equal(rootsIn((await open()).bundlePem), 1);
});

test('a change is made when it is asked for, and before the root ends', async (t) => {
  const { open, clock, time, folder } = await setUp(t);
  const ca = join(folder, 'ca');
  const authority = await open();
  const identities = createIdentities({ authority, clock, onError: () => undefined });
  const timing = { ...clock, sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 1)) };
  const changer = createRootChanger({
    folder: ca,
    authority,
    identities,
    timing,
    onLine: () => undefined,
  });
  t.after(() => {
    changer.close();
    identities.close();
  });
  const first = authority.bundlePem;
  await changer.look();
  assert.equal(authority.bundlePem, first);
  const steps: RootStep[] = [];
  const asked = requestRootChange(ca, { settleMs: 0, timing, onStep: (step) => steps.push(step) });
  await asked;
  assert.equal(steps.at(-1), 'done');
  const second = authority.bundlePem;
  assert.notEqual(second, first);
  // Its last step is told before it has ended.
  await changer.look();
  time.nowMs = authority.expiresAtMs - 29 * 24 * HOUR_MS;
  await changer.look();
  assert.notEqual(authority.bundlePem, second);
  assert.equal(rootsIn(authority.bundlePem), 1);
});
