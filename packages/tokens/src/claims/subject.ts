/** The forms of `sub`, and the names inside a trust domain. */

/** Highest authentication level that a token can state. */
export const MAX_LEVEL = 255;

const PERSON = /^usr_[A-Za-z0-9_-]{1,124}$/;
const PERSON_PREFIX = 'usr_';
const ANONYMOUS_PREFIX = 'anonymous:';
// SPIFFE-ID, sections 2.1 and 2.2: no empty, `.` or `..` segment.
const SPIFFE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;

/** `usr_…`. */
export function isPerson(sub: string): boolean {
  return PERSON.test(sub);
}

/** What may be the subject of a service token: a client, never a person or an anonymous caller. */
export function isWorkloadClient(sub: string): boolean {
  return !sub.startsWith(PERSON_PREFIX) && !sub.startsWith(ANONYMOUS_PREFIX);
}

/** The subject of a passport for nobody known, which is tied to its transaction. */
export function anonymousSubject(txn: string): string {
  return `${ANONYMOUS_PREFIX}${txn}`;
}

/** Whether it is `spiffe://<trustDomain>/<path>`. */
export function isWorkloadOf(trustDomain: string, id: string): boolean {
  const root = `spiffe://${trustDomain}`;
  return id.startsWith(root) && SPIFFE_PATH.test(id.slice(root.length));
}

/** The auth service of a trust domain, which alone may sign for workloads. */
export function authIdentity(trustDomain: string): string {
  return `spiffe://${trustDomain}/auth`;
}
