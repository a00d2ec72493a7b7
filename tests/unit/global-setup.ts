/** Global setup of the unit tests: one Postgres, in which each file makes databases of its own. */
import { sharePostgres } from '@gatehouse/testing';

let close: (() => Promise<void>) | undefined;

export async function globalSetup(): Promise<void> {
  close = await sharePostgres();
}

export async function globalTeardown(): Promise<void> {
  await close?.();
}
