/** The end of a server when a call in flight does not come to its own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createServiceClient, createUpstream } from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { createTestAuthority, createTestIssuer, implementPartly } from '@gatehouse/testing';
import { createLogger } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import type { Call } from './call.ts';
import { callMeters } from './run-call.ts';
import { startGrpcServer } from './server.ts';

test('what does not finish within the grace is cut, and its handler is told', async () => {
  const authority = await createTestAuthority();
  const issuer = createTestIssuer();
  const telemetry = startTelemetry({ name: 'board' });
  const started = Promise.withResolvers<Call>();
  const server = await startGrpcServer({
    implementations: [
      implementPartly(BoardService, {
        getPost: async (_request, call) => {
          started.resolve(call);
          return await new Promise(() => undefined);
        },
      }),
    ],
    tls: new TlsFiles(await authority.folderFor('board')),
    host: '127.0.0.1',
    port: 0,
    trustDomain: authority.trustDomain,
    passports: issuer.gate(),
    telemetry,
    meters: callMeters(telemetry),
    log: createLogger({ name: 'board', level: 'silent' }),
  });
  const upstream = createUpstream({
    addresses: [`localhost:${server.port}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: telemetry.tracer,
  });
  const passport = issuer.passport({ scope: 'board:read' });
  const answer = createServiceClient(BoardService, upstream).getPost(
    { postId: 'p' },
    { passport, timeoutMs: 600_000 },
  );
  const cut = assert.rejects(answer, (error) => error instanceof GatehouseError);
  const { signal } = await started.promise;
  const aborted = once(signal, 'abort');
  await server.stop(20);
  await cut;
  await aborted;
  upstream.close();
  await telemetry.close();
  await authority.close();
});
