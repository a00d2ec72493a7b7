/** What tests of every package and service share. Imported by `*.test.ts` alone. */
export {
  createTestAuthority,
  type TestAuthority,
  type TestCertificate,
  type TestCertificateOptions,
  type TestName,
} from './authority.ts';
export { createTestClock, type TestClock } from './clock.ts';
export { createTestIssuer, type TestIssuer, type TestPassportGate } from './issuer.ts';
export { keySourceSuite, type MakeKeySource, type SuiteKeys } from './key-source-suite.ts';
export type { TestPostgres } from './postgres/databases.ts';
export { type OwnTestPostgres, startOwnTestPostgres } from './postgres/own.ts';
export { sharePostgres, startTestPostgres } from './postgres/shared.ts';
export {
  implementPartly,
  startTestService,
  type TestService,
  type TestServiceOptions,
} from './service/start.ts';
export {
  type ServiceUnderTest,
  type ServiceUnderTestOptions,
  startServiceUnderTest,
} from './service/under-test.ts';
