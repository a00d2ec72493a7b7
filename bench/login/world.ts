/** The platform that log-ins are measured on: one for all subjects. */
import { post } from '../harness/edge.ts';
import { type Account, startBenchPlatform } from '../harness/platform.ts';
import { shared } from '../harness/shared.ts';

export interface World {
  readonly edge: string;
  /** Who logs in, in turn. */
  readonly people: readonly Account[];
  /** The session of another person, for the other requests. */
  readonly token: string;
  authCpuSeconds(): number;
  close(): Promise<void>;
}

const PEOPLE = 8;

export const openWorld = shared(async (): Promise<World> => {
  const { edge, authCpuSeconds, signUp, close } = await startBenchPlatform();
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) => signUp(`person${index}`)),
  );
  const other = await signUp('other');
  const { accessToken } = await post<{ accessToken: string }>(`${edge}/auth/v1/login`, other);
  return { edge, people, token: accessToken, authCpuSeconds, close };
});
