/** What the README tells people to type, typed into a real shell against the platform under test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codeBlocksOf } from '../docs/support/markdown.ts';
import { target } from '../e2e/support/config.ts';
import { tool } from './support/tool.ts';

const EDGE_IN_README = 'localhost:8080';
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [block, ...others] = codeBlocksOf(README).filter(({ mark }) => mark === 'runnable');

test('the commands of the README sign up, log in, post, and are refused twice', async () => {
  assert.ok(block?.language === 'sh' && others.length === 0, 'one block of sh is runnable');
  const [edge] = target().edges;
  const input = block.text.replaceAll(EDGE_IN_README, new URL(edge).host);
  assert.ok(!input.includes(EDGE_IN_README));
  const { exitCode, stdout, stderr } = await tool('sh', ['-eu'], { input, timeoutMs: 60_000 });
  const output = stdout.toString();
  assert.equal(exitCode, 0, stderr);
  assert.match(output, /"userId": ?"usr_[a-z0-9]+"/);
  assert.match(output, /"postId": ?"pst_[a-z0-9]+"/);
  assert.match(output, /"title": ?"Hello"/);
  assert.equal(output.match(/HTTP\/1\.1 401 /g)?.length, 2, output);
  assert.equal(output.match(/"code": ?"access\.not_signed_in"/g)?.length, 2, output);
});
