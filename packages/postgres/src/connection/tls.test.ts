/** TLS to a real Postgres, as the URL asks for it. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  createTestAuthority,
  type OwnTestPostgres,
  startOwnTestPostgres,
} from '@gatehouse/testing';
import { sql } from 'kysely';
import { openDatabase } from '../database.ts';
import { ensureDatabase } from '../schema/ensure.ts';
import { DatabaseUrlError } from './tls.ts';

const SILENT = { info: () => undefined, warn: () => undefined };

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pg-tls-'));
const authority = await createTestAuthority();
const stranger = await createTestAuthority();
const names = [{ type: 'dns' as const, value: 'localhost' }];
const withTls = await startOwnTestPostgres({ tls: await authority.issue({ names }) });
const plain = await startOwnTestPostgres();
after(async () => {
  await Promise.all([withTls.close(), plain.close(), authority.close(), stranger.close()]);
  await rm(folder, { recursive: true, force: true });
});

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const root = await file('root.pem', authority.bundlePem);
const untrusted = await file('untrusted.pem', stranger.bundlePem);

function urlOf(postgres: OwnTestPostgres, parameters: Record<string, string>, host = 'localhost') {
  const url = new URL(postgres.adminUrl);
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** What the server says of the connection: its TLS version, or `plain`. */
async function versionOf(url: string): Promise<string> {
  const database = openDatabase<unknown>({
    url,
    name: 'tls-test',
    log: SILENT,
    connectTimeoutMs: 3000,
  });
  try {
    const { rows } = await sql<{
      version: string | null;
    }>`select version from pg_stat_ssl where pid = pg_backend_pid()`.execute(database.read);
    return rows[0]?.version ?? 'plain';
  } finally {
    await database.close();
  }
}

/** Why it was not possible: the whole chain of messages. */
async function whyNot(url: string): Promise<string> {
  try {
    await versionOf(url);
  } catch (thrown) {
    const error = thrown as Error & { readonly cause?: Error };
    const all = `${error.message} ${error.cause?.message ?? ''}`;
    assert.ok(!all.includes(new URL(url).password), 'the password is nobody’s business');
    return all;
  }
  return 'it was possible';
}

test('without sslmode, and with disable, a connection is plain', async () => {
  assert.equal(await versionOf(urlOf(withTls, {})), 'plain');
  assert.equal(await versionOf(urlOf(withTls, { sslmode: 'disable' })), 'plain');
});

test('require takes TLS from any server; with sslrootcert only from one of its authorities', async () => {
  assert.match(await versionOf(urlOf(withTls, { sslmode: 'require' })), /^TLSv1\.[23]$/);
  const checked = { sslmode: 'require', sslrootcert: root };
  assert.match(await versionOf(urlOf(withTls, checked)), /^TLSv1/);
  assert.match(
    await whyNot(urlOf(withTls, { sslmode: 'require', sslrootcert: untrusted })),
    /of no authority in sslrootcert/,
  );
});

test('verify-ca asks for the authority, verify-full for the name too', async () => {
  for (const sslmode of ['verify-ca', 'verify-full']) {
    assert.match(await versionOf(urlOf(withTls, { sslmode, sslrootcert: root })), /^TLSv1/);
    assert.match(
      await whyNot(urlOf(withTls, { sslmode, sslrootcert: untrusted })),
      /of no authority in sslrootcert of the database URL/,
    );
    // Those of the system do not know it either.
    assert.match(await whyNot(urlOf(withTls, { sslmode })), /of no authority/);
  }
  const byAddress = (sslmode: string) =>
    urlOf(withTls, { sslmode, sslrootcert: root }, '127.0.0.1');
  assert.match(await versionOf(byAddress('verify-ca')), /^TLSv1/);
  assert.match(await whyNot(byAddress('verify-full')), /not for the host.*verify-full/);
});

test('a server without TLS is refused where TLS is asked for', async () => {
  for (const sslmode of ['require', 'verify-full']) {
    assert.match(await whyNot(urlOf(plain, { sslmode, sslrootcert: root })), /has no TLS/);
  }
});

test('migrations, and the making of databases, go the same way', async () => {
  const adminUrl = urlOf(withTls, { sslmode: 'verify-full', sslrootcert: root });
  const owner = { role: 'tls_owner', password: 'sixteen-characters' };
  const url = await ensureDatabase({ adminUrl, database: 'tls_owner', owner });
  assert.match(await versionOf(url), /^TLSv1/);
  const bad = urlOf(withTls, { sslmode: 'verify-full', sslrootcert: untrusted });
  await assert.rejects(ensureDatabase({ adminUrl: bad, database: 'x', owner }), (error: Error) =>
    /of no authority/.test(String((error.cause as Error).message)),
  );
});

test('parameters that make no sense name themselves, and no value', () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ sslmode: 'prefer' }, /^sslmode must not leave TLS to chance/],
    [{ sslmode: 'yes' }, /^sslmode must be disable, require/],
    [{ sslrootcert: root }, /^sslmode must be require.* beside files/],
    [{ sslmode: 'verify-full', sslrootcert: '/nowhere' }, /^sslrootcert must be the path/],
    [{ sslmode: 'verify-full', sslrootcert: import.meta.filename }, /^sslrootcert must be a PEM/],
    [{ sslmode: 'require', sslcert: root }, /^sslkey must be given with sslcert/],
    [{ sslmode: 'require', sslkey: root }, /^sslcert must be given with sslkey/],
    [{ sslmode: 'require', sslcert: root, sslkey: root }, /^sslcert and sslkey must be PEM/],
    [{ sslmode: 'require', sslcrl: root }, /^sslcrl is not known/],
    [{ ssl: 'true' }, /^ssl is not known/],
  ];
  for (const [parameters, message] of cases) {
    const open = () => openDatabase({ url: urlOf(withTls, parameters), name: 'x', log: SILENT });
    assert.throws(open, (error: Error) => {
      assert.ok(error instanceof DatabaseUrlError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a client certificate is shown, and a renewed one by the next connection', async () => {
  const strict = await startOwnTestPostgres({
    tls: { ...(await authority.issue({ names })), clientCaPem: authority.bundlePem },
  });
  try {
    const own = await authority.issue({ names: [{ type: 'dns', value: 'board' }] });
    const other = await stranger.issue({ names: [{ type: 'dns', value: 'board' }] });
    const files = {
      sslcert: await file('own.crt', other.chainPem),
      sslkey: await file('own.key', other.keyPem),
    };
    const url = urlOf(strict, { sslmode: 'verify-full', sslrootcert: root, ...files });
    const bare = urlOf(strict, { sslmode: 'verify-full', sslrootcert: root });
    assert.match(await whyNot(bare), /unavailable.*(certificate|terminated|no pg_hba)/s);
    const database = openDatabase<unknown>({ url, name: 'tls-test', log: SILENT });
    // One of a stranger is refused.
    await assert.rejects(database.check(), { code: 'postgres.unavailable' });
    await copyFile(await file('next.key', own.keyPem), files.sslkey);
    // Half written: key and certificate of two generations. The last good pair serves, and is refused.
    await assert.rejects(database.check(), { code: 'postgres.unavailable' });
    await copyFile(await file('next.crt', own.chainPem), files.sslcert);
    await database.check();
    await database.close();
  } finally {
    await strict.close();
  }
});
