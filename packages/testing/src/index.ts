/** What tests of every package and service share. Imported by `*.test.ts` alone. */
export { startTestPostgres, type TestPostgres } from './postgres.ts';
