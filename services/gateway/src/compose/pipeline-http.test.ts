/** Requests through the whole edge, over real sockets, with raw bytes on both sides. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { httpRoute } from '../test-support/http-route.ts';
import { clock, issuer, proxyEdge } from '../test-support/proxy-edge.ts';
import { connectTo, isSecure, onBoth } from '../test-support/transports.ts';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

async function upstream(t: TestContext, serve: Serve): Promise<number> {
  const server = createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Bytes that answer whatever comes, and what came. */
async function rawUpstream(t: TestContext, onData: (socket: Socket, seen: string) => void) {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    let seen = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      onData(socket, seen);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTo(port, () => socket.write(Buffer.from(bytes, 'latin1')));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', (error: NodeJS.ErrnoException) =>
      chunks.push(Buffer.from(`<${error.code}>`)),
    );
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const HEAD = 'Host: app.example\r\nConnection: close\r\n';
const signedIn = httpRoute().rule;
const SIGNED_IN = { ...signedIn, subject: 'SIGNED_IN' as const };

const echo: Serve = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const seen = {
      method: request.method,
      url: request.url,
      headers: request.rawHeaders,
      trailers: request.rawTrailers,
      body: Buffer.concat(chunks).toString(),
    };
    response.end(JSON.stringify(seen));
  });
};

function bodyOf(answer: string) {
  const text = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
}

function valueIn(headers: readonly string[], name: string): string | undefined {
  const index = headers.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === name);
  return index === -1 ? undefined : headers[index + 1];
}

onBoth(
  'a request arrives as it was matched, with a passport and without the token',
  async (t, make) => {
    const app = await upstream(t, echo);
    const { port } = await proxyEdge(t, app, { make, routes: [{ rule: SIGNED_IN }] });
    const token = issuer.accessToken({ scope: '' });
    const answer = await exchange(
      port,
      `GET /a%40b/c?x&y=%0A;z HTTP/1.1\r\n${HEAD}Authorization: Bearer ${token}\r\nX-Mine: 1\r\nTxn_Token: forged\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    const seen = bodyOf(answer);
    assert.equal(seen.url, '/a%40b/c?x&y=%0A;z');
    assert.equal(valueIn(seen.headers, 'x-mine'), '1');
    assert.equal(valueIn(seen.headers, 'authorization'), undefined);
    assert.equal(valueIn(seen.headers, 'host'), 'app.example');
    assert.equal(
      valueIn(seen.headers, 'forwarded'),
      `for=127.0.0.1;host="app.example";proto=${isSecure(port) ? 'https' : 'http'}`,
    );
    assert.match(
      valueIn(seen.headers, 'traceparent') ?? '',
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/,
    );
    const passport = valueIn(seen.headers, 'txn-token') ?? '';
    const claims = JSON.parse(Buffer.from(passport.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(claims.tctx.method, 'http:all');
    assert.match(claims.sub, /^usr_/);
    assert.ok(
      !JSON.stringify(seen).includes('forged') && !JSON.stringify(seen).includes('9.9.9.9'),
    );
    assert.ok(!JSON.stringify(seen).includes(token));
    assert.match(answer, new RegExp(`x-request-id: ${valueIn(seen.headers, 'x-request-id')}`));
  },
);

onBoth('who may not is refused, and nothing arrives', async (t, make) => {
  const app = await upstream(t, () => assert.fail('arrived'));
  const { port } = await proxyEdge(t, app, { make, routes: [{ rule: SIGNED_IN }] });
  const none = await exchange(port, `GET / HTTP/1.1\r\n${HEAD}\r\n`);
  assert.match(none, /^HTTP\/1\.1 401 .*access\.not_signed_in/s);
  const bad = await exchange(port, `GET / HTTP/1.1\r\n${HEAD}Authorization: Bearer a.b.c\r\n\r\n`);
  assert.match(bad, /^HTTP\/1\.1 401 .*gateway\.invalid_token/s);
});

onBoth(
  'who got too many tokens wrong is let go, with all that was sent behind',
  async (t, make) => {
    const app = await upstream(t, () => assert.fail('arrived'));
    const { port } = await proxyEdge(t, app, { make, routes: [{ rule: SIGNED_IN }] });
    const bad = 'GET / HTTP/1.1\r\nHost: app.example\r\nAuthorization: Bearer a.b.c\r\n\r\n';
    const answers = (await exchange(port, bad.repeat(100))).split(/(?=HTTP\/1\.1 )/);
    assert.deepEqual(
      answers.map((answer) => answer.slice(9, 12)),
      [...Array<string>(60).fill('401'), '429'],
    );
    assert.match(answers.at(-1) ?? '', /^connection: close\r\n/im);
  },
);

onBoth('GET shares a passport for ten seconds; anything else has its own', async (t, make) => {
  const app = await upstream(t, echo);
  const routes = [{ rule: SIGNED_IN, methods: ['GET', 'POST'] as const }];
  const { port } = await proxyEdge(t, app, { make, routes });
  const token = issuer.accessToken({ scope: '' });
  const passportOf = async (method: string) => {
    const bytes = `${method} / HTTP/1.1\r\n${HEAD}Authorization: Bearer ${token}\r\n\r\n`;
    return valueIn(bodyOf(await exchange(port, bytes)).headers, 'txn-token');
  };
  const first = await passportOf('GET');
  assert.equal(await passportOf('GET'), first);
  assert.notEqual(await passportOf('POST'), await passportOf('POST'));
  clock.advance(10_001);
  assert.notEqual(await passportOf('GET'), first);
});

onBoth('bodies stream both ways, sized and chunked, with trailers', async (t, make) => {
  const app = await upstream(t, (request, response) => {
    response.writeHead(200, { trailer: 'x-sum' });
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
      response.write(chunk);
    });
    request.on('end', () => {
      response.addTrailers({ 'x-sum': `${size}`, 'x-seen': request.rawTrailers.join('=') });
      response.end();
    });
  });
  const { port } = await proxyEdge(t, app, { make, routes: [{ methods: ['POST'] }] });
  const sized = await exchange(port, `POST / HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\nhello`);
  assert.match(sized, /transfer-encoding: chunked.*\r\nhello\r\n0\r\nx-sum: 5\r\n/is);
  const chunked = await exchange(
    port,
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\nTxn_Token: x\r\n\r\n`,
  );
  assert.match(chunked, /abc\r\n0\r\nx-sum: 3\r\nx-seen: X-T=1\r\n/is);
});

onBoth(
  'an interrupted upstream interrupts the client’s connection, however the body was framed',
  async (t, make) => {
    for (const framing of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
      for (const version of ['1.1', '1.0']) {
        const app = await rawUpstream(t, (socket) => {
          socket.write(
            `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${framing.startsWith('T') ? '3\r\nabc\r\n' : 'abc'}`,
          );
          setTimeout(() => socket.destroy(), 20);
        });
        const { port } = await proxyEdge(t, app, { make });
        const answer = await exchange(port, `GET / HTTP/${version}\r\n${HEAD}\r\n`);
        // Over TLS it is the closing alert that is missing, of which Node's client says nothing.
        const end = isSecure(port) ? /abc(?:\r\n)?$/ : /abc.*<ECONNRESET>$/s;
        assert.match(answer, end, `${framing} ${version}`);
      }
    }
  },
);

onBoth('a client that goes away cancels its upstream at once', async (t, make) => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const app = await upstream(t, (_request, response) => {
    response.write('begin');
    response.on('close', () => gone.resolve());
    arrived.resolve();
  });
  const { port } = await proxyEdge(t, app, { make });
  const socket = connectTo(port, () => socket.write(`GET / HTTP/1.1\r\n${HEAD}\r\n`));
  await once(socket, 'data');
  await arrived.promise;
  socket.destroy();
  await gone.promise;
});

onBoth('100-continue goes from end to end, and early hints too', async (t, make) => {
  const server = createServer(echo);
  server.on('checkContinue', (request, response) => {
    if (request.url === '/no') {
      response.writeHead(417).end();
      return;
    }
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeContinue();
    echo(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const app = (server.address() as AddressInfo).port;
  const { port } = await proxyEdge(t, app, { make, routes: [{ methods: ['POST'] }] });
  const socket = connectTo(port);
  socket.write(`POST / HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  let seen = '';
  socket.on('data', (chunk) => {
    seen += chunk.toString();
    if (seen.endsWith('HTTP/1.1 100 Continue\r\n\r\n')) socket.write('ab');
  });
  await once(socket, 'close');
  assert.match(
    seen,
    /^HTTP\/1\.1 103 .*preload\r\n\r\nHTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /s,
  );
  assert.equal(seen.split('100 Continue').length, 2, 'said once');
  assert.equal(bodyOf(seen.slice(seen.indexOf(' 200 '))).body, 'ab');
  const refused = await exchange(
    port,
    `POST /no HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
  );
  assert.match(refused, /^HTTP\/1\.1 417 /);
});

onBoth('HEAD, 204 and 304 have no body, and keep what they say of one', async (t, make) => {
  const app = await upstream(t, (request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, status === 204 ? {} : { 'content-length': 7 });
    response.end();
  });
  const { port } = await proxyEdge(t, app, { make });
  const head = await exchange(port, `HEAD /200 HTTP/1.1\r\n${HEAD}\r\n`);
  assert.match(head, /^HTTP\/1\.1 200 .*content-length: 7\r\n.*\r\n\r\n$/is);
  assert.match(
    await exchange(port, `GET /204 HTTP/1.1\r\n${HEAD}\r\n`),
    /^HTTP\/1\.1 204 .*\r\n\r\n$/s,
  );
  assert.match(
    await exchange(port, `GET /304 HTTP/1.1\r\n${HEAD}\r\n`),
    /^HTTP\/1\.1 304 .*content-length: 7\r\n.*\r\n\r\n$/is,
  );
});

onBoth('a client of HTTP/1.0 gets a body that ends with its connection', async (t, make) => {
  const app = await upstream(t, (_request, response) => {
    response.writeProcessing();
    response.write('a');
    response.end('b');
  });
  const { port } = await proxyEdge(t, app, { make });
  const answer = await exchange(port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nab$/);
  assert.doesNotMatch(answer, /chunked|102/i);
});

onBoth('a client that does not read holds its upstream back', async (t, make) => {
  let written = 0;
  const app = await upstream(t, (_request, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const pump = (): void => {
      while (written < 500_000_000 && response.write(chunk)) written += chunk.length;
    };
    response.on('drain', pump);
    pump();
  });
  const { port } = await proxyEdge(t, app, { make });
  const socket = connectTo(port, () => socket.write(`GET / HTTP/1.1\r\n${HEAD}\r\n`));
  await once(socket, 'readable');
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(written < 50_000_000, `${written}`);
  socket.destroy();
});

onBoth('a body over the bound of its route is refused, announced or not', async (t, make) => {
  const app = await upstream(t, echo);
  const routes = [{ methods: ['POST'] as const, maxBodyBytes: 10 }];
  const { port } = await proxyEdge(t, app, { make, routes });
  const sized = await exchange(
    port,
    `POST / HTTP/1.1\r\n${HEAD}Content-Length: 11\r\n\r\nhello world`,
  );
  assert.match(sized, /^HTTP\/1\.1 413 .*gateway\.body_too_large/s);
  const chunked = await exchange(
    port,
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n`,
  );
  assert.match(chunked, /^HTTP\/1\.1 413 .*gateway\.body_too_large/s);
  const fits = await exchange(
    port,
    `POST / HTTP/1.1\r\n${HEAD}Content-Length: 10\r\n\r\nhello worl`,
  );
  assert.equal(bodyOf(fits).body, 'hello worl');
});

onBoth('a connection goes on after an answer, and after a refusal', async (t, make) => {
  const app = await upstream(t, echo);
  const { port } = await proxyEdge(t, app, {
    make,
    routes: [{ template: '/a' }, { template: '/b', rule: SIGNED_IN }],
  });
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: app\r\n\r\n`;
  const answer = await exchange(
    port,
    `${get('/a')}${get('/b')}${get('/a')}GET /a HTTP/1.1\r\n${HEAD}\r\n`,
  );
  const statuses = [...answer.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map(([, status]) => status);
  assert.deepEqual(statuses, ['200', '401', '200', '200']);
});

onBoth('the prefix is rewritten, and what is not a path any more is not sent', async (t, make) => {
  const app = await upstream(t, echo);
  const rewrite = { ...httpRoute().rewrite, prefix: { from: '/api', to: '/' } };
  const { port } = await proxyEdge(t, app, {
    make,
    routes: [{ template: '/api/{rest=**}', rewrite }],
  });
  const url = async (path: string) =>
    bodyOf(await exchange(port, `GET ${path} HTTP/1.1\r\n${HEAD}\r\n`)).url;
  assert.equal(await url('/api/x/y?q'), '/x/y?q');
  assert.equal(await url('/api'), '/');
});

onBoth('OPTIONS and methods that are not there are answered by the edge', async (t, make) => {
  const app = await upstream(t, () => assert.fail('arrived'));
  const { port } = await proxyEdge(t, app, { make });
  const options = await exchange(port, `OPTIONS / HTTP/1.1\r\n${HEAD}\r\n`);
  assert.match(options, /^HTTP\/1\.1 204 .*allow: GET, HEAD, OPTIONS/is);
  assert.match(await exchange(port, `PUT / HTTP/1.1\r\n${HEAD}\r\n`), /^HTTP\/1\.1 405 /);
  assert.match(await exchange(port, `PROPFIND / HTTP/1.1\r\n${HEAD}\r\n`), /^HTTP\/1\.1 501 /);
});

onBoth('an unreachable upstream is 503, and the log says by which route', async (t, make) => {
  const { port, lines } = await proxyEdge(t, 1, { make });
  const answer = await exchange(port, `GET / HTTP/1.1\r\n${HEAD}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 503 .*gateway\.upstream_away/s);
  const line = JSON.parse(lines.at(-1) ?? '{}');
  assert.deepEqual([line.route, line.status, line.code], ['all', 503, 'gateway.upstream_away']);
});
