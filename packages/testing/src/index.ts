/** What tests of every package and service share. Imported by `*.test.ts` alone. */
export {
  createTestAuthority,
  type TestAuthority,
  type TestCertificate,
  type TestCertificateOptions,
  type TestName,
} from './authority.ts';
export { createTestClock, type TestClock } from './clock.ts';
export type { TestPostgres } from './databases.ts';
export { createTestIssuer, type TestIssuer, type TestPassportGate } from './issuer.ts';
export { type OwnTestPostgres, startOwnTestPostgres } from './postgres.ts';
export {
  implementPartly,
  startTestService,
  type TestService,
  type TestServiceOptions,
} from './service.ts';
export { sharePostgres, startTestPostgres } from './shared-postgres.ts';
