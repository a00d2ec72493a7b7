import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCommonPasswords } from './common-passwords.ts';
import { assertPasswordAcceptable, normalizePassword } from './rules.ts';

const common = loadCommonPasswords();

function judge(password: string, email = 'ann@example.com'): void {
  const context = { email, common, pointer: '/password' };
  assertPasswordAcceptable(normalizePassword(password), context);
}

test('long sentences and random texts are accepted, in any script', () => {
  for (const good of [
    'correct horse battery staple',
    'Tr0ub4dor&3-zebra',
    'пароль из четырёх слов',
    '말 건전지 스테이플 올바른 것',
    '😀😃😄😁😆😅🤣😂🙂🙃😉😊',
    `${'long enough '.repeat(10)}indeed`,
  ]) {
    assert.doesNotThrow(() => judge(good), good);
  }
});

test('length counts characters, not bytes or UTF-16 units, after normalisation', () => {
  const short = { code: 'auth.password_length', kind: 'INVALID_ARGUMENT' };
  assert.throws(() => judge('elevenchars'), short);
  // Six characters of two units each.
  assert.throws(() => judge('😀😃😄😁😆😅'), short);
  assert.throws(() => judge(`${'ab1-'.repeat(32)}z`), short);
  // One character that is three after NFKC.
  assert.doesNotThrow(() => judge('vine-clock㎏㎏'));
});

test('common passwords are refused, also with digits and signs behind them', () => {
  for (const bad of [
    'Password1234',
    'password1234!!!',
    'DRAGON-2024-!',
    'qwertyuiop12',
    'unbelievable',
    'mypassword12',
  ]) {
    assert.throws(() => judge(bad), { code: 'auth.password_too_common' }, bad);
  }
});

test('one character, a walk along the keyboard, and a short unit again and again are refused', () => {
  for (const bad of [
    'aaaaaaaaaaaa',
    '123456789012',
    '210987654321',
    'abcdefghijkl',
    'ZYXWVUTSRQPO',
    'qwertyuiopas',
    'abcabcabcabc',
    '123123123123',
    'xyxyxyxyxyxyx',
  ]) {
    assert.throws(() => judge(bad), { code: 'auth.password_too_common' }, bad);
  }
});

test('a password that holds the e-mail or its local part is refused, whatever the case', () => {
  const holds = { code: 'auth.password_holds_email' };
  assert.throws(() => judge('my-Rosalind-is-here', 'rosalind@example.com'), holds);
  assert.throws(() => judge('xx ann@EXAMPLE.com xx'), holds);
  // Three letters are in many good passwords.
  assert.doesNotThrow(() => judge('a planned afternoon'));
});

test('the message names the member and never the password', () => {
  assert.throws(
    () => judge('password1234'),
    (error: Error & { fields: { pointer: string }[] }) => {
      assert.equal(error.fields[0]?.pointer, '/password');
      return !JSON.stringify([error.message, error.fields]).includes('password1234');
    },
  );
});
