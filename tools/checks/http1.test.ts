import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT } from './command.ts';
import { HTTP1_ALLOWED } from './http1.ts';
import { findingsOf } from './source-rules.ts';

const GATEWAY = 'services/gateway/src/receive/a.ts';
const messagesOf = (file: string, text: string): readonly string[] =>
  findingsOf(file, text).map(({ message }) => message);

test('only packages/wire reads and writes the syntax of HTTP/1', () => {
  const texts = [
    "socket.write('HTTP/1.1 200 OK');",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    'socket.write(`HTTP/1.1 ${status} ${reason}`);',
    'const isHead = /^HTTP\\/1\\.[01] /.test(text);',
    "const end = buffer.indexOf('\\r\\n\\r\\n');",
    'const end = /\\r\\n\\r\\n/.exec(text);',
  ];
  for (const text of texts) {
    const [message, ...others] = messagesOf(GATEWAY, text);
    assert.match(message ?? '', /only packages\/wire reads and writes/, text);
    assert.deepEqual(others, []);
    assert.deepEqual(messagesOf('packages/wire/src/a.ts', text), []);
    assert.deepEqual(messagesOf('tests/gateway/a.test.ts', text), []);
  }
  assert.deepEqual(messagesOf(GATEWAY, "const port = 'h2'; // HTTP/1.1 is elsewhere"), []);
});

test('only packages/wire has tables of header fields', () => {
  const texts = [
    "const hop = new Set(['connection', 'te', 'trailer', 'upgrade']);",
    "const fates = { connection: 1, te: 1, host: 2, 'Keep-Alive': 3 };",
    "const why = new Map([['te', 1], ['trailer', 1], ['expect', 1], ['host', 1]]);",
    "switch (name) { case 'te': case 'host': case 'expect': case 'upgrade': break; }",
  ];
  for (const text of texts) {
    assert.match(messagesOf(GATEWAY, text)[0] ?? '', /only packages\/wire has tables/, text);
    assert.deepEqual(messagesOf('packages/wire/src/a.ts', text), []);
  }
  const few = "headers.set('host', a); const two = { 'content-length': 1, connection: 'close' };";
  assert.deepEqual(messagesOf(GATEWAY, few), []);
});

test('whatever is allowed has a reason, is there, and is needed', () => {
  for (const { path, reason } of HTTP1_ALLOWED) {
    assert.notEqual(reason, '');
    assert.ok(existsSync(ROOT + path), path);
    assert.notDeepEqual(messagesOf(GATEWAY, readFileSync(ROOT + path, 'utf8')), [], path);
  }
});
