// An Express server that accepts access tokens of the platform.
// node server.ts [issuer] [port]
import { createAccessTokenVerifier, createDiscoveredKeySet } from '@gatehouse/tokens';
import { bearerAuth } from '@gatehouse/tokens/express';
import express from 'express';

const [issuer = 'http://127.0.0.1:8091', port = '3000'] = process.argv.slice(2);
const keys = createDiscoveredKeySet({ issuer });
await keys.start();
const audience = 'https://edge.gatehouse.local';
const auth = bearerAuth({ verifier: createAccessTokenVerifier({ issuer, audience, keys }) });

const app = express();
app.use(auth);

app.get('/me', (request, response) => {
  response.json({ subject: auth.principal(request).subject });
});
app.post('/posts', auth.require({ scopes: ['board:write'] }), (_, response) => response.json({}));
app.put('/notice', auth.require({ roles: ['moderator'] }), (_, response) => response.json({}));

const server = app.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}`);
});
