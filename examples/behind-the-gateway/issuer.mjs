// Stands for your Keycloak, Auth0, Entra or Okta while you try this: whoever asks gets a token.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const issuer = 'http://127.0.0.1:9000';
const { privateKey, publicKey } = await generateKeyPair('RS256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' }];

function token(query) {
  const roles = query.getAll('role');
  return new SignJWT({ scope: query.get('scope') ?? '', realm_access: { roles }, typ: 'Bearer' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
    .setIssuer(issuer)
    .setAudience(['account', 'https://api.shop.example'])
    .setSubject(query.get('sub') ?? 'ada')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey);
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, issuer);
  response.setHeader('content-type', 'application/json');
  if (pathname === '/.well-known/openid-configuration') {
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
  } else if (pathname === '/keys') response.end(JSON.stringify({ keys }));
  else if (pathname === '/token') response.end(await token(searchParams));
  else response.writeHead(404).end('{}');
}

createServer((request, response) => {
  void answer(request, response);
}).listen(9000, '127.0.0.1');
