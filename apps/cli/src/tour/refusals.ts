/** What is refused, each with its reason: bad tokens, passports from outside, and the back door. */
import type { Signer } from '@gatehouse/tokens';
import { directCall } from './back-door.ts';
import { milliseconds, statusPiece } from './draw.ts';
import { type Answer, type Asked, memberOf } from './edge.ts';
import { altered, forged, passport, signedAgain, unsigned } from './forge.ts';
import { ends, heading, type Line, paragraph } from './page.ts';
import type { Person, Stage } from './story.ts';
import { attribute, type Hop, isHop, readWay, servicesOf } from './traces.ts';

interface Attempt {
  readonly name: string;
  readonly what: string;
  readonly asked: Asked;
}

const LINE = 'POST /board/v1/posts';
const BODY = { title: 'Hello', body: 'Let me in.' };

/** Plays the requests that are refused, and shows why each was. */
export async function playRefusals(
  stage: Stage,
  person: Person,
  own: { readonly authKey: Signer; readonly boardPort: number },
): Promise<void> {
  stage.show([
    [''],
    heading('5  And who is refused'),
    ...paragraph(
      `Each of these is ${LINE}, with one thing wrong. The client is told little; the reason is what the trace says.`,
    ),
  ]);
  const narrow = await stage.edge('POST /auth/v1/login', {
    body: { email: person.email, password: person.password, scope: 'board:read' },
  });
  const reader = memberOf(narrow, 'accessToken');
  const played: (Attempt & { readonly answer: Answer })[] = [];
  for (const attempt of attempts(person.token, own.authKey, reader)) {
    played.push({ ...attempt, answer: await stage.edge(LINE, attempt.asked) });
  }
  for (const { name, what, answer } of played) {
    stage.show([...verdict(name, answer), ...paragraph(what, 4), await reason(stage, answer)]);
  }
  stage.show(await directCall(own.boardPort));
  await playLogout(stage, person);
}

function attempts(token: string, authKey: Signer, reader: string): readonly Attempt[] {
  const now = Math.floor(Date.now() / 1000);
  const withToken = (name: string, what: string, bearer: string): Attempt => ({
    name,
    what,
    asked: { token: bearer, body: BODY },
  });
  return [
    { name: 'no token', what: 'Nothing says who asks.', asked: { body: BODY } },
    withToken('altered', 'Ada’s token, made an admin’s; the signature stays.', altered(token)),
    withToken('forged', 'Signed by somebody else’s key, which calls itself auth’s.', forged(token)),
    withToken('alg none', 'No signature at all, and a header that says so.', unsigned(token)),
    withToken(
      'expired',
      'Signed by auth’s own key; good until a minute ago.',
      signedAgain(token, authKey, { iat: now - 960, exp: now - 60 }),
    ),
    withToken(
      'wrong audience',
      'Signed by auth’s own key, for somebody else’s edge.',
      signedAgain(token, authKey, { aud: 'https://edge.example.com' }),
    ),
    withToken('wrong kind', 'A passport in the place of a token.', passport()),
    {
      name: 'from outside',
      what: 'A passport in the header that services read: the gateway removes it.',
      asked: { body: BODY, headers: { 'Txn-Token': passport() } },
    },
    withToken('narrow', 'A good token of a log-in that asked for board:read only.', reader),
  ];
}

function verdict(name: string, answer: Answer): readonly Line[] {
  const code: string = answer.text.startsWith('{') ? JSON.parse(answer.text).code : '';
  return [
    [''],
    ends(
      [' ', ['bold', name.padEnd(16)], statusPiece(answer.status), ` ${code ?? ''}`],
      [['dim', milliseconds(answer.tookMs)]],
    ),
  ];
}

/** Where it ended, and what was found there. */
async function reason(stage: Stage, { traceId }: Answer): Promise<Line> {
  const way = await readWay(stage.tracesUrl, traceId, stage.signal);
  if (way === undefined) return ['    ', ['dim', 'Its trace did not come.']];
  const { span } = finderOf(way);
  const found = attribute(span, 'gatehouse.decision') || attribute(span, 'error.type');
  const where = servicesOf(way).length === 1 ? ' No service was called.' : '';
  return ['    ', ['dim', `Found by the ${span.service}: `], ['red', found], ['dim', `.${where}`]];
}

/** The gateway, or the service that refused what the gateway had let pass. */
function finderOf(hop: Hop): Hop {
  if (attribute(hop.span, 'gatehouse.decision') !== 'allow') return hop;
  const inner = hop.steps.find(isHop);
  return inner === undefined ? hop : finderOf(inner);
}

/** A session that ended: its tokens are refused as soon as the news is there. */
async function playLogout(stage: Stage, { token, refreshToken, postPath }: Person): Promise<void> {
  await stage.edge(`DELETE ${postPath}`, { token });
  await stage.edge('POST /auth/v1/logout', { body: { refreshToken } });
  const startedMs = performance.now();
  const line = 'GET /board/v1/posts';
  let answer = await stage.edge(line, { token });
  // Until the news has come to the gateway too: a service that hears it first makes that a 503.
  while (answer.status !== 401 && performance.now() - startedMs < MAX_NEWS_MS) {
    answer = await stage.edge(line, { token });
  }
  const tookMs = performance.now() - startedMs;
  stage.show([
    ...verdict('logged out', answer),
    ...paragraph(
      `Ada logs out. Her token is good for minutes yet, and was refused ${milliseconds(tookMs)} after the answer.`,
      4,
    ),
    await reason(stage, answer),
  ]);
}

const MAX_NEWS_MS = 5_000;
