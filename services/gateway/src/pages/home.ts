/** `/`: what runs here, and what to try. */
import type { OpenApiDocument } from '../openapi/schema-types.ts';
import type { Page } from '../route/page.ts';
import { breakable, type Call, callsOf, verb } from './calls.ts';
import type { DocsParts } from './docs.ts';
import { type Fragment, type Html, html } from './html.ts';
import { pageResponse } from './page.ts';

export function homePage({ document, withTraces }: DocsParts): Page {
  return {
    route: '/',
    respond: ({ host }) =>
      pageResponse({
        title: 'What runs here',
        withTraces,
        main: html`
<h1>A gateway that asks who you are</h1>
<p class="lead">Every request is checked here, without a network call. One that is allowed gets a
passport that is valid for a minute; the services behind this gateway never see your token, and cannot
be called without a passport.</p>
<p class="actions">
<a class="button" href="/docs">Try the API</a>
${withTraces ? html`<a class="button quiet" href="/traces">See a request’s whole way</a>` : undefined}
</p>
<h2>What runs here</h2>
<div class="cards">${document.tags.map((tag) => serviceCard(tag, callsOf(document, tag.name)))}</div>
<h2>What to try</h2>
${whatToTry(host ?? 'localhost:8080')}
${withTraces ? TRACES_HINT : undefined}`,
      }),
  };
}

const TRACES_HINT: Html = html`<p>Every response has an <code>x-request-id</code>. Put it behind
<a href="/traces"><code>/traces/</code></a> to see where the request went, and as whom.</p>`;

function serviceCard(
  { name, description }: OpenApiDocument['tags'][number],
  calls: readonly Call[],
): Html {
  return html`<section class="card"><h3>${name}</h3><p>${description}</p><ul>${calls.map(
    ({ method, path, operation }) =>
      html`<li><a href="/docs#${operation.operationId}">${verb(method)} <code>${breakable(path)}</code></a></li>`,
  )}</ul></section>`;
}

// For any POSIX shell with curl; sed takes the token out, since not everyone has jq.
function whatToTry(host: string): Fragment {
  const json = "-H 'content-type: application/json'";
  const edge = `http://${host}`;
  const commands = [
    [
      'Sign up',
      `curl -s ${edge}/auth/v1/sign-up ${json} \\
  -d '{"email":"ada@example.com","password":"engines-of-1843","nickname":"Ada"}'`,
    ],
    [
      'Log in',
      `TOKEN=$(curl -s ${edge}/auth/v1/login ${json} \\
  -d '{"email":"ada@example.com","password":"engines-of-1843"}' \\
  | sed 's/.*"accessToken":"\\([^"]*\\).*/\\1/')`,
    ],
    [
      'Write a post',
      `curl -si ${edge}/board/v1/posts ${json} \\
  -H "authorization: Bearer $TOKEN" -d '{"title":"Hello","body":"From the gateway."}'`,
    ],
    [
      'Get rejected: no token, then a passport of your own making',
      `curl -si ${edge}/board/v1/posts
curl -si ${edge}/board/v1/posts -H 'Txn-Token: let-me-in'`,
    ],
  ] as const;
  return commands.map(
    ([title, command]) =>
      html`<figure><figcaption>${title}</figcaption><pre>${command}</pre></figure>`,
  );
}
