import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './log.ts';

function capture(): { lines: Record<string, unknown>[]; write: (line: string) => void } {
  const lines: Record<string, unknown>[] = [];
  return { lines, write: (line) => void lines.push(JSON.parse(line)) };
}

test('a line names the service and its level, as JSON', () => {
  const to = capture();
  createLogger({ name: 'board', level: 'info', destination: to }).info({ port: 1 }, 'started');
  const { time, ...line } = to.lines[0] ?? {};
  assert.deepEqual(line, { level: 'info', service: 'board', port: 1, msg: 'started' });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
});

test('members that hold secrets are removed, on two levels', () => {
  const to = capture();
  const log = createLogger({ name: 'auth', level: 'info', destination: to });
  log.info({ password: 'hunter2', request: { refreshToken: 'hunter2', email: 'x' } });
  assert.ok(!JSON.stringify(to.lines).includes('hunter2'));
  assert.deepEqual(to.lines[0]?.request, { refreshToken: '[removed]', email: 'x' });
});

test('an error is logged with its causes, without unknown members and without tokens', () => {
  const to = capture();
  const cause = Object.assign(new Error('bad token eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln'), {
    detail: 'Key (email)=(someone@example.com) already exists',
    code: '23505',
  });
  const log = createLogger({ name: 'auth', level: 'info', destination: to });
  log.error({ err: new Error('outer', { cause }) }, 'failed');
  const text = JSON.stringify(to.lines);
  assert.ok(text.includes('outer') && text.includes('23505') && text.includes('[token]'));
  assert.ok(!text.includes('someone@example.com') && !text.includes('eyJ'));
});
