import {
  askGateway,
  type Explanation,
  type GatewayFlags,
  ruleInWords,
  runningOn,
} from '../gateway/admin.ts';
import { asDemoUser, isDemoRole } from '../gateway/demo-session.ts';
import { jsonOf } from '../terminal/text.ts';
import { readToken } from '../token/read.ts';
import { didYouMean, UsageError } from '../usage.ts';
import type { JsonFlags } from './flags.ts';

const VERBS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

export async function explain(
  verb: string,
  path: string,
  flags: GatewayFlags & JsonFlags & { readonly host?: string; readonly as?: string },
): Promise<void> {
  const { host, as: who } = flags;
  const request = {
    method: verbOf(verb),
    path: pathOf(path),
    ...(host === undefined ? {} : { host }),
  };
  const ask = (token: string | undefined) =>
    askGateway<Explanation>(flags, '/explain', { ...request, token });
  const isDemo = who !== undefined && isDemoRole(who);
  const explanation = isDemo
    ? await asDemoUser(await runningOn(flags.data), who, ask)
    : await ask(
        who === undefined
          ? undefined
          : await readToken(who, '--as takes member, moderator, admin, or'),
      );
  const line = `${request.method} ${request.path}`;
  console.log(flags.json ? jsonOf(explanation) : screen(line, explanation));
}

function verbOf(word: string): string {
  const verb = word.toUpperCase();
  if (VERBS.includes(verb)) return verb;
  throw new UsageError(
    `"${word}" is not an HTTP method.${didYouMean(verb, VERBS)} Write: gatehouse explain GET /board/v1/posts.`,
  );
}

function pathOf(word: string): string {
  if (word.startsWith('/')) return word;
  throw new UsageError(`A path begins with a slash: gatehouse explain GET /${word}.`);
}

function screen(request: string, explanation: Explanation): string {
  const { route, variables = {}, subject, scopes = [], roles = [] } = explanation;
  const { decision, status, reason, why } = explanation;
  const lines: (readonly [string, string])[] = [];
  if (route !== undefined) {
    const hosts = route.hosts ?? [];
    lines.push(['route', `${route.verb} ${hosts.join(',')}${route.path}`]);
    for (const [name, value] of Object.entries(variables)) lines.push(['', `${name} = ${value}`]);
    lines.push(['method', route.method]);
    lines.push(['rule', `${ruleInWords(route.rule)}; called by ${route.rule.callers.join(', ')}`]);
    lines.push(['upstream', `${route.service} at ${route.upstream.join(', ')}`]);
  }
  if (subject !== undefined) {
    lines.push(['subject', subject.kind === 'anonymous' ? 'anonymous (no token)' : subject.id]);
    if (scopes.length > 0) lines.push(['', `scopes ${scopes.join(' ')}`]);
    if (roles.length > 0) lines.push(['', `roles ${roles.join(' ')}`]);
  }
  const response = status === undefined ? '' : ` with ${status} (${reason})`;
  lines.push(['decision', decision === 'allow' ? 'allowed' : `denied${response}`]);
  lines.push(['why', why]);
  return [
    request,
    ...lines.map(([name, text]) => `  ${name.padEnd(10)}${text}`),
    '',
    whatNext(explanation),
  ].join('\n');
}

function whatNext({ decision, reason, route }: Explanation): string {
  if (decision === 'allow') {
    return 'The service itself decides what depends on its data, such as whose post this is.';
  }
  if (route === undefined) return '"gatehouse routes" lists the routes.';
  if (reason === 'not_signed_in') return 'Try it with a token: --as member, --as TOKEN.';
  return '"gatehouse token inspect" shows what a token allows.';
}
