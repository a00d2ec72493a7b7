/** The published passports, read by a verifier in Python that shares nothing with ours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tool } from './support/tool.ts';

interface Vector {
  readonly name: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

const PYTHON = new URL('../../.cache/python/bin/python', import.meta.url).pathname;
const READER = new URL('read_passports.py', import.meta.url).pathname;

const input = readFileSync(new URL('../vectors/passports.json', import.meta.url), 'utf8');
const { vectors } = JSON.parse(input) as { vectors: readonly Vector[] };
const said = await tool(PYTHON, [READER], { input });
assert.equal(said.exitCode, 0, said.stderr);
const answers: Record<string, Readonly<Record<string, unknown>> | null> = JSON.parse(
  said.stdout.toString(),
);

test('there are good and bad vectors, and an answer for each', () => {
  assert.ok(vectors.some(({ error }) => error === undefined));
  assert.ok(vectors.some(({ error }) => error !== undefined));
  assert.equal(Object.keys(answers).length, vectors.length);
});

test('Python reads the same claims in every good passport', () => {
  for (const { name, claims } of vectors) {
    if (claims === undefined) continue;
    const read = answers[name];
    assert.ok(read, `refused: ${name}`);
    // Ours leaves out members that it does not know.
    assert.partialDeepStrictEqual(read, claims, name);
  }
});

test('Python refuses every bad passport', () => {
  const accepted = vectors.filter(
    ({ name, error }) => error !== undefined && answers[name] !== null,
  );
  assert.deepEqual(accepted, []);
});
