/** Which licences stand in what we ship, and in what we build with. Read from the lock file. */
import { readFileSync } from 'node:fs';
import { ROOT, type Verdict } from './command.ts';

// May be shipped: they ask for a notice at most.
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Unlicense',
]);

// May be used to build and test; nothing of it reaches a user.
const BUILD_ONLY = new Set(['Artistic-2.0', 'CC-BY-3.0', 'CC-BY-4.0', 'Python-2.0', 'WTFPL']);

const OUR_LICENCE = 'Apache-2.0';

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** The part of package-lock.json that matters here. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * What is wrong with the licences of a lock file.
 *
 * @returns a line per package at fault; empty when all is well.
 */
export function licenceFaults(lock: Lock): readonly string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    if (entry.link === true) return [];
    if (!path.includes('node_modules/')) return faultOfOurs(path, entry);
    const allowed = isAllowed(entry.license ?? '', entry.dev === true);
    return allowed ? [] : [`${path}: licence ${entry.license ?? 'not named'} is not on the list`];
  });
}

/** The licences of everything in the lock file. */
export async function checkLicences(): Promise<Verdict> {
  const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as Lock;
  const faults = licenceFaults(lock);
  const count = Object.keys(lock.packages).length;
  return {
    ok: faults.length === 0 && count > 0,
    output: faults.join('\n'),
    note: `${count} packages`,
  };
}

function faultOfOurs(path: string, { license }: LockedPackage): string[] {
  if (license === OUR_LICENCE) return [];
  return [`${path === '' ? 'package.json' : path}: our own licence is ${OUR_LICENCE}`];
}

// SPDX expressions as npm has them: one name, or names joined by OR or AND, in brackets or not.
function isAllowed(expression: string, isBuildOnly: boolean): boolean {
  const names = expression.replace(/^\((.*)\)$/, '$1').split(/ (?:OR|AND) /);
  const isGood = (name: string): boolean =>
    PERMISSIVE.has(name) || (isBuildOnly && BUILD_ONLY.has(name));
  return / AND /.test(expression) ? names.every(isGood) : names.some(isGood);
}
