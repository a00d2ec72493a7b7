/**
 * A million people, each with a token of their own, which is used once: `node strangers.ts PORT KEY_FILE
 * COUNT`. Signs as it goes, since nobody wants to keep so many. Says in one line how it went.
 */
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { AUDIENCE, ISSUER } from '../gateway/issuer.ts';

const [port = '', keyFile = '', count = ''] = process.argv.slice(2);
const AT_A_TIME = 32;
const privateKey = createPrivateKey(readFileSync(keyFile));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const head = encode({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' });
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
const answers: Record<string, number> = {};
let left = Number(count);

await Promise.all(Array.from({ length: AT_A_TIME }, work));
agent.destroy();
console.log(JSON.stringify(answers));

async function work(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const status = await ask(token());
    answers[status] = (answers[status] ?? 0) + 1;
  }
}

function token(): string {
  const iat = Math.floor(Date.now() / 1000);
  const person = { sub: `user-${randomUUID()}`, scope: 'items:read', client_id: 'web' };
  const claims = { iss: ISSUER, aud: AUDIENCE, ...person, jti: randomUUID(), iat, exp: iat + 3600 };
  const input = `${head}.${encode(claims)}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

function ask(bearer: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${bearer}` };
    get({ agent, port, host: '127.0.0.1', path: '/1k', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    }).on('error', reject);
  });
}
