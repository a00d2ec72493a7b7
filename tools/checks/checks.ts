import { checkByCommand, type Verdict } from './command.ts';
import { checkBreaking, checkGenerated, checkProtoLint } from './contracts.ts';
import { checkHouse } from './house.ts';
import { checkLicences } from './licences.ts';
import { checkSecrets } from './secrets.ts';
import { checkSource } from './source.ts';
import { checkWords } from './words.ts';

/** One line of `npm run check`. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Verdict>;
}

/** All static checks, slowest first, since several run at a time. */
export const CHECKS: readonly Check[] = [
  { name: 'generated', run: checkGenerated },
  { name: 'secrets', run: checkSecrets },
  { name: 'unused', run: () => checkByCommand('knip', ['--no-progress']) },
  { name: 'promises', run: () => checkByCommand('oxlint', ['--type-aware', '--deny-warnings']) },
  { name: 'types', run: () => checkByCommand('tsc', ['--noEmit']) },
  { name: 'house', run: checkHouse },
  { name: 'format-and-lint', run: () => checkByCommand('biome', ['ci', '--colors=off']) },
  { name: 'source-rules', run: checkSource },
  { name: 'words', run: checkWords },
  {
    name: 'attack-matrix',
    run: () => checkByCommand('node', ['tools/attack-matrix.mjs', '--check']),
  },
  {
    name: 'published-attacks',
    run: () => checkByCommand('node', ['tools/published-attacks.mjs', '--check']),
  },
  { name: 'proto-lint', run: checkProtoLint },
  { name: 'proto-breaking', run: checkBreaking },
  { name: 'licences', run: checkLicences },
];
