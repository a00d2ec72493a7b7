/** Every certificate and the root change under load, while connections are made all the time. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { mtlsFetchDocument, TlsFiles } from '@gatehouse/chassis';
import { layoutOf, OPERATOR, requestRootChange } from '@gatehouse/platform';
import { target } from '../e2e/support/config.ts';
import { until } from '../e2e/support/until.ts';
import { allReady } from './support/accidents.ts';
import { traffic, unlike, visitor } from './support/traffic.ts';

const EVERYONE = ['auth', 'user', 'board', 'board-2', 'gateway'];
const AUTH = 'spiffe://gatehouse.local/auth';
const PER_SECOND = 50;

/** Processes look at their files once a second, each at another moment of it. */
async function lookers(folder: string): Promise<readonly TlsFiles[]> {
  const all = Array.from({ length: 4 }, () => new TlsFiles(folder));
  for (const tls of all) {
    tls.watch();
    await delay(250);
  }
  return all;
}

/** Makes a new connection to auth's mutual TLS listener again and again: each side judges the other. */
function connectAllTheTime(all: readonly TlsFiles[]) {
  const url = new URL(`https://localhost:${target().ports.auth?.keys}/.well-known/txn-jwks.json`);
  const fetches = all.map((tls) => mtlsFetchDocument(tls, AUTH));
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let made = 0;
  const timer = setInterval(() => {
    made += 1;
    const fetchFromAuth = fetches[made % fetches.length];
    if (fetchFromAuth === undefined) return;
    const one = fetchFromAuth(url, AbortSignal.timeout(10_000))
      .then(
        ({ status }) => void (status === 200 || failures.push(`status ${status}`)),
        (error: Error) => void failures.push(error.message),
      )
      .finally(() => open.delete(one));
    open.add(one);
  }, 1000 / PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      return { made, failures };
    },
  };
}

async function changeRootUnderLoad(t: TestContext, settleMs: number) {
  const { ca, identity } = layoutOf(target().dataDir);
  const clients = await lookers(identity(OPERATOR));
  const [tls] = clients;
  assert.ok(tls !== undefined);
  const load = traffic(await visitor());
  const connections = connectAllTheTime(clients);
  t.after(async () => {
    await Promise.all([load.stop(), connections.stop()]);
    for (const client of clients) client.close();
  });
  await delay(500);
  const before = tls.secureContextOptions();
  await requestRootChange(ca, { settleMs });
  await until('the new certificate is taken up', () => {
    return !(tls.secureContextOptions().cert as Buffer).equals(before.cert as Buffer);
  });
  await delay(1500);
  const { made, failures } = await connections.stop();
  const results = await load.stop();
  t.diagnostic(
    `${results.length} requests, ${made} connections, ${failures.length} of them failed`,
  );
  return { atEdge: unlike(results, 200, 201), failures };
}

test('a change of the root, each step waited for, fails no request and no new connection', async (t) => {
  const { ca, tls } = layoutOf(target().dataDir);
  const old = new X509Certificate(await readFile(join(ca, 'root.pem')));
  const outcome = await changeRootUnderLoad(t, 5000);
  assert.deepEqual(outcome, { atEdge: {}, failures: [] });
  const root = new X509Certificate(await readFile(join(ca, 'root.pem')));
  assert.notEqual(root.fingerprint256, old.fingerprint256);
  for (const part of EVERYONE) {
    const leaf = new X509Certificate(await readFile(join(tls(part), 'chain.pem')));
    assert.ok(leaf.verify(root.publicKey), part);
    const bundle = await readFile(join(tls(part), 'bundle.pem'), 'utf8');
    assert.equal(bundle.match(/BEGIN CERTIFICATE/g)?.length, 1, part);
  }
});

test('with the waiting left out the same change fails: some have the new root, others not yet', async (t) => {
  const outcome = await changeRootUnderLoad(t, 0);
  assert.ok(outcome.failures.length > 0, 'the check of the change above sees nothing');
  await allReady(EVERYONE);
});
