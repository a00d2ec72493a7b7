/**
 * What the edge shows, in a real browser: the pages work under their own policy, fit a phone, ask
 * nobody else for anything, and tell the way of a request that was made from them. Pictures are left
 * in `.cache/screenshots`.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { target } from '../e2e/support/config.ts';
import { until } from '../e2e/support/until.ts';
import { type Browser, startBrowser } from '../packages/support/browser.ts';

const [edge] = target().edges;
const PICTURES = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url));
const DESK = { width: 1200, height: 850 };
const PHONE = { width: 390, height: 844 };
const TIMEOUT_MS = 30_000;

type Page = Awaited<ReturnType<Browser['context']['newPage']>>;

let browser: Browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await startBrowser();
  browser.context.setDefaultTimeout(TIMEOUT_MS);
});

after(() => browser.close());

/** A tab whose faults are collected: errors of scripts, of the policy, and requests to elsewhere. */
async function openTab(): Promise<{ readonly page: Page; readonly faults: string[] }> {
  const page = await browser.context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // A refusal that was asked for is an error to the browser too.
    const isRefusal = /^Failed to load resource: .* status of 40[134]/.test(message.text());
    if (message.type() === 'error' && !isRefusal) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${edge}/`) && !request.url().startsWith('data:')) {
      faults.push(`asked ${request.url()}`);
    }
  });
  return { page, faults };
}

async function logIn(page: Page): Promise<void> {
  const member = target().demoUsers.find(({ role }) => role === 'member');
  assert.ok(member);
  const form = page.locator('#log-in form');
  await form.locator('[name=email]').fill(member.email);
  await form.locator('[name=password]').fill(member.password);
  await form.getByRole('button', { name: 'Log in' }).click();
  await form.locator('output.good').waitFor();
}

/** Sends a call of the page, and returns what the page then says. */
async function send(page: Page, operation: string): Promise<string> {
  const form = page.locator(`[id="${operation}"] form`);
  await form.getByRole('button', { name: 'Send' }).click();
  await form.locator('output pre').waitFor();
  return form.locator('output').innerText();
}

test('the first page says what runs here and leads to the rest', async () => {
  const { page, faults } = await openTab();
  await page.setViewportSize(DESK);
  await page.goto(`${edge}/`);
  for (const name of ['auth', 'user', 'board']) {
    assert.ok(await page.getByRole('heading', { name, exact: true }).isVisible());
  }
  await page.screenshot({ path: `${PICTURES}home.png` });
  await page.locator('a[href="/docs#board.CreatePost"]').click();
  assert.ok(await page.locator('[id="board.CreatePost"] form').isVisible(), 'the call is open');
  assert.deepEqual(faults, []);
  await page.close();
});

test('a call is tried, refused, allowed, and its way is seen', async () => {
  const { page, faults } = await openTab();
  await page.setViewportSize(DESK);
  await page.goto(`${edge}/docs#board.CreatePost`);
  const refused = await send(page, 'board.CreatePost');
  assert.match(refused, /^401 · POST \/board\/v1\/posts/);
  assert.match(refused, /"code": "access\.not_signed_in"/);

  await logIn(page);
  const created = await send(page, 'board.CreatePost');
  assert.match(created, /^201 · /);
  assert.match(created, /"postId": "pst_/);
  await page.locator('[id="board.CreatePost"]').scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${PICTURES}docs.png` });

  await page.getByRole('link', { name: 'where it went' }).click();
  // The page looks again by itself until the first spans are there; the rest may come after them.
  const sql = page.locator('.span', { hasText: 'insert into "post"' });
  const served = page.locator('.span', { hasText: 'called by' });
  await page.locator('.span').first().waitFor();
  await until(
    'the spans of the board',
    async () => {
      await page.reload();
      return (await sql.count()) > 0 && (await served.count()) > 0;
    },
    { timeoutMs: TIMEOUT_MS, everyMs: 300 },
  );
  const texts = await page.locator('.span').allInnerTexts();
  const rows = texts.map((text) => text.replaceAll(/\s+/g, ' '));
  assert.match(rows[0] ?? '', /gateway POST \/board\/v1\/posts .* access token of usr_/);
  assert.match(rows[1] ?? '', /sends passport/);
  assert.match(rows[2] ?? '', /called by spiffe:\/\/gatehouse\.local\/gateway, passport for usr_/);
  assert.match(rows[2] ?? '', /with board:write signed by .* → allowed/);
  await page.screenshot({ path: `${PICTURES}trace.png` });
  assert.deepEqual(faults, []);
  await page.close();
});

test('what a person typed is text, wherever it is shown', async () => {
  const { page, faults } = await openTab();
  await page.goto(`${edge}/docs#board.CreatePost`);
  await logIn(page);
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
  const body = page.locator('[id="board.CreatePost"] textarea');
  await body.fill(JSON.stringify({ title: evil, body: evil }));
  assert.ok((await send(page, 'board.CreatePost')).includes('<img src=x onerror'));
  assert.equal(await page.locator('output img').count(), 0);
  await page.goto(`${edge}/traces`);
  assert.equal(await page.locator('main img').count(), 0);
  assert.match(await page.title(), /Gatehouse$/);
  assert.deepEqual(faults, []);
  await page.close();
});

test('a path variable is sent as encodeURIComponent writes it, and accepted', async () => {
  const { page, faults } = await openTab();
  await page.goto(`${edge}/docs#board.GetPost`);
  await logIn(page);
  await page.locator('[id="board.GetPost"] input').fill('a b$&+,=:@é');
  const answer = await send(page, 'board.GetPost');
  assert.match(answer, /^404 · GET \/board\/v1\/posts\/a%20b%24%26%2B%2C%3D%3A%40%C3%A9/);
  assert.match(answer, /"code": "board\./);
  assert.deepEqual(faults, []);
  await page.close();
});

test('the list of traces follows by itself, and leaves none of its own', async () => {
  const { page, faults } = await openTab();
  await page.setViewportSize(DESK);
  await page.goto(`${edge}/traces`);
  const refusal = await fetch(`${edge}/board/v1/posts`);
  const link = page.locator(`a[href="/traces/${refusal.headers.get('x-request-id')}"]`);
  await link.waitFor();
  assert.match(await page.locator('tr', { has: link }).innerText(), /401 access\.not_signed_in/);
  assert.equal(await page.locator('main').getByText('GET /traces', { exact: true }).count(), 0);
  await page.screenshot({ path: `${PICTURES}traces.png` });
  assert.deepEqual(faults, []);
  await page.close();
});

test('every page fits a phone, by day and by night', async () => {
  const { page, faults } = await openTab();
  await page.setViewportSize(PHONE);
  const refusal = await fetch(`${edge}/board/v1/posts`);
  const traceId = refusal.headers.get('x-request-id') ?? '';
  const paths = {
    home: '/',
    docs: '/docs#auth.SetRoles',
    traces: '/traces',
    trace: `/traces/${traceId}`,
  };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${edge}${path}`);
      // The width that its content takes.
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.equal(width, PHONE.width, path);
      await page.screenshot({ path: `${PICTURES}phone-${name}-${colorScheme}.png` });
    }
  }
  assert.deepEqual(faults, []);
  await page.close();
});
