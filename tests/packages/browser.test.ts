// The sample page, and the browser entry itself, in a real browser, from the packed package.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page as Tab } from 'playwright-core';
import { type Browser, startBrowser } from './support/browser.ts';
import { run } from './support/command.ts';
import { type Outside, packOutside } from './support/installed.ts';
import { type Issuer, type Page, startIssuer } from './support/issuer.ts';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

let outside: Outside;
let folder: string;
let issuer: Issuer;
let browser: Browser;
/** What /token answers. */
let tokenPage: (issuer: Issuer) => Page;

before(async () => {
  outside = await packOutside();
  folder = await outside.install('browser');
  issuer = await startIssuer(async (path, itself) => {
    if (path === '/token') return tokenPage(itself);
    const type = TYPES[extname(path)];
    return type === undefined ? undefined : { type, body: await readFile(join(folder, path)) };
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await issuer?.close();
  await outside?.remove();
});

/** Opens the sample's page; gives it when it has said something. */
async function open(): Promise<Tab> {
  const tab = await browser.context.newPage();
  await tab.goto(`${issuer.url}/index.html`);
  await tab.waitForFunction('document.querySelector("#answer").textContent !== "…"');
  return tab;
}

const saidBy = async (tab: Tab) => await tab.textContent('#answer');

test('the sample compiles', async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], folder);
});

test('the sample shows whose token it is', async () => {
  tokenPage = ({ token }) => ({ type: 'text/plain', body: token() });
  assert.equal(await saidBy(await open()), 'You are usr_sample');
});

test('the sample believes no forged token, and none for another audience', async () => {
  tokenPage = ({ forged }) => ({ type: 'text/plain', body: forged() });
  assert.equal(await saidBy(await open()), 'the signature of the token is wrong');
  tokenPage = ({ token }) => ({ type: 'text/plain', body: token({ aud: 'other' }) });
  assert.equal(await saidBy(await open()), 'the token is for another audience');
});

test('the sample says when it gets no token', async () => {
  tokenPage = () => ({ status: 401, type: 'text/plain', body: '' });
  assert.equal(await saidBy(await open()), 'no token: 401');
});

/** Runs the body of an async function in the page, with the entry as `lib` and the token as `token`. */
async function inPage<R>(body: string, token = issuer.token()): Promise<R> {
  tokenPage = () => ({ type: 'text/plain', body: issuer.token() });
  const tab = await open();
  const script = `(async (token) => {
    const lib = await import('@gatehouse/tokens/browser');
    ${body}
  })(${JSON.stringify(token)})`;
  return (await tab.evaluate(script)) as R;
}

test('a token is read, and what is no token is refused', async () => {
  const [subject, code] = await inPage<[string, string]>(`
    let code;
    try { lib.decodeUnverified(token + '='); } catch (error) { code = error.code; }
    return [lib.decodeUnverified(token).claims.sub, code];
  `);
  assert.deepEqual([subject, code], ['usr_sample', 'malformed']);
});

test('ES256 is verified by Web Crypto, and its published fakes are refused', async () => {
  const codes = await inPage<readonly string[]>(`
    const encode = (bytes) => bytes.toBase64?.({ alphabet: 'base64url', omitPadding: true }) ??
      btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    const part = (object) => encode(new TextEncoder().encode(JSON.stringify(object)));
    const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const pair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
    const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const claims = { iss: 'me', aud: 'you', iat: nowSeconds, exp: nowSeconds + 60 };
    const input = part({ alg: 'ES256', kid: 'k', typ: 'at+jwt' }) + '.' + part(claims);
    const bytes = new TextEncoder().encode(input);
    const good = new Uint8Array(await crypto.subtle.sign(P256, pair.privateKey, bytes));
    const order = Uint8Array.from(
      'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.match(/../g),
      (hex) => Number.parseInt(hex, 16),
    );
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid: 'k' }] };
    const verifier = lib.createBrowserVerifier({ issuer: 'me', audience: 'you', jwks });
    const codeOf = (signature) =>
      verifier.verify(input + '.' + encode(signature)).then(() => 'good', (error) => error.code);
    return await Promise.all([
      good,
      new Uint8Array(64),
      new Uint8Array([...order, ...order]),
      good.subarray(0, 63),
      new Uint8Array([...good, 0]),
      good.map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
    ].map(codeOf));
  `);
  assert.deepEqual(codes, ['good', ...Array.from({ length: 5 }, () => 'signature')]);
});

test('many callers in a page share one fetch; one that slept through the end fetches again', async () => {
  const fetches = await inPage<readonly number[]>(`
    let [nowMs, count] = [Date.now(), 0];
    const keeper = lib.createTokenKeeper({
      clock: { nowMs: () => nowMs },
      fetchToken: async (signal) => {
        count++;
        return await (await fetch('/token', { signal })).text();
      },
    });
    const counts = [];
    for (const sleptMs of [0, 60_000, 8 * 3_600_000, 0]) {
      nowMs += sleptMs;
      await Promise.all(Array.from({ length: 20 }, () => keeper.token()));
      counts.push(count);
    }
    keeper.close();
    return counts;
  `);
  assert.deepEqual(fetches, [1, 1, 2, 2]);
});
