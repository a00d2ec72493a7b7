// What docs/guides/verify-tokens.md shows compiles, with the packed package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Outside, packOutside } from './support/installed.ts';
import { createProject, type Project } from './support/project.ts';

const GUIDE = new URL('../../docs/guides/verify-tokens.md', import.meta.url);

/** What a piece of the guide takes for granted, if it does not say it itself. */
const GRANTED = `
import type * as tokens from '@gatehouse/tokens';
declare global {
  const [issuer, audience, token]: readonly [string, string, string];
  const keys: tokens.KeySource;
  const verifier: tokens.Verifier<tokens.AccessTokenClaims>;
  const createAccessTokenVerifier: typeof tokens.createAccessTokenVerifier;
  const createDiscoveredKeySet: typeof tokens.createDiscoveredKeySet;
  const createJwtVerifier: typeof tokens.createJwtVerifier;
  const createRemoteKeySet: typeof tokens.createRemoteKeySet;
}
`;

let outside: Outside;
let project: Project;

before(async () => {
  outside = await packOutside();
  project = await createProject(outside);
});
after(async () => await outside?.remove());

/** The blocks of code; of those that compare, our half. */
const pieces = [...readFileSync(GUIDE, 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = '']) => code.split('// after\n').at(-1) ?? '',
);

test('each piece of code compiles', async () => {
  assert.ok(pieces.length >= 6);
  const files = pieces.map((code, at) => [`piece${at + 1}.ts`, `${code}\nexport {};\n`]);
  const sources = { ...Object.fromEntries(files), 'granted.ts': GRANTED };
  const options = { module: 'nodenext', types: ['node'], skipLibCheck: true };
  await project.compile(sources, options);
});
