/** The story of the tour: one person, from sign-up to a post that is read twice. */
import { randomBytes } from 'node:crypto';
import { PlatformError } from '@gatehouse/platform';
import { drawWay } from './draw.ts';
import { type Asked, type Edge, memberOf } from './edge.ts';
import { heading, type Line, paragraph } from './page.ts';
import { attribute, type Hop, isHop, readWay } from './traces.ts';

/** What the acts of the tour share. */
export interface Stage {
  readonly edge: Edge;
  readonly tracesUrl: string;
  readonly signal: AbortSignal;
  show(lines: readonly Line[]): void;
}

/** Whom the story left behind, for the refusals. */
export interface Person {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
  /** A post of theirs. */
  readonly postPath: string;
}

/** Plays the four requests that are allowed. @throws PlatformError when one is refused. */
export async function playStory(stage: Stage): Promise<Person> {
  const email = `tour-${randomBytes(5).toString('hex')}@example.com`;
  const password = randomBytes(18).toString('base64url');

  await act(stage, {
    title: '1  Ada signs up',
    why: 'Nobody is signed in yet. The gateway mints an anonymous passport that is good for this one method. Auth then calls user, in its own name.',
    line: 'POST /auth/v1/sign-up',
    asked: { body: { email, password, nickname: 'Ada' } },
  });
  const login = await act(stage, {
    title: '2  She logs in',
    why: 'Auth checks the password and signs an access token, which only the edge accepts.',
    line: 'POST /auth/v1/login',
    asked: { body: { email, password } },
  });
  const token = memberOf(login, 'accessToken');
  const post = await act(stage, {
    title: '3  She posts',
    why: 'The gateway checks her token without asking anyone, decides by the contract’s rule, and replaces the token by a passport: fewer scopes, a minute at most, for inside only. The board checks all of it again.',
    line: 'POST /board/v1/posts',
    asked: { token, body: { title: 'Hello', body: 'From the tour.' } },
  });
  const postPath = `/board/v1/posts/${memberOf(post, 'postId')}`;
  await readTwice(stage, { line: `GET ${postPath}`, token });
  const refreshToken = memberOf(login, 'refreshToken');
  return { email, password, token, refreshToken, postPath };
}

interface Act {
  readonly title: string;
  readonly why: string;
  readonly line: string;
  readonly asked: Asked;
}

async function act(stage: Stage, { title, why, line, asked }: Act) {
  const answer = await stage.edge(line, asked);
  const way = await seen(stage, answer.traceId);
  const { token } = asked;
  const drawing = { line, answer, way, ...(token === undefined ? {} : { token }) };
  stage.show([[''], heading(title), ...paragraph(why), [''], ...drawWay(drawing)]);
  return answer;
}

/** Reading changes nothing, so two readings within ten seconds may share one passport. */
async function readTwice(stage: Stage, { line, token }: { line: string; token: string }) {
  const first = await stage.edge(line, { token });
  const second = await stage.edge(line, { token });
  const [before, after] = [await seen(stage, first.traceId), await seen(stage, second.traceId)];
  const [txnBefore, txnAfter] = [transactionOf(before), transactionOf(after)];
  const shared = txnBefore === txnAfter;
  stage.show([
    [''],
    heading('4  She reads it, twice'),
    ...paragraph(
      'Reading changes nothing, so GETs of one token, method and address share a passport for ten seconds at most. Here is the second; the trace tells the two apart.',
    ),
    [''],
    ...drawWay({ line, token, answer: second, way: after }),
    [''],
    ...paragraph(
      shared
        ? `The same passport as the first: txn ${txnAfter}.`
        : `Each had a passport of its own: ${txnBefore} and ${txnAfter}.`,
    ),
  ]);
}

async function seen({ tracesUrl, signal }: Stage, traceId: string): Promise<Hop> {
  const way = await readWay(tracesUrl, traceId, signal);
  if (way !== undefined) return way;
  throw new PlatformError(
    `The spans of the request ${traceId} did not come.`,
    `They are kept at ${tracesUrl}/traces. On a machine that is very busy, take the tour again.`,
  );
}

function transactionOf({ steps }: Hop): string {
  const inner = steps.find(isHop);
  return inner === undefined ? '' : attribute(inner.span, 'gatehouse.passport_txn');
}
