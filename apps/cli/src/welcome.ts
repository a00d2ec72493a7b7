/** What a start prints at its end: where to look, whom to log in as, what to try. */
import type { DemoUser, Platform } from '@gatehouse/platform';

export type Welcome = Pick<Platform, 'dataDir' | 'ports' | 'demoUsers' | 'tracesUrl'>;

/** @param lastLine - how to stop it. */
export function welcome(platform: Welcome, lastLine: string): string {
  const { ports, demoUsers, tracesUrl } = platform;
  const edge = `http://127.0.0.1:${ports.gateway?.http}`;
  return [
    '',
    'Gatehouse is up.',
    '',
    'Where to look',
    `  gateway        ${edge}   (in a browser too: what runs here)`,
    `  try the API    ${edge}/docs`,
    ...(tracesUrl === undefined ? [] : [`  traces         ${edge}/traces`]),
    `  key sets       http://127.0.0.1:${ports.auth?.http}/.well-known/openid-configuration`,
    `  health         ${adminPorts(platform)}   (/readyz, /metrics)`,
    `  logs           ${platform.dataDir}/logs`,
    '',
    ...(demoUsers.length === 0 ? [] : whomToLogInAs(demoUsers)),
    ...whatToTry(edge, demoUsers[0]),
    '',
    lastLine,
  ].join('\n');
}

function adminPorts({ ports }: Welcome): string {
  return Object.entries(ports)
    .flatMap(([name, { admin }]) => (admin === undefined ? [] : [`${name} ${admin}`]))
    .join(', ');
}

function whomToLogInAs(users: readonly DemoUser[]): readonly string[] {
  return [
    'Demo users (created for this clone)',
    ...users.map(({ email, password }) => `  ${email.padEnd(34)} ${password}`),
    '',
  ];
}

// Three lines for any POSIX shell with curl; sed takes the token out, since not everyone has jq.
function whatToTry(edge: string, user: DemoUser | undefined): readonly string[] {
  const json = `-H 'content-type: application/json'`;
  const bearer = '-H "authorization: Bearer $TOKEN"';
  const credentials = JSON.stringify({
    email: user?.email ?? 'you@example.com',
    password: user?.password ?? 'the password you signed up with',
  });
  const token = `sed 's/.*"accessToken": *"\\([^"]*\\)".*/\\1/'`;
  return [
    'What to try',
    `  TOKEN=$(curl -s ${edge}/auth/v1/login ${json} -d '${credentials}' | ${token})`,
    `  curl -s ${edge}/board/v1/posts ${bearer} ${json} -d '{"title":"Hello","body":"My first post."}'`,
    `  curl -s ${edge}/board/v1/posts ${bearer}`,
  ];
}
