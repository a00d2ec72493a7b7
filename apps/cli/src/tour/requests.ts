/** The allowed requests of the tour: one person, from sign-up to a post that is read twice. */
import { randomBytes } from 'node:crypto';
import { PlatformError } from '@gatehouse/platform';
import { drawPath } from './draw.ts';
import { type Edge, type EdgeRequest, memberOf } from './edge.ts';
import { heading, type Line, paragraph } from './page.ts';
import { attribute, type Hop, isHop, readPath } from './traces.ts';

/** What all steps of the tour share. */
export interface Stage {
  readonly edge: Edge;
  readonly tracesUrl: string;
  readonly signal: AbortSignal;
  show(lines: readonly Line[]): void;
}

/** The person who made the allowed requests, for the denied ones. */
export interface Person {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
  /** A post of theirs. */
  readonly postPath: string;
}

/** Sends and shows four requests that are allowed. @throws PlatformError when one fails. */
export async function showAllowed(stage: Stage): Promise<Person> {
  const email = `tour-${randomBytes(5).toString('hex')}@example.com`;
  const password = randomBytes(18).toString('base64url');

  await step(stage, {
    title: '1  Ada signs up',
    why: 'Nobody is signed in yet. The gateway mints an anonymous passport, valid for this one method. Auth then calls user, in its own name.',
    line: 'POST /auth/v1/sign-up',
    request: { body: { email, password, nickname: 'Ada' } },
  });
  const login = await step(stage, {
    title: '2  She logs in',
    why: 'Auth checks the password and signs an access token, which only the edge accepts.',
    line: 'POST /auth/v1/login',
    request: { body: { email, password } },
  });
  const token = memberOf(login, 'accessToken');
  const post = await step(stage, {
    title: '3  She posts',
    why: 'The gateway checks her token without asking anyone, decides by the contract’s rule, and replaces the token by a passport: fewer scopes, a minute at most, for inside only. The board checks all of it again.',
    line: 'POST /board/v1/posts',
    request: { token, body: { title: 'Hello', body: 'From the tour.' } },
  });
  const postPath = `/board/v1/posts/${memberOf(post, 'postId')}`;
  await readTwice(stage, { line: `GET ${postPath}`, token });
  const refreshToken = memberOf(login, 'refreshToken');
  return { email, password, token, refreshToken, postPath };
}

interface Step {
  readonly title: string;
  readonly why: string;
  readonly line: string;
  readonly request: EdgeRequest;
}

async function step(stage: Stage, { title, why, line, request }: Step) {
  const response = await stage.edge(line, request);
  const path = await pathOf(stage, response.traceId);
  const { token } = request;
  const drawing = { line, response, path, ...(token === undefined ? {} : { token }) };
  stage.show([[''], heading(title), ...paragraph(why), [''], ...drawPath(drawing)]);
  return response;
}

/** Two reads within ten seconds may share one passport. */
async function readTwice(stage: Stage, { line, token }: { line: string; token: string }) {
  const first = await stage.edge(line, { token });
  const second = await stage.edge(line, { token });
  const [before, after] = [await pathOf(stage, first.traceId), await pathOf(stage, second.traceId)];
  const [txnBefore, txnAfter] = [transactionOf(before), transactionOf(after)];
  const shared = txnBefore === txnAfter;
  stage.show([
    [''],
    heading('4  She reads it, twice'),
    ...paragraph(
      'Reading changes nothing, so GETs of one token, method and address share a passport for ten seconds at most. Here is the second; the trace tells the two apart.',
    ),
    [''],
    ...drawPath({ line, token, response: second, path: after }),
    [''],
    ...paragraph(
      shared
        ? `The same passport as the first: txn ${txnAfter}.`
        : `Each had a passport of its own: ${txnBefore} and ${txnAfter}.`,
    ),
  ]);
}

async function pathOf({ tracesUrl, signal }: Stage, traceId: string): Promise<Hop> {
  const path = await readPath(tracesUrl, traceId, signal);
  if (path !== undefined) return path;
  throw new PlatformError(
    `The spans of the request ${traceId} are incomplete.`,
    `See ${tracesUrl}/traces. On a busy machine, take the tour again.`,
  );
}

function transactionOf({ steps }: Hop): string {
  const inner = steps.find(isHop);
  return inner === undefined ? '' : attribute(inner.span, 'gatehouse.passport_txn');
}
