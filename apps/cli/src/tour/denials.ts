/** Denied requests, each with its reason: invalid tokens, a passport from outside, no certificate. */
import type { Signer } from '@gatehouse/tokens';
import { tryDirectly } from './direct-connection.ts';
import { milliseconds, statusPiece } from './draw.ts';
import { type EdgeRequest, type EdgeResponse, memberOf } from './edge.ts';
import { altered, forged, passport, signedAgain, unsigned } from './forge.ts';
import { ends, heading, type Line, paragraph } from './page.ts';
import type { Person, Stage } from './requests.ts';
import { attribute, type Hop, isHop, readPath, servicesOf } from './traces.ts';

interface Attempt {
  readonly name: string;
  readonly what: string;
  readonly request: EdgeRequest;
}

const LINE = 'POST /board/v1/posts';
const BODY = { title: 'Hello', body: 'Let me in.' };

/** Sends requests that are denied, and shows why each was. */
export async function showDenied(
  stage: Stage,
  person: Person,
  own: { readonly authKey: Signer; readonly boardPort: number },
): Promise<void> {
  stage.show([
    [''],
    heading('5  Denied requests'),
    ...paragraph(
      `Each of these is ${LINE}, with one thing wrong. The client is told little; the reason is what the trace says.`,
    ),
  ]);
  const narrow = await stage.edge('POST /auth/v1/login', {
    body: { email: person.email, password: person.password, scope: 'board:read' },
  });
  const reader = memberOf(narrow, 'accessToken');
  const sent: (Attempt & { readonly response: EdgeResponse })[] = [];
  for (const attempt of attempts(person.token, own.authKey, reader)) {
    sent.push({ ...attempt, response: await stage.edge(LINE, attempt.request) });
  }
  for (const { name, what, response } of sent) {
    stage.show([...verdict(name, response), ...paragraph(what, 4), await reason(stage, response)]);
  }
  stage.show(await tryDirectly(own.boardPort));
  await showLogout(stage, person);
}

function attempts(token: string, authKey: Signer, reader: string): readonly Attempt[] {
  const now = Math.floor(Date.now() / 1000);
  const withToken = (name: string, what: string, bearer: string): Attempt => ({
    name,
    what,
    request: { token: bearer, body: BODY },
  });
  return [
    { name: 'no token', what: 'The request has no token.', request: { body: BODY } },
    withToken('altered', 'Ada’s token, made an admin’s; the signature stays.', altered(token)),
    withToken('forged', 'Signed by somebody else’s key, which calls itself auth’s.', forged(token)),
    withToken('alg none', 'No signature, and a header that says so.', unsigned(token)),
    withToken(
      'expired',
      'Signed by auth’s own key; expired a minute ago.',
      signedAgain(token, authKey, { iat: now - 960, exp: now - 60 }),
    ),
    withToken(
      'wrong audience',
      'Signed by auth’s own key, for somebody else’s edge.',
      signedAgain(token, authKey, { aud: 'https://edge.example.com' }),
    ),
    withToken('wrong kind', 'A passport instead of an access token.', passport()),
    {
      name: 'from outside',
      what: 'A passport in the header that services read: the gateway removes it.',
      request: { body: BODY, headers: { 'Txn-Token': passport() } },
    },
    withToken('narrow', 'A valid token of a log-in that asked for board:read only.', reader),
  ];
}

function verdict(name: string, response: EdgeResponse): readonly Line[] {
  const code: string = response.text.startsWith('{') ? JSON.parse(response.text).code : '';
  return [
    [''],
    ends(
      [' ', ['bold', name.padEnd(16)], statusPiece(response.status), ` ${code ?? ''}`],
      [['dim', milliseconds(response.tookMs)]],
    ),
  ];
}

/** Where it was denied, and why. */
async function reason(stage: Stage, { traceId }: EdgeResponse): Promise<Line> {
  const path = await readPath(stage.tracesUrl, traceId, stage.signal);
  if (path === undefined) return ['    ', ['dim', 'Its trace is incomplete.']];
  const { span } = deniedBy(path);
  const found = attribute(span, 'gatehouse.decision') || attribute(span, 'error.type');
  const where = servicesOf(path).length === 1 ? ' No service was called.' : '';
  return [
    '    ',
    ['dim', `Detected by the ${span.service}: `],
    ['red', found],
    ['dim', `.${where}`],
  ];
}

/** The gateway, or the service that denied what the gateway had allowed. */
function deniedBy(hop: Hop): Hop {
  if (attribute(hop.span, 'gatehouse.decision') !== 'allow') return hop;
  const inner = hop.steps.find(isHop);
  return inner === undefined ? hop : deniedBy(inner);
}

/** After log-out, tokens are rejected as soon as the revocation arrives. */
async function showLogout(stage: Stage, { token, refreshToken, postPath }: Person): Promise<void> {
  await stage.edge(`DELETE ${postPath}`, { token });
  await stage.edge('POST /auth/v1/logout', { body: { refreshToken } });
  const startedMs = performance.now();
  const line = 'GET /board/v1/posts';
  let response = await stage.edge(line, { token });
  // Until the revocation is at the gateway too: a service that has it first makes that a 503.
  while (response.status !== 401 && performance.now() - startedMs < MAX_REVOCATION_MS) {
    response = await stage.edge(line, { token });
  }
  const tookMs = performance.now() - startedMs;
  stage.show([
    ...verdict('logged out', response),
    ...paragraph(
      `Ada logs out. Her token would be valid for minutes, and was rejected ${milliseconds(tookMs)} after the response.`,
      4,
    ),
    await reason(stage, response),
  ]);
}

const MAX_REVOCATION_MS = 5_000;
