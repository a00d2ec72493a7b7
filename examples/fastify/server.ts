// A Fastify server that accepts access tokens of the platform.
// node server.ts [issuer] [port]
import { createAccessTokenVerifier, createDiscoveredKeySet } from '@gatehouse/tokens';
import { bearerAuth } from '@gatehouse/tokens/fastify';
import fastify from 'fastify';

const [issuer = 'http://127.0.0.1:8091', port = '3000'] = process.argv.slice(2);
const keys = createDiscoveredKeySet({ issuer });
await keys.start();
const audience = 'https://edge.gatehouse.local';
const auth = bearerAuth({ verifier: createAccessTokenVerifier({ issuer, audience, keys }) });

const app = fastify();
await app.register(auth);

app.get('/me', async (request) => ({ subject: auth.principal(request).subject }));
app.post('/posts', { onRequest: auth.require({ scopes: ['board:write'] }) }, async () => ({}));
app.put('/notice', { onRequest: auth.require({ roles: ['moderator'] }) }, async () => ({}));

console.log(await app.listen({ host: '127.0.0.1', port: Number(port) }));
