/** `gateway.yaml` from its text. */
import type { MethodContract } from '@gatehouse/contracts';
import type { RouteSet } from '../route/route.ts';
import type { ReadingFiles } from './named-files.ts';
import { openFile, type Reading } from './open-file.ts';
import { readRoutes } from './read-routes.ts';
import { readStandalone, type StandaloneSettings } from './read-standalone.ts';

/** Where a standalone gateway publishes the keys of its passports. */
export const PASSPORT_KEYS_PATH = '/.well-known/txn-jwks.json';

/** Everything that a standalone gateway is told. */
export interface StandaloneFile extends StandaloneSettings {
  readonly routes: RouteSet;
}

/**
 * Reads the file of a standalone gateway. Never throws for what a file says; all that is wrong with
 * it comes at once.
 *
 * Not checked: whether upstreams and issuers can be reached.
 */
export function readStandaloneFile(text: string, files: ReadingFiles): Reading<StandaloneFile> {
  const file = openFile(text, 'standalone', files);
  const by = 'the gateway itself';
  const taken = ['GET', 'HEAD'].map((verb) => ({ verb, template: PASSPORT_KEYS_PATH, by }));
  const routes = readRoutes(file, taken);
  const settings = readStandalone(file, routes.placed);
  const problems = file.problems();
  if (problems.length > 0 || settings === undefined) return { ok: false, problems };
  return { ok: true, value: { ...settings, routes: routes.set } };
}

/**
 * Reads the file of a platform's gateway, which has upstreams and routes and nothing else.
 *
 * @param contracts - whose paths the file may not claim; where one is wider, the contract's wins.
 */
export function readPlatformFile(
  text: string,
  {
    files,
    contracts,
  }: { readonly files: ReadingFiles; readonly contracts: readonly MethodContract[] },
): Reading<RouteSet> {
  const file = openFile(text, 'platform', files);
  const taken = contracts.flatMap(({ http, id }) =>
    http === undefined ? [] : [{ verb: http.verb, template: http.template, by: id }],
  );
  const routes = readRoutes(file, taken);
  const problems = file.problems();
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: routes.set };
}
