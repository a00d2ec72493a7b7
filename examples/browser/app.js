// A page that keeps a good access token and shows whose it is. Its server answers /token by the
// refresh token in a cookie, and gives the issuer's key set at /.well-known/jwks.json.
import { createBrowserVerifier, createTokenKeeper } from '@gatehouse/tokens/browser';

const audience = 'https://edge.gatehouse.local';
const jwks = await (await fetch('/.well-known/jwks.json')).json();
const verifier = createBrowserVerifier({ issuer: location.origin, audience, jwks });
const keeper = createTokenKeeper({
  fetchToken: async (signal) => {
    const response = await fetch('/token', { method: 'POST', signal });
    if (!response.ok) throw new Error(`no token: ${response.status}`);
    return await response.text();
  },
});

/** @param {string} text */
const show = (text) => document.querySelector('#answer')?.replaceChildren(text);
try {
  const claims = await verifier.verify(await keeper.token());
  show(`You are ${claims.sub}`);
} catch (error) {
  show(error instanceof Error ? error.message : 'failed');
}
