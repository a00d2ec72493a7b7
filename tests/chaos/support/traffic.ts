/** What signed-in people do all the time: mostly read, sometimes write. */
import assert from 'node:assert/strict';
import { target } from '../../e2e/support/config.ts';
import { call } from '../../e2e/support/edge.ts';
import { logIn, type Person, signUp } from '../../e2e/support/people.ts';
import {
  type Load,
  type LoadRequest,
  type LoadResult,
  startLoad,
  tally,
} from '../../support/load.ts';

/** The load under which accidents happen. */
export const REQUESTS_PER_SECOND = 300;

const ONE_IN_SO_MANY_WRITES = 30;

export interface Visitor {
  readonly person: Person;
  readonly token: string;
  readonly postId: string;
}

/** A person with a session and a post. */
export async function visitor(): Promise<Visitor> {
  const person = await signUp();
  const { accessToken: token } = await logIn(person);
  const body = { title: 'Before the storm', body: 'It is still here.' };
  const post = await call<{ postId: string }>('POST /board/v1/posts', { token, body });
  assert.equal(post.status, 201, post.text);
  return { person, token, postId: post.body.postId };
}

/** Signed-in requests to user and board; `writes: false` leaves the unsafe ones out. */
export function traffic(
  { token, postId }: Visitor,
  { writes = true }: { readonly writes?: boolean } = {},
): Load {
  const reads: readonly LoadRequest[] = [
    { name: 'read posts', verb: 'GET', path: '/board/v1/posts?pageSize=2', token },
    { name: 'read me', verb: 'GET', path: '/user/v1/users/me', token },
    { name: 'read post', verb: 'GET', path: `/board/v1/posts/${postId}`, token },
  ];
  const body = { title: 'In the storm', body: 'Written while things broke.' };
  const write = { name: 'write post', verb: 'POST', path: '/board/v1/posts', token, body };
  return startLoad({
    baseUrl: target().edges[0],
    perSecond: REQUESTS_PER_SECOND,
    next: (index) => {
      if (writes && index % ONE_IN_SO_MANY_WRITES === 0) return write;
      return reads[index % reads.length] ?? write;
    },
  });
}

/** Those whose status is none of the given. */
export function unlike(
  results: readonly LoadResult[],
  ...statuses: readonly number[]
): Readonly<Record<string, number>> {
  return tally(results.filter(({ status }) => !statuses.includes(status)));
}
