/** The issuers of a standalone gateway. */
import type { IssuerInFile } from './file-types.ts';
import type { OpenFile } from './open-file.ts';
import { below, type Report } from './report.ts';
import { milliseconds } from './units.ts';

/** Where the keys of an issuer are. */
export type KeysFrom =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** Whose tokens are taken, and what they mean. */
export interface IssuerSettings {
  /** The `iss`, character by character. */
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeysFrom;
  /** `typ`s of the header; `''`: without one. */
  readonly tokenTypes: readonly string[];
  /** Claims that must have this very text. */
  readonly require: Readonly<Record<string, string>>;
  /** Ways to claims, the first that is there counts. */
  readonly scopeClaims: readonly ClaimPath[];
  /** All of these together. */
  readonly rolesClaims: readonly ClaimPath[];
  /** Empty where there is one issuer and it says none. */
  readonly subjectPrefix: string;
  /** Value of `acr` to level. */
  readonly authLevels: ReadonlyMap<string, number>;
  /** From `iat`. Undefined: its `exp` alone. */
  readonly maxAgeMs: number | undefined;
  /** Undefined: not said. */
  readonly scopes: readonly string[] | undefined;
}

/** Names of members, from the outside in. */
export type ClaimPath = readonly string[];

const TYPES: Readonly<Record<string, string>> = { none: '' };

/** Reads every issuer whose shape is right. */
export function readIssuers(file: OpenFile): readonly IssuerSettings[] {
  const steps = file.steps('issuers');
  const issuers = steps.flatMap((step): IssuerSettings[] => {
    const said = file.member('issuers', step);
    if (said === undefined) return [];
    const report = below(file.report, 'issuers', step);
    if (steps.length > 1 && said.subject_prefix === undefined) {
      report.add(
        ['issuer'],
        'With more than one issuer each needs a "subject_prefix", or two people could be taken for one.',
      );
    }
    return [readIssuer(said, file, report)];
  });
  checkTwice(issuers, file.report);
  return issuers;
}

function readIssuer(said: IssuerInFile, file: OpenFile, report: Report): IssuerSettings {
  const fault = urlFault(said.issuer);
  if (fault !== undefined) report.add(['issuer'], fault);
  return {
    issuer: said.issuer,
    audience: said.audience,
    keys: keysFrom(said, file, report),
    tokenTypes: said.token_types.map((type) => TYPES[type] ?? type),
    require: said.require,
    scopeClaims: [said.scope_claim].flat().map(claimPath),
    rolesClaims: [said.roles_claim].flat().map(claimPath),
    subjectPrefix: said.subject_prefix ?? '',
    authLevels: new Map(Object.entries(said.auth_levels)),
    maxAgeMs: maxAge(said, report),
    scopes: said.scopes === undefined ? undefined : [said.scopes].flat(),
  };
}

function keysFrom(said: IssuerInFile, file: OpenFile, report: Report): KeysFrom {
  const { jwks_uri: url, key_file: path } = said;
  if (url !== undefined && path !== undefined) {
    report.add(['key_file'], '"jwks_uri" and "key_file" exclude each other.');
  }
  if (url !== undefined) {
    const fault = urlFault(url);
    if (fault !== undefined) report.add(['jwks_uri'], fault);
    return { kind: 'url', url };
  }
  if (path === undefined) return { kind: 'discovery' };
  const resolved = file.files.resolve(path);
  const fault = file.files.keySetFault(resolved);
  if (fault !== undefined) report.add(['key_file'], fault);
  return { kind: 'file', path: resolved };
}

/** Why keys cannot be fetched by a URL; see `createRemoteKeySet`. */
function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return `"${text}" is not a URL such as https://login.example.`;
  if (url.username !== '' || url.password !== '') return 'A URL here holds no password.';
  if (/[?#]/.test(text)) return 'A URL here has no query and no fragment.';
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return undefined;
  return 'Keys are fetched over https, or over http from this machine: else anybody could give them.';
}

/** `realm_access.roles` reaches inside; a name that is a URL is one name. */
function claimPath(text: string): ClaimPath {
  return /^https?:\/\//.test(text) ? [text] : text.split('.');
}

function maxAge(said: IssuerInFile, report: Report): number | undefined {
  if (said.max_age === undefined) return undefined;
  const ms = milliseconds(said.max_age);
  if (ms < 1000) report.add(['max_age'], '"max_age" is 1s at least.');
  return ms;
}

function checkTwice(issuers: readonly IssuerSettings[], report: Report): void {
  const seen = new Map<string, string>();
  const prefixes = new Map<string, string>();
  for (const [index, { issuer, subjectPrefix }] of issuers.entries()) {
    if (seen.has(issuer)) report.add(['issuers', index, 'issuer'], 'This issuer is listed twice.');
    const other = prefixes.get(subjectPrefix);
    if (subjectPrefix !== '' && other !== undefined) {
      const message = `"${subjectPrefix}" is used by ${other} already.`;
      report.add(['issuers', index, 'subject_prefix'], message);
    }
    seen.set(issuer, issuer);
    prefixes.set(subjectPrefix, issuer);
  }
}
