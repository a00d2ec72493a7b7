/** Draws a request's identity at each hop: the token, the decision, the passport, what was seen, SQL. */
import { METHODS, type MethodContract } from '@gatehouse/contracts';
import type { TraceSpan } from '@gatehouse/platform';
import type { EdgeResponse } from './edge.ts';
import { cut, ends, field, type Line, WIDTH } from './page.ts';
import { attribute, type Hop, isHop } from './traces.ts';

/** A request, its response, and its path through the platform. */
export interface Drawing {
  readonly line: string;
  /** The access token that it carried. */
  readonly token?: string;
  readonly response: EdgeResponse;
  readonly path: Hop;
}

/** The whole picture, from the client and back to it. */
export function drawPath({ line, token, response, path }: Drawing): readonly Line[] {
  const start = { at: path.span.startMs, depth: 0 };
  return [
    [' ', ['bold', 'client'], `    ${line}`],
    ...(token === undefined ? NO_TOKEN : tokenLines(token)),
    [' ▼'],
    ...gatewayLines(path, token !== undefined),
    ...path.steps.flatMap((step) => (isHop(step) ? serviceLines(step, start) : [])),
    ends(
      [' ', ['bold', 'client'], '    ', statusPiece(response.status), ` ${oneLine(response)}`],
      [['dim', `in ${milliseconds(response.tookMs)}`]],
    ),
  ];
}

/** `401`, in the colour of its meaning. */
export function statusPiece(status: number): readonly ['green' | 'red', string] {
  return [status < 400 ? 'green' : 'red', String(status)];
}

export function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

/** Header and claims of a token, not verified: for display only. */
function peek(token: string): Readonly<Record<string, unknown>> {
  const [header = '', payload = ''] = token.split('.');
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return { ...json(header), ...json(payload) };
}

interface Position {
  /** When the request began, in milliseconds since 1970. */
  readonly at: number;
  readonly depth: number;
}

const EDGE: Line = [['cyan', ' │ ']];
const NO_TOKEN = field(EDGE, 'token', ['dim', 'none']);

function tokenLines(token: string): readonly Line[] {
  const claims = peek(token);
  const of = (name: string) => String(claims[name] ?? '');
  const left = Math.round(Number(claims.exp) - Date.now() / 1000);
  const rows: readonly (readonly [string, string])[] = [
    ['token', `access token (${of('typ')}, ${of('alg')}), signed by auth: ${of('iss')}`],
    ['sub', of('sub')],
    ['aud', `${of('aud')}: the edge, and nothing inside`],
    ['scope', of('scope')],
    ['session', `${of('sid')}, version ${of('sv')}`],
    ['expires', `in ${Math.floor(left / 60)} min ${left % 60} s`],
  ];
  return rows.flatMap(([label, value]) => field(EDGE, label, value));
}

function gatewayLines({ span, steps }: Hop, hasToken: boolean): readonly Line[] {
  const method = METHODS.find(({ id }) => id === attribute(span, 'rpc.method'));
  const inner = steps.find(isHop);
  const kind = attribute(span, 'gatehouse.subject_kind');
  return [
    head(span, attribute(span, 'http.route'), { at: span.startMs, depth: 0 }),
    ...field(EDGE, 'rule', method === undefined ? 'no route has this path' : ruleText(method)),
    ...field(EDGE, 'decision', decisionPiece(span, kind)),
    ...(inner === undefined ? [] : passportLines(inner.span, EDGE)),
    inner === undefined
      ? [' │']
      : [' ▼', ['dim', hasToken ? `${MTLS}; the token stays behind` : MTLS]],
  ];
}

const MTLS = '  gRPC over mutual TLS';

/** The passport as the service verified it, which is as the gateway signed it. */
function passportLines(served: TraceSpan, edge: Line): readonly Line[] {
  const of = (name: string) => attribute(served, `gatehouse.${name}`);
  if (of('passport_txn') === '') return field(edge, 'passport', 'none');
  const seconds = Math.round((Date.parse(of('passport_expires')) - served.startMs) / 1000);
  const rows: readonly (readonly [string, string])[] = [
    ['passport', `txn ${of('passport_txn')}`],
    ['', `iss ${of('passport_issuer')}`],
    ['', `sub ${of('subject')}`],
    ['', `scope ${of('passport_scope') || '(none)'}; valid for ${seconds} s`],
  ];
  return rows.flatMap(([label, value]) => field(edge, label, ['yellow', value]));
}

function serviceLines(hop: Hop, { at, depth }: Position): readonly Line[] {
  const { span, steps } = hop;
  const of = (name: string) => attribute(span, `gatehouse.${name}`);
  const indent = '   '.repeat(depth);
  const edge: Line = [['cyan', `${indent} │ `]];
  const method = attribute(span, 'rpc.method').split('/')[1] ?? '';
  return [
    head(span, method, { at, depth }),
    ...field(edge, 'caller', `${of('peer')}, by its certificate`),
    ...(depth === 0 ? field(edge, 'for', of('subject')) : passportLines(span, edge)),
    ...field(edge, 'decision', decisionPiece(span, of('subject_kind'))),
    ...steps.flatMap((step) =>
      isHop(step)
        ? [[['cyan', `${indent} ├──▶`] as const], ...serviceLines(step, { at, depth: depth + 1 })]
        : [sqlLine(step, edge)],
    ),
    [['cyan', depth === 0 ? ' ▼' : `${indent} ◀── ${attribute(span, 'rpc.response.status_code')}`]],
  ];
}

function head(span: TraceSpan, what: string, { at, depth }: Position): Line {
  const begin = (span.startMs - at).toFixed(1);
  const end = (span.startMs - at + span.durationMs).toFixed(1);
  return ends(
    ['   '.repeat(depth), ' ', ['bold', span.service.padEnd(9)], ` ${what}`],
    [['dim', `${begin} to ${end} ms`]],
  );
}

function sqlLine(span: TraceSpan, edge: Line): Line {
  const took = milliseconds(span.durationMs);
  const text = attribute(span, 'db.query.text').replaceAll(/\s+/g, ' ');
  return ends([...edge, ['dim', 'SQL        '], cut(text, WIDTH)], [['dim', took]]);
}

function decisionPiece(span: TraceSpan, kind: string): readonly ['green' | 'red', string] {
  const decision = attribute(span, 'gatehouse.decision');
  if (decision === 'allow') return ['green', `allow: ${SUBJECTS[kind] ?? kind}`];
  return ['red', `denied: ${decision.replaceAll('_', ' ')}`];
}

const SUBJECTS: Readonly<Record<string, string>> = {
  anonymous: 'anonymous, and for this method only',
  person: 'for a signed-in person',
  workload: 'for the calling service itself',
  none: 'no subject needed',
};

function ruleText({ id, rule }: MethodContract): string {
  const demands = [
    rule.subject,
    ...(rule.scopes.length > 0 ? [`scope ${rule.scopes.join(' ')}`] : []),
    ...(rule.roles.length > 0 ? [`role ${rule.roles.join(' or ')}`] : []),
    `callers ${rule.callers.join(' ')}`,
  ];
  return `${demands.join('; ')}  (${id.split('/')[1]})`;
}

/** The body of a response, without the tokens that may be in it. */
function oneLine({ text }: EdgeResponse): string {
  const secrets = /("(?:accessToken|refreshToken)": ?")[^"]+/g;
  return text.replaceAll(secrets, '$1…').replaceAll(/\s+/g, ' ');
}
