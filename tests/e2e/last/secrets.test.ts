/**
 * After all other files: nothing that the run left behind holds a token, a password or
 * a key of the run.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { target } from '../support/config.ts';
import { call } from '../support/edge.ts';
import { type Haystack, logs, spans, tables } from '../support/haystacks.ts';
import { keysInFiles } from '../support/key-files.ts';
import { rememberedSecrets, type Secret } from '../support/ledger.ts';
import { logIn, refresh, signUp } from '../support/people.ts';
import { createScanner } from '../support/scan.ts';
import { receivedSpans } from '../support/spans.ts';
import { until } from '../support/until.ts';

function findingsIn(haystacks: readonly Haystack[], secrets: readonly Secret[]): readonly string[] {
  const scan = createScanner(secrets);
  return haystacks.flatMap(({ name, bytes }) =>
    scan(bytes).map(({ what, before }) => `${name}: ${what} after ${JSON.stringify(before)}`),
  );
}

async function everything(): Promise<readonly Haystack[]> {
  return [...logs(), spans(), ...(await tables())];
}

/** One call to each service, and all spans that were made before have been sent when theirs have. */
async function flushSpans(token: string): Promise<void> {
  const services = ['gateway', 'auth', 'user', 'board', 'extension', 'core'];
  const sent = () =>
    services.map((name) => receivedSpans().filter((span) => span.service === name).length);
  const before = sent();
  await call('GET /auth/v1/sessions', { token });
  await call('GET /user/v1/users/me', { token });
  await call('GET /board/v1/posts', { token });
  await call('GET /core/v1/assets/me', { token });
  await fetch(`http://127.0.0.1:${target().ports.extension?.http}/msa/ext/api/nickname/1`);
  await until(
    'each service sends spans',
    () => sent().every((count, index) => count > (before[index] ?? 0)),
    {
      timeoutMs: 20_000,
      everyMs: 200,
    },
  );
}

test('logs, spans and databases hold no token, password or key of the run', async () => {
  // Also without the other files there is something to look for: a log-in, a refresh, a refusal.
  const tokens = await logIn(await signUp());
  const { body } = await refresh(tokens.refreshToken);
  await call('GET /board/v1/posts', { token: `${tokens.accessToken}x` });
  await flushSpans(body.accessToken);

  const secrets = [...rememberedSecrets(), ...keysInFiles()];
  for (const kind of ['password', 'access token', 'refresh token', 'key'] as const) {
    assert.ok(
      secrets.some((secret) => secret.kind === kind),
      `the run had no ${kind}`,
    );
  }
  const left = await everything();
  for (const place of [
    'log gateway.log',
    'log auth.log',
    'spans',
    'table auth.account',
    'table user.profile',
  ]) {
    const size = left.find(({ name }) => name === place)?.bytes.length ?? 0;
    assert.ok(size > 0, `${place} is empty, so that nothing is proved`);
  }
  assert.deepEqual(findingsIn(left, secrets), []);
});

test('the scan sees what is there: a canary in every kind of place', async () => {
  const canary = randomBytes(24).toString('base64url');
  const { accessToken, refreshToken } = await logIn(await signUp());
  const body = { title: 'A bird', body: `song ${canary} song` };
  await call('POST /board/v1/posts', { token: accessToken, body });
  writeFileSync(
    join(target().dataDir, 'logs', 'canary.log'),
    `${JSON.stringify({ msg: canary })}\n`,
  );
  appendFileSync(target().spansFile, `{"resourceSpans":[],"canary":"${canary}"}\n`);
  // What auth keeps of a refresh token is its SHA-256, as bytes: they are seen too.
  const hash = createHash('sha256').update(refreshToken).digest('base64url');

  const found = findingsIn(await everything(), [
    { kind: 'key', value: canary },
    { kind: 'refresh token', value: hash },
  ]).map((finding) => finding.slice(0, finding.indexOf(' after')));
  assert.deepEqual(found.toSorted(), [
    'log canary.log: key, as it is',
    'spans: key, as it is',
    'table auth.refresh_token: refresh token, in hex, its bytes',
    'table board.post: key, as it is',
  ]);
});
