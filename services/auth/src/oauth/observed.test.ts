/** What a request to auth's HTTP listeners leaves behind: a span, a metric, a log line, its trace id. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { openDatabase } from '@gatehouse/postgres';
import { startOwnTestPostgres } from '@gatehouse/testing';
import type { AuthTables } from '../database.ts';
import { startFleet } from '../test-support/fleet.ts';
import { type Answer, machine, post, send } from '../test-support/machines.ts';
import { eventually, SILENT } from '../test-support/rig.ts';
import { Spans } from '../test-support/spans.ts';

const spans = new Spans();
const postgres = await startOwnTestPostgres();
const fleet = await startFleet(postgres);
after(() => fleet.close());
const auth = await fleet.startAuth({}, { spans });
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const client = await machine(operator);
const TOKEN = '/oauth2/token';
const grant = { grant_type: 'client_credentials' };

interface Left {
  readonly status: number;
  readonly traceId: string;
  readonly errorType: unknown;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Makes a request, and looks at what it left of itself. */
async function leftBy(request: () => Promise<Answer>, route: string): Promise<Left> {
  const before = { lines: auth.service.logLines.length, count: await countOf(route) };
  spans.take();
  const { status } = await request();
  let left: Left | undefined;
  // The response is here before the server has closed its books on it.
  await eventually(async () => {
    const server = spans.take().find(({ name }) => name.endsWith(` ${route}`));
    assert.ok(server);
    const traceId = server.spanContext().traceId;
    assert.equal(server.attributes['http.response.status_code'], status);
    const lines = auth.service.logLines.slice(before.lines).map((line) => JSON.parse(line));
    left = {
      status,
      traceId,
      errorType: server.attributes['error.type'],
      lines: lines.filter((line) => line.traceId === traceId),
    };
  });
  assert.equal(await countOf(route), before.count + 1);
  assert.ok(left);
  return left;
}

/** How many requests of a route the metrics know. */
async function countOf(route: string): Promise<number> {
  const text = await (await fetch(`${auth.service.adminUrl}/metrics`)).text();
  const counts = text
    .split('\n')
    .filter((line) => /^http_server_request_duration\w*_count\{/.test(line))
    .filter((line) => line.includes(`http_route="${route}"`));
  return counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const messages = ({ lines }: Left) => lines.map(({ msg }) => msg);

test('a client-credentials call that succeeds', async () => {
  const left = await leftBy(() => post(`${auth.httpUrl}${TOKEN}`, grant, client), TOKEN);
  assert.equal(left.status, 200);
  assert.equal(left.errorType, undefined);
  assert.deepEqual(messages(left), ['service token issued']);
  assert.equal(left.lines[0]?.clientId, client.clientId);
});

test('a client-credentials call that fails', async () => {
  const stranger = { authorization: `Basic ${btoa('cli_nobody:no-secret-at-all')}` };
  const left = await leftBy(() => post(`${auth.httpUrl}${TOKEN}`, grant, stranger), TOKEN);
  assert.equal(left.status, 401);
  assert.equal(left.errorType, 'oauth.invalid_client');
  assert.deepEqual(messages(left), ['a request was denied']);
  assert.ok(!JSON.stringify(left.lines).includes('no-secret-at-all'));
});

test('a token that is given up has its trace id and the caller’s in the audit', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const issued = await post(`${auth.httpUrl}${TOKEN}`, grant, client);
  const form = new URLSearchParams({ token: String(issued.json.access_token) });
  const revoked = await send(`${auth.httpUrl}/oauth2/revoke`, {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: client.authorization,
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: form.toString(),
  });
  assert.equal(revoked.status, 200);
  const database = openDatabase<AuthTables>({ url: fleet.databaseUrl, name: 'test', log: SILENT });
  const rows = await database.read.selectFrom('audit').selectAll().execute();
  await database.close();
  assert.equal(rows.find(({ action }) => action === 'token.revoked')?.trace_id, traceId);
  assert.ok(rows.some(({ action }) => action === 'client.created'));
  for (const { action, trace_id } of rows) assert.match(trace_id, /^[0-9a-f]{32}$/, action);
});

test('key sets and the wire of the original system', async () => {
  for (const route of ['/.well-known/jwks.json', '/msa/auth/api/public-key']) {
    const left = await leftBy(() => send(`${auth.httpUrl}${route}`, { method: 'GET' }), route);
    assert.equal(left.status, 200);
    assert.match(left.traceId, /^[0-9a-f]{32}$/);
  }
});

test('a client-credentials call while Postgres is stopped', async () => {
  await postgres.kill();
  const left = await leftBy(() => post(`${auth.httpUrl}${TOKEN}`, grant, client), TOKEN);
  assert.equal(left.status, 503);
  assert.equal(left.errorType, 'postgres.unavailable');
  assert.ok(messages(left).includes('a request could not be served'));
  await postgres.start();
});
