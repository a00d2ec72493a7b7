import {
  ADMIN_HELP,
  askGateway,
  type Explanation,
  gatewayPort,
  ruleInWords,
  runningOn,
} from '../gateway/admin.ts';
import { asDemoUser, isDemoRole } from '../gateway/demo-session.ts';
import { readToken } from '../token/read.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

const VERBS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const explain: Command = {
  name: 'explain',
  summary: 'what the edge would do with a request, and why: gatehouse explain METHOD PATH',
  flags: [
    DATA_HELP,
    ADMIN_HELP,
    ['--host NAME', 'the Host of the request, where routes have hosts'],
    ['--as WHO', 'member, moderator, admin, an access token, or - to read one'],
    ['--json', 'as JSON'],
  ],
  run: async (args) => {
    const { flags, words } = parseWords('explain', args, {
      words: ['METHOD', 'PATH'],
      options: {
        data: DATA_FLAG,
        admin: { type: 'string' },
        host: { type: 'string' },
        as: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [verb = '', path = ''] = words;
    const { host } = flags;
    const question = {
      method: verbOf(verb),
      path: pathOf(path),
      ...(host === undefined ? {} : { host }),
    };
    const who = flags.as;
    const token = who === undefined || isDemoRole(who) ? undefined : await readToken(who, '--as');
    const port = await gatewayPort({ data: flags.data, admin: flags.admin });
    const said =
      who !== undefined && isDemoRole(who)
        ? await asDemoUser(await runningOn(flags.data), who, (own) =>
            ask(port, { ...question, token: own }),
          )
        : await ask(port, { ...question, token });
    const asked = `${question.method} ${question.path}`;
    console.log(flags.json ? JSON.stringify(said, undefined, 2) : screen(asked, said));
    return 0;
  },
};

async function ask(port: number, question: object): Promise<Explanation> {
  return (await askGateway(port, '/explain', question)) as Explanation;
}

function verbOf(word: string): string {
  const verb = word.toUpperCase();
  if (VERBS.includes(verb)) return verb;
  const meant = nearest(verb, VERBS);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new UsageError(
    `"${word}" is no method of HTTP.${hint} Write: gatehouse explain GET /board/v1/posts.`,
  );
}

function pathOf(word: string): string {
  if (word.startsWith('/')) return word;
  throw new UsageError(`A path begins with a slash: gatehouse explain GET /${word}.`);
}

function screen(asked: string, said: Explanation): string {
  const { route, variables = {}, subject, scopes = [], roles = [], decision, status } = said;
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
    lines.push(['who asks', subject.kind === 'anonymous' ? 'nobody (no token)' : subject.id]);
    if (scopes.length > 0) lines.push(['', `scopes ${scopes.join(' ')}`]);
    if (roles.length > 0) lines.push(['', `roles ${roles.join(' ')}`]);
  }
  const answer = status === undefined ? '' : ` with ${status} (${said.reason})`;
  lines.push(['decision', decision === 'allow' ? 'allowed' : `refused${answer}`]);
  lines.push(['why', said.why]);
  return [
    asked,
    ...lines.map(([name, text]) => `  ${name.padEnd(10)}${text}`),
    '',
    whatNext(said),
  ].join('\n');
}

function whatNext({ decision, reason, route }: Explanation): string {
  if (decision === 'allow') {
    return 'What depends on data (whose post this is) the service itself decides.';
  }
  if (route === undefined) return 'gatehouse routes lists what there is.';
  if (reason === 'not_signed_in') return 'Try it as somebody: --as member, --as TOKEN.';
  return 'gatehouse token inspect TOKEN says what a token allows.';
}
