/** The page docs/security/attack-matrix.md, made of the attacks, the tests' names and the matrix. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTACKS, type Attack } from './attacks.ts';
import { contestants } from './contestants.ts';
import { GOOD, type Matrix, type Score } from './matrix.ts';

const TOKENS = 'packages/tokens/src';
const ROOT = new URL('../../', import.meta.url).pathname;

const INTRODUCTION = `# Attack matrix

Every published attack on verifiers of tokens, the test that names it, and what others make of it.
Made by \`node tools/attack-matrix.mjs\` from the tests' names and the vectors in tests/vectors;
\`npm run check\` compares.`;

const LEGEND = `The numbers say how many of an attack's vectors were **accepted**: 0 is what you want. Each library is given
all that it can be told: the keys, one algorithm, issuer, audience, kind, time and the claims that must be
there. A vector that is accepted is not always a hole: the RFCs allow members twice, unknown headers, and
other spellings; whoever reads a token a second time, with another parser, may see another token then.
\`cnf\` accepted means that a token bound to somebody's key works for everybody.

Good tokens that the others refuse have \`nbf\` five seconds ahead: their tolerance for clocks would hold for \`exp\`
too, so it is off here.`;

/**
 * @throws Error when an attack has no test, or names one that is not there, or a vector an attack
 *   that is not listed.
 */
export function pageOf(matrix: Matrix, versions: ReadonlyMap<string, string>): string {
  const known = testNames();
  const names = contestants.map(({ name }) => name);
  for (const attack of matrix.keys()) {
    if (attack !== GOOD && !ATTACKS.some(({ name }) => name === attack)) {
      throw new Error(`no attack is called ${attack}`);
    }
  }
  const columns = names.map((name) => `${name} ${versions.get(name) ?? ''}`.trim());
  const good = `| good tokens (all should be accepted) | ${scores(matrix, GOOD, names)} |`;
  return [
    INTRODUCTION,
    '## Who accepts what',
    LEGEND,
    [
      `| Attack | ${columns.join(' | ')} |`,
      `| --- | ${columns.map(() => '---').join(' | ')} |`,
      good,
      ...ATTACKS.filter(({ name }) => matrix.has(name)).map(
        ({ name }) => `| ${name} | ${scores(matrix, name, names)} |`,
      ),
    ].join('\n'),
    '## The tests',
    'All of them run in `npm test`, and all of them refuse. Files are below `packages/tokens/src`.',
    [
      '| Attack | Published | Tests |',
      '| --- | --- | --- |',
      ...ATTACKS.map((attack) => testRow(attack, known)),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function scores(matrix: Matrix, attack: string, names: readonly string[]): string {
  return names.map((name) => shown(matrix.get(attack)?.get(name))).join(' | ');
}

function shown(score: Score | undefined): string {
  return score === undefined ? '–' : `${score.accepted} of ${score.of}`;
}

function testRow({ name, source, tests }: Attack, known: ReadonlyMap<string, string>): string {
  if (tests.length === 0) throw new Error(`no test names ${name}`);
  const cells = tests.map((test) => {
    const file = known.get(test);
    if (file === undefined) throw new Error(`${name}: there is no test called: ${test}`);
    return `${test.replaceAll('|', '\\|')} (\`${file}\`)`;
  });
  return `| ${name} | ${source} | ${cells.join('<br>')} |`;
}

/** Files by the names of the tests in them. */
function testNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const file of readdirSync(join(ROOT, TOKENS), {
    recursive: true,
    encoding: 'utf8',
  }).sort()) {
    if (!file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(ROOT, TOKENS, file), 'utf8');
    for (const [, , name = ''] of text.matchAll(/\btest\(\s*(['"`])((?:(?!\1).)+)\1/g)) {
      names.set(name, file);
    }
  }
  return names;
}
