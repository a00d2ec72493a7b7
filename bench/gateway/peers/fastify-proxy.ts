/** `@fastify/http-proxy` with `jose`, as their documentation puts them together. */
import { readFileSync } from 'node:fs';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { AUDIENCE, ISSUER } from '../issuer.ts';

const [port = '', upstreamPort = '', jwksFile = ''] = process.argv.slice(2);
const keys = createLocalJWKSet(JSON.parse(readFileSync(jwksFile, 'utf8')));
const app = fastify();
await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstreamPort}`,
  preHandler: (request, reply, done) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] }).then(
      () => done(),
      () => void reply.code(401).send(),
    );
  },
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
