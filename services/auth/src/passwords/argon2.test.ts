import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createArgon2Hasher } from './argon2.ts';

const CHEAP = { memoryKib: 64, passes: 1 };

test('a hash is a PHC string with its parameters, and different each time', async () => {
  const hasher = createArgon2Hasher({ concurrency: 1 });
  const hash = await hasher.hash('some password');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(await hasher.hash('some password'), hash);
  assert.equal(await hasher.verify('some password', hash), true);
  assert.equal(await hasher.verify('other password', hash), false);
});

test('a hash of another implementation is verified', async () => {
  // The reference implementation's own test: argon2 -id -v 13 -t 2 -m 8 -p 1, "password", "somesalt".
  const known =
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  const hasher = createArgon2Hasher({ concurrency: 1, cost: CHEAP });
  assert.equal(await hasher.verify('password', known), true);
  assert.equal(await hasher.verify('Password', known), false);
});

test('no hash is a no, after the same work', async () => {
  const hasher = createArgon2Hasher({ concurrency: 1, maxWaiting: 0, cost: CHEAP });
  const first = hasher.verify('some password', undefined);
  // It holds the only place, as a real one does.
  await assert.rejects(hasher.verify('some password', undefined), { code: 'auth.busy' });
  assert.equal(await first, false);
});

test('a few run, a few wait, and the rest are told when to come again', async () => {
  const hasher = createArgon2Hasher({ concurrency: 2, maxWaiting: 3, cost: CHEAP });
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => hasher.hash('some password')),
  );
  const refused = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  assert.equal(refused.length, 3);
  for (const { code, kind, retryAfterSeconds } of refused) {
    assert.deepEqual([code, kind, retryAfterSeconds], ['auth.busy', 'RESOURCE_EXHAUSTED', 1]);
  }
  assert.match(await hasher.hash('some password'), /^\$argon2id/);
});

test('a stored hash that cannot be read is our failure, not a wrong password', async () => {
  const hasher = createArgon2Hasher({ concurrency: 1, cost: CHEAP });
  await assert.rejects(hasher.verify('some password', '$2b$10$short'), /cannot be read/);
  assert.match(await hasher.hash('some password'), /^\$argon2id/);
});
