/**
 * Bad input of every kind at every method, made from the contracts: each gets the right 4xx, with
 * the field named, while other callers and the gateway's memory are undisturbed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '@gatehouse/errors';
import { type BadCase, badWires, JSON_TYPE } from './support/bad-requests.ts';
import { EDGE_METHODS, lineOf } from './support/bad-samples.ts';
import { badMembers } from './support/bad-values.ts';
import { target } from './support/config.ts';
import { call } from './support/edge.ts';
import { logIn, logInAs, signUp } from './support/people.ts';
import { headOf, type RawAnswer, sendRaw, sendSlowly, type Wire } from './support/raw-http.ts';

const AT_ONCE = 8;
const LEAST_CASES = 15;
const LEAST_RESPONSES = 50;
const MEMORY_GROWTH_BYTES = 200 * 1024 * 1024;

const wire: Wire = { port: Number(new URL(target().edges[0]).port), localAddress: '127.0.0.77' };
let token = '';
let slow: readonly Promise<RawAnswer>[] = [];
let bystander: Bystander | undefined;

before(async () => {
  token = (await logInAs('admin')).accessToken;
  bystander = await watch();
  // Under way while everything else is tried; looked at last.
  const line = 'POST /board/v1/posts';
  const head = headOf({ line, token, headers: [JSON_TYPE], body: 'x'.repeat(1000) });
  slow = [
    sendSlowly(wire, headOf({ line, token }), 500),
    sendSlowly(wire, '\r\n'.repeat(500), 500),
    sendSlowly(wire, head.slice(0, 30), 1),
    sendAtOnceThenSlowly(head),
  ];
});

after(() => bystander?.stop());

for (const method of EDGE_METHODS) {
  test(`bad input at ${lineOf(method)}`, async () => {
    const cases = [...badWires(method), ...badMembers(method)];
    assert.ok(cases.length >= LEAST_CASES);
    const wrong: string[] = [];
    const queue = [...cases];
    const work = async (): Promise<void> => {
      for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
        const fault = await faultOf(each);
        if (fault !== undefined) wrong.push(`${each.name}: ${fault}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert.deepEqual(wrong, []);
  });
}

test('a slow head and a slow body are given up with 408', async () => {
  for (const answer of await Promise.all(slow)) {
    assert.equal(answer.status, 408, answer.text);
    assert.equal((JSON.parse(answer.text) as Problem).code, 'gateway.timeout');
    assert.equal(answer.headers.get('connection'), 'close');
  }
});

test('other callers were answered all along, and the gateway’s memory did not grow', async (t) => {
  const seen = await bystander?.stop();
  assert.ok(seen !== undefined && seen.answers.length > LEAST_RESPONSES);
  assert.deepEqual([...new Set(seen.answers)], [200]);
  const grownBytes = Math.max(...seen.memoryBytes) - (seen.memoryBytes[0] ?? 0);
  t.diagnostic(`the gateway grew by ${Math.round(grownBytes / 2 ** 20)} MiB at most`);
  assert.ok(grownBytes < MEMORY_GROWTH_BYTES, `grown by ${grownBytes} bytes`);
});

/** What is not as it should be about the answer to a bad request, if anything. */
async function faultOf({ request, ...expected }: BadCase): Promise<string | undefined> {
  let answer: RawAnswer;
  try {
    answer = await sendRaw(wire, { ...request, token });
  } catch (thrown) {
    return `${thrown}`;
  }
  const { status, text, headers } = answer;
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json');
  if (!isProblem) return `${status} without a problem: ${text.slice(0, 200)}`;
  const problem = JSON.parse(text) as Problem;
  const rightCode = expected.code === undefined || problem.code === expected.code;
  if (status !== expected.status || problem.status !== status || !rightCode) {
    return `${status} ${text.slice(0, 300)}`;
  }
  if (!/^[0-9a-f]{32}$/.test(problem.traceId ?? '')) return 'no trace id';
  return fieldFault(problem, expected);
}

function fieldFault(
  { errors = [] }: Problem,
  { at, andOthers }: Omit<BadCase, 'request'>,
): string | undefined {
  if (at === undefined) return undefined;
  const named = new Set(errors.map(({ pointer }) => pointer));
  const others = [...named].filter((pointer) => !at.includes(pointer));
  const right =
    at.every((pointer) => named.has(pointer)) && (andOthers === true || others.length === 0);
  if (!right) return `names ${[...named].join(' ')} instead of ${at.join(' ')}`;
  return errors.every(({ detail }) => detail !== '') ? undefined : 'a field without a detail';
}

function sendAtOnceThenSlowly(head: string): Promise<RawAnswer> {
  return sendSlowly(wire, `${head}{"title": "`, 5);
}

interface Bystander {
  stop(): Promise<{ readonly answers: readonly number[]; readonly memoryBytes: readonly number[] }>;
}

/** A person who goes on reading posts at another address, and the gateway's memory meanwhile. */
async function watch(): Promise<Bystander> {
  const reader = (await logIn(await signUp())).accessToken;
  const [answers, memoryBytes]: [number[], number[]] = [[], []];
  const stopping = new AbortController();
  const done = (async () => {
    // On a slow machine it reads on until it has seen enough.
    while (!stopping.signal.aborted || answers.length <= LEAST_RESPONSES) {
      memoryBytes.push(await gatewayMemory());
      answers.push((await call('GET /board/v1/posts?pageSize=1', { token: reader })).status);
      await delay(100);
    }
    return { answers, memoryBytes };
  })();
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

async function gatewayMemory(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${target().ports.gateway?.admin}/metrics`);
  const [, bytes] = /^process_memory_usage\S* ([0-9.e+]+)/m.exec(await response.text()) ?? [];
  assert.ok(bytes !== undefined);
  return Number(bytes);
}
