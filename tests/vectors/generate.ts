/**
 * Regenerates the vectors: `node tests/vectors/generate.ts`, then `npm run format`. The keys are made
 * here and forgotten; only their public halves are written, so the vectors can be checked but never
 * added to.
 */
import { writeFileSync } from 'node:fs';
import { accessTokens, serviceTokens } from './issued-tokens.ts';
import { passports } from './passports.ts';

const NOTE =
  'TEST ONLY. Made by generate.ts; the private keys are gone. README.md says how to use it.';

for (const [name, content] of Object.entries({
  passports,
  'access-tokens': accessTokens,
  'service-tokens': serviceTokens,
})) {
  const path = new URL(`${name}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify({ note: NOTE, ...content }, null, 2)}\n`);
}
