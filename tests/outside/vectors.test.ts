/** The published vectors, read by verifiers in Python that share nothing with ours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tool } from './support/tool.ts';

interface Vector {
  readonly name: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

type Answers = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

const PYTHON = new URL('../../.cache/python/bin/python', import.meta.url).pathname;

for (const [file, reader] of [
  ['passports', 'read_passports.py'],
  ['access-tokens', 'read_issued_tokens.py'],
  ['service-tokens', 'read_issued_tokens.py'],
] as const) {
  const input = readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8');
  const { vectors } = JSON.parse(input) as { vectors: readonly Vector[] };
  // -B: no compiled files beside the sources.
  const script = new URL(reader, import.meta.url).pathname;
  const said = await tool(PYTHON, ['-B', script], { input });
  assert.equal(said.exitCode, 0, said.stderr);
  const answers: Answers = JSON.parse(said.stdout.toString());

  test(`${file}: there are good and bad vectors, and an answer for each`, () => {
    assert.ok(vectors.some(({ error }) => error === undefined));
    assert.ok(vectors.some(({ error }) => error !== undefined));
    assert.equal(Object.keys(answers).length, vectors.length);
  });

  test(`${file}: Python reads the same claims in every good token`, () => {
    for (const { name, claims } of vectors) {
      if (claims === undefined) continue;
      const read = answers[name];
      assert.ok(read, `refused: ${name}`);
      // Ours leaves out members that it does not know.
      assert.partialDeepStrictEqual(read, claims, name);
    }
  });

  test(`${file}: Python refuses every bad token`, () => {
    const accepted = vectors
      .filter(({ name, error }) => error !== undefined && answers[name] !== null)
      .map(({ name }) => name);
    assert.deepEqual(accepted, []);
  });
}
