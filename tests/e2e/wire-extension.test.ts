/** Extension with the real auth: the recorded wire as `curl` would use it, and whose tokens are good. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { makeClient, plainUrl, serviceToken } from './support/clients.ts';
import { target } from './support/config.ts';
import { logIn, signUp } from './support/people.ts';
import { sendRaw } from './support/raw-http.ts';

const UPDATE = '/msa/ext/api/update-asset';
let token: string;

before(async () => {
  token = await serviceToken(await makeClient('extension-caller', ['asset:update']));
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function ask(
  path: string,
  init: RequestInit & { readonly authorization?: string } = {},
): Promise<Answer> {
  const { authorization = `Bearer ${token}`, ...rest } = init;
  const answer = await fetch(`${plainUrl('extension')}${path}`, {
    ...rest,
    headers: {
      'content-type': 'application/json',
      ...(authorization === '' ? {} : { authorization }),
    },
  });
  const type = answer.headers.get('content-type');
  return { status: answer.status, type, text: await answer.text() };
}

const update = (userId: string, body: string, authorization?: string) =>
  ask(`${UPDATE}/${userId}`, {
    method: 'POST',
    body,
    ...(authorization === undefined ? {} : { authorization }),
  });

test('an update, as recorded: order of members, all digits, the same multiplier again', async () => {
  const body = '{"asset":9007199254740993,"snapshotDay":"2026-01-31"}';
  const first = await update('9223372036854775807', body);
  assert.deepEqual([first.status, first.type], [200, 'application/json']);
  assert.match(
    first.text,
    /^\{"resultCode":"S","message":"Update asset success","data":\{"userId":9223372036854775807,"originalAsset":9007199254740993,"multiplier":[01]\.\d{1,8},"updatedAsset":\d{16},"date":"2026-01-31"\}\}$/,
  );
  assert.equal((await update('9223372036854775807', body)).text, first.text);
});

test('without a day it is today in Seoul', async () => {
  const seoul = () =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(new Date());
  const before = seoul();
  const { text } = await update('1', '{"asset":1}');
  // Midnight may have passed in between.
  assert.ok(
    [before, seoul()].some((day) => text.endsWith(`"date":"${day}"}}`)),
    text,
  );
});

test('a nickname is the same for everyone who asks', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => ask('/msa/ext/api/nickname/77')));
  assert.equal(one?.status, 200);
  assert.match(one.text, /"data":\{"userId":77,"nickname":"[a-z]+-[a-z]+-\d{4}"\}\}$/);
  assert.equal(two?.text, one.text);
});

test('only a service token of the trust domain opens it; anything else is 401 with an empty body', async () => {
  const { accessToken } = await logIn(await signUp());
  const altered = `${token.slice(0, -6)}AAAAAA`;
  for (const authorization of ['', 'Bearer', `Bearer ${accessToken}`, `Bearer ${altered}`]) {
    const answer = await update('not-a-number', '{"asset":', authorization);
    assert.deepEqual([answer.status, answer.text], [401, '']);
  }
});

test('a client without the scope gets a nickname, and no update', async () => {
  const other = `Bearer ${await serviceToken(await makeClient('extension-other', ['other:read']))}`;
  const refused = await update('1', '{"asset":1}', other);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /^\{"resultCode":"F","message":".+","data":null\}$/);
  const nickname = await ask('/msa/ext/api/nickname/1', { authorization: other });
  assert.equal(nickname.status, 200, nickname.text);
});

test('the 401 is decided before the body is there', async () => {
  const wire = { port: target().ports.extension?.http ?? 0, localAddress: '127.0.0.1' };
  const answer = await sendRaw(wire, {
    line: `POST ${UPDATE}/1`,
    headers: ['Content-Type: application/json', 'Content-Length: 4000'],
  });
  assert.deepEqual([answer.status, answer.text], [401, '']);
});
