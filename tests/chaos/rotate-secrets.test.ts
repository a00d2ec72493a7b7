/** What else changes under load: the key-encryption key, with auth killed meanwhile, and a client's secret. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { layoutOf, writePrivate } from '@gatehouse/platform';
import { target } from '../e2e/support/config.ts';
import { logIn } from '../e2e/support/people.ts';
import { crash } from '../e2e/support/processes.ts';
import { until } from '../e2e/support/until.ts';
import { allReady } from './support/accidents.ts';
import { asOperator } from './support/operator.ts';
import { traffic, unlike, visitor } from './support/traffic.ts';

const MANY_TOKENS_PER_SECOND = 300;

test('private keys are sealed under another key-encryption key; killed in the middle, auth starts all the same', async (t) => {
  const { dataDir } = target();
  const { kekFile } = layoutOf(dataDir);
  const person = await visitor();
  const load = traffic(person);
  t.after(() => load.stop());
  const old = (await readFile(kekFile, 'utf8')).trim();
  const fresh = randomBytes(32).toString('base64');
  await writePrivate(kekFile, `${fresh}\n${old}`);

  // Encrypted again, or not: at any moment both keys are there, and one of them decrypts.
  const sealing = asOperator((auth) => auth.rewrapKeys({})).catch(() => undefined);
  await crash(dataDir, 'auth');
  await sealing;
  await allReady(['auth']);
  await until('log-in works', () => logIn(person.person));

  const { count } = await asOperator((auth) => auth.rewrapKeys({}));
  assert.ok(count >= 2);
  await writePrivate(kekFile, fresh);
  await crash(dataDir, 'auth');
  await allReady(['auth']);
  await until('log-in works with the new key alone', () => logIn(person.person));
  assert.deepEqual(unlike(await load.stop(), 200, 201), {});
});

/** A program that gets tokens all the time, and is given its new secret a while after it was made. */
async function changeSecret(t: TestContext, overlapSeconds: number) {
  const name = `load-${randomBytes(4).toString('hex')}`;
  const scopes = ['asset:update'];
  const { clientId, clientSecret } = await asOperator((auth) =>
    auth.createClient({ name, scopes }),
  );
  const url = `http://127.0.0.1:${target().ports.auth?.http}/oauth2/token`;
  let secret = clientSecret;
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let asked = 0;
  const ask = async (): Promise<void> => {
    const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const text = await response.text();
    if (response.status !== 200) failures.push(`${response.status} ${text}`);
  };
  const timer = setInterval(() => {
    asked += 1;
    const one = ask()
      .catch((error: Error) => void failures.push(error.message))
      .finally(() => open.delete(one));
    open.add(one);
  }, 1000 / MANY_TOKENS_PER_SECOND);
  t.after(() => clearInterval(timer));
  await delay(1000);
  const rotated = await asOperator((auth) => auth.rotateClientSecret({ clientId, overlapSeconds }));
  // As long as it takes to roll a program out.
  await delay(1500);
  secret = rotated.clientSecret;
  await delay(1000);
  clearInterval(timer);
  await Promise.all(open);
  t.diagnostic(`${asked} tokens asked for, ${failures.length} refused`);
  return failures;
}

test('a client’s secret changes without a failed request, since two are valid for a while', async (t) => {
  assert.deepEqual(await changeSecret(t, 60), []);
});

test('without the overlap the same change fails until the program has its new secret', async (t) => {
  assert.ok((await changeSecret(t, 0)).length > 0, 'the check of the change above sees nothing');
});
