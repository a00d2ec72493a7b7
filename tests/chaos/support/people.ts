/** People whose tokens are young: each is refreshed all the time, as many people's are. */
import { setTimeout as delay } from 'node:timers/promises';
import { target } from '../../e2e/support/config.ts';
import { logIn, refresh, signUp } from '../../e2e/support/people.ts';
import { type Load, type LoadRequest, startLoad } from '../../support/load.ts';
import { REQUESTS_PER_SECOND } from './traffic.ts';

const PEOPLE = 8;
const REFRESH_PAUSE_MS = 500;
const ONE_IN_SO_MANY_WRITES = 30;

export interface People {
  /** The newest token of one of them, in turn. */
  token(index: number): string;
  /** Refreshes that did not succeed. */
  readonly failures: readonly string[];
  /** Refreshes one of them now. @returns its new token. */
  stop(): Promise<void>;
}

/** @param onToken - told of each token as soon as it is there. */
export async function refreshingPeople(onToken: (token: string) => void): Promise<People> {
  const stopping = new AbortController();
  const failures: string[] = [];
  const sessions = await Promise.all(
    Array.from({ length: PEOPLE }, async () => logIn(await signUp())),
  );
  const tokens = sessions.map(({ accessToken }) => accessToken);
  const keepFresh = async (index: number): Promise<void> => {
    let refreshToken = sessions[index]?.refreshToken ?? '';
    while (!stopping.signal.aborted) {
      const answer = await refresh(refreshToken).catch((error: unknown) => String(error));
      if (typeof answer === 'string' || answer.status !== 200) {
        failures.push(typeof answer === 'string' ? answer : `${answer.status} ${answer.text}`);
      } else {
        refreshToken = answer.body.refreshToken;
        tokens[index] = answer.body.accessToken;
        onToken(answer.body.accessToken);
      }
      await delay(REFRESH_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const loops = sessions.map((_session, index) => keepFresh(index));
  return {
    token: (index) => tokens[index % PEOPLE] ?? '',
    failures,
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** 300 requests a second with their newest tokens: reads of board and user, and some posts. */
export function trafficOf(people: Pick<People, 'token'>): Load {
  const body = { title: 'While keys change', body: 'Nobody notices.' };
  const requests: readonly Omit<LoadRequest, 'token'>[] = [
    { name: 'read posts', verb: 'GET', path: '/board/v1/posts?pageSize=2' },
    { name: 'read me', verb: 'GET', path: '/user/v1/users/me' },
  ];
  const write = { name: 'write post', verb: 'POST', path: '/board/v1/posts', body };
  return startLoad({
    baseUrl: target().edges[0],
    perSecond: REQUESTS_PER_SECOND,
    next: (index) => {
      const read = requests[index % requests.length] ?? write;
      const isWrite = index % ONE_IN_SO_MANY_WRITES === 0;
      return { ...(isWrite ? write : read), token: people.token(index) };
    },
  });
}
