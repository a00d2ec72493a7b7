import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import {
  brokenVerifier,
  expired,
  good,
  keylessVerifier,
  verifier,
} from '../test-support/bearer.ts';
import { accessClaims } from '../test-support/forge.ts';
import { bearerAuth } from './grpc.ts';

const asIs = (bytes: Buffer): Buffer => bytes;
const method = (path: string, responseStream: boolean) => ({
  path,
  requestStream: false,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const SERVICE = {
  get: method('/test.v1.Test/Get', false),
  watch: method('/test.v1.Test/Watch', true),
  delete: method('/test.v1.Test/Delete', false),
};

const auth = bearerAuth({
  grpc,
  verifier,
  methods: { '/test.v1.Test/Delete': { scopes: ['board:delete'] } },
});
let handled = 0;
const running: { readonly server: grpc.Server; readonly client: grpc.Client }[] = [];
let client: grpc.Client;

before(async () => {
  client = await start(auth);
});
after(() => {
  for (const { server, client: open } of running) {
    open.close();
    server.forceShutdown();
  }
});

async function start(interceptor: grpc.ServerInterceptor): Promise<grpc.Client> {
  const server = new grpc.Server({ interceptors: [interceptor] });
  const answer: grpc.handleUnaryCall<Buffer, Buffer> = (call, callback) => {
    handled++;
    callback(null, Buffer.from(`${auth.principal(call).subject} ${call.request}`));
  };
  const watch: grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
    for (const part of ['one', 'two']) call.write(Buffer.from(part));
    call.end();
  };
  server.addService(SERVICE, { get: answer, watch, delete: answer });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync('localhost:0', credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const made = new grpc.Client(`localhost:${port}`, grpc.credentials.createInsecure());
  running.push({ server, client: made });
  return made;
}

interface Outcome {
  readonly code: number;
  readonly text: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

function call(
  authorization: readonly string[],
  { path = SERVICE.get.path, at = client } = {},
): Promise<Outcome> {
  const metadata = new grpc.Metadata();
  for (const value of authorization) metadata.add('authorization', value);
  return new Promise((resolve) => {
    const body = Buffer.from('asked');
    at.makeUnaryRequest(path, asIs, asIs, body, metadata, (error, answer) => {
      if (error === null) resolve({ code: 0, text: String(answer), trailers: {} });
      else resolve({ code: error.code, text: error.details, trailers: error.metadata.getMap() });
    });
  });
}

test('a good token reaches the handler, with its message and its principal', async () => {
  assert.deepEqual(await call([`Bearer ${good}`]), {
    code: grpc.status.OK,
    text: `${accessClaims.sub} asked`,
    trailers: {},
  });
  assert.equal((await call([`bearer ${good}`])).code, grpc.status.OK);
});

test('no token, another scheme and a bad token are UNAUTHENTICATED, and no handler runs', async () => {
  const before = handled;
  for (const authorization of [[], ['Basic YTpi'], [`Bearer ${expired}`], ['Bearer']]) {
    assert.equal((await call(authorization)).code, grpc.status.UNAUTHENTICATED);
  }
  assert.equal(handled, before);
});

test('a method can demand scopes: PERMISSION_DENIED', async () => {
  const { code } = await call([`Bearer ${good}`], { path: SERVICE.delete.path });
  assert.equal(code, grpc.status.PERMISSION_DENIED);
});

test('without keys: UNAVAILABLE, with the time after which to come again', async () => {
  const at = await start(bearerAuth({ grpc, verifier: keylessVerifier }));
  const { code, trailers } = await call([`Bearer ${good}`], { at });
  assert.equal(code, grpc.status.UNAVAILABLE);
  assert.equal(trailers['grpc-retry-pushback-ms'], '1000');
});

test('a fault is INTERNAL, and nothing of it is shown', async () => {
  const at = await start(bearerAuth({ grpc, verifier: brokenVerifier }));
  const { code, text } = await call([`Bearer ${good}`], { at });
  assert.deepEqual([code, text], [grpc.status.INTERNAL, 'internal error']);
});

test('a stream is guarded before its first message', async () => {
  const watch = async (authorization: string): Promise<string> => {
    const metadata = new grpc.Metadata();
    metadata.set('authorization', authorization);
    const stream = client.makeServerStreamRequest(
      SERVICE.watch.path,
      asIs,
      asIs,
      Buffer.alloc(0),
      metadata,
    );
    const parts: string[] = [];
    try {
      for await (const part of stream) parts.push(String(part));
      return parts.join(' ');
    } catch (error) {
      return `${parts.length} ${(error as grpc.ServiceError).code}`;
    }
  };
  assert.equal(await watch(`Bearer ${good}`), 'one two');
  assert.equal(await watch(`Bearer ${expired}`), `0 ${grpc.status.UNAUTHENTICATED}`);
});

test('a demand that nobody can meet, or for no method, is refused when the server is made', () => {
  const make = (path: string, scopes: readonly string[]) =>
    bearerAuth({ grpc, verifier, methods: { [path]: { scopes } } });
  assert.throws(() => make('/a.B/C', []), TypeError);
  assert.throws(() => make('a.B/C', ['x']), TypeError);
  assert.throws(() => make('C', ['x']), TypeError);
});
