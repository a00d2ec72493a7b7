import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, MAX_LINES } from './source-rules.ts';

const messagesOf = (file: string, text: string): readonly string[] =>
  findingsOf(file, text).map(({ message }) => message);

function assertRefused(file: string, text: string, message: RegExp): void {
  const messages = messagesOf(file, text);
  assert.equal(messages.length, 1, `${file}: ${text} → ${messages.join('; ')}`);
  assert.match(messages[0] ?? '', message);
}

function assertFine(file: string, text: string): void {
  assert.deepEqual(messagesOf(file, text), [], `${file}: ${text}`);
}

test('the environment is read in config.ts only, however it is spelled', () => {
  const spellings = [
    'const url = process.env.URL;',
    "const url = process['env'].URL;",
    'const url = globalThis.process.env.URL;',
    'const { env } = process;',
    "import { env } from 'node:process'; env.URL;",
    "import { env as e } from 'process'; e.URL;",
  ];
  for (const text of spellings) {
    assertRefused('services/board/src/app.ts', text, /config\.ts/);
    assertFine('services/board/src/config.ts', text);
    assertFine('tests/e2e/wire.test.ts', text);
  }
  assertFine(
    'services/board/src/app.ts',
    '// process.env is not read here\nconst a = "process.env";',
  );
});

test('only packages/tokens signs', () => {
  const texts = [
    "import { sign } from 'node:crypto';",
    "import { sign as seal } from 'crypto';",
    "import { createHash, createSign } from 'node:crypto';",
    "export { sign } from 'node:crypto';",
  ];
  for (const text of texts) {
    assertRefused('services/auth/src/app.ts', text, /only packages\/tokens signs/);
    assertFine('packages/tokens/src/jws.ts', text);
    assertFine('packages/access/src/feed.test.ts', text);
  }
  assertFine('services/auth/src/app.ts', "import { createHash, verify } from 'node:crypto';");
  assertFine('services/auth/src/app.ts', "import type { Sign } from 'node:crypto';");
});

test('node:crypto is never imported whole, where its use could not be seen', () => {
  const texts = [
    "import crypto from 'node:crypto';",
    "import * as crypto from 'node:crypto';",
    "const crypto = await import('node:crypto');",
    "const crypto = process.getBuiltinModule('node:crypto');",
    "export * from 'node:crypto';",
  ];
  for (const text of texts) assertRefused('services/user/src/app.ts', text, /by name/);
});

test('Web Crypto is for the certificate authority, and for web pages', () => {
  const text = "import { webcrypto } from 'node:crypto';";
  assertRefused('packages/chassis/src/tls.ts', text, /Web Crypto/);
  assertRefused('services/user/src/app.ts', 'await crypto.subtle.sign(a, b, c);', /Web Crypto/);
  assertFine('platform/ca/authority.ts', text);
  assertFine('packages/tokens/src/browser/keys.ts', 'await crypto.subtle.verify(a, b, c, d);');
  assertRefused(
    'packages/tokens/src/mint/mint.ts',
    'await crypto.subtle.sign(a, b, c);',
    /Web Crypto/,
  );
});

test('only auth and the gateway mint, and the tour its forgeries', () => {
  const text = "import { mintPassport } from '@gatehouse/tokens';";
  assertRefused('services/board/src/app.ts', text, /mint/);
  assertRefused('services/board/src/app.ts', "import * as t from '@gatehouse/tokens';", /mint/);
  assertRefused('apps/cli/src/tour/requests.ts', text, /mint/);
  assertFine('services/gateway/src/mint/passport.ts', text);
  assertFine('apps/cli/src/tour/forge.ts', text);
  assertFine('services/auth/src/app.ts', text);
  assertFine('services/board/src/app.ts', "import { systemClock } from '@gatehouse/tokens';");
});

test('no test is skipped or run alone', () => {
  const texts = [
    "test.skip('a', () => {});",
    "test('a', { skip: true }, () => {});",
    "it.only('a', () => {});",
    "describe('a', { todo: 'later' }, () => {});",
    "test('a', (t) => { t.skip('not today'); });",
  ];
  for (const text of texts) assertRefused('packages/access/src/feed.test.ts', text, /no test/);
  assertFine('packages/access/src/feed.test.ts', "test('a', { timeout: 5000 }, () => {});");
});

test('a file has an end, unless it is a test or generated', () => {
  const long = 'const a = 1;\n'.repeat(MAX_LINES + 1);
  assertRefused('packages/access/src/feed.ts', long, /301 lines/);
  assertFine('packages/access/src/feed.test.ts', long);
  assertFine('packages/contracts/src/gen/a_pb.ts', long);
  assertFine('packages/access/src/feed.ts', 'const a = 1;\n'.repeat(MAX_LINES));
});

test('nothing is left for later, and no compiler error is hidden', () => {
  assertRefused('packages/access/src/feed.ts', `// ${'TODO'}: the rest`, /not used here/);
  assertRefused('packages/access/src/feed.ts', `  // @ts-${'ignore'}\n`, /not used here/);
  assertFine('packages/access/src/feed.ts', "const a = 'TODO';");
});
