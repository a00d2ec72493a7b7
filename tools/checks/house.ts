/**
 * Who imports whom, by the rules of .dependency-cruiser.mjs, and proof that every module of ours
 * was looked at: with a compiler that it cannot use, dependency-cruiser cruises nothing and passes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bin, ROOT, run, type Verdict } from './command.ts';
import { CODE_FOLDERS, typeScriptFiles } from './files.ts';

/** One forbidden import. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What a cruise found. */
export interface Cruise {
  readonly violations: readonly Violation[];
  /** Files that were not cruised, though they are ours. */
  readonly missed: readonly string[];
  readonly moduleCount: number;
}

interface CruiseReport {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

/**
 * Cruises the project, or a model of it in another folder.
 *
 * @param root - must hold a tsconfig.json.
 * @throws Error when dependency-cruiser could not do its work.
 */
export async function cruise(root: string = ROOT): Promise<Cruise> {
  const config = `${ROOT}.dependency-cruiser.mjs`;
  const folders = CODE_FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const args = ['--config', config, '--output-type', 'json', ...folders];
  const { stdout, stderr } = await run(bin('depcruise'), args, { cwd: root });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${stderr}${stdout}`);
  const report = JSON.parse(stdout) as CruiseReport;
  const cruised = new Set(report.modules.map(({ source }) => source));
  const ours = typeScriptFiles(root);
  return {
    violations: report.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
    })),
    missed: ours.filter((path) => !cruised.has(path)),
    moduleCount: ours.length,
  };
}

/** The house of the whole project. */
export async function checkHouse(): Promise<Verdict> {
  const { violations, missed, moduleCount } = await cruise();
  const lines = [
    ...violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`),
    ...missed.map((path) => `not cruised: ${path}`),
  ];
  const ok = lines.length === 0 && moduleCount > 0;
  return { ok, output: lines.join('\n'), note: `${moduleCount - missed.length} modules cruised` };
}
