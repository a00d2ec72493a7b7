/** `/docs`: every call of the edge, readable, and to be tried from here. */
import type { OpenApiDocument, Operation, Response } from '../openapi/schema-types.ts';
import type { Page } from '../route/page.ts';
import { breakable, type Call, callsOf, verb } from './calls.ts';
import { type Html, html } from './html.ts';
import { inline, paragraphs } from './markdown.ts';
import { pageResponse } from './page.ts';
import { fieldTable, resolve, wordsOf } from './schema-table.ts';

/** What the page shows. */
export interface DocsParts {
  readonly document: OpenApiDocument;
  readonly withTraces: boolean;
}

/** The page is made once: the document does not change while the gateway runs. */
export function docsPage({ document, withTraces }: DocsParts): Page {
  const response = pageResponse({
    title: 'Try the API',
    withTraces,
    script: 'docs.js',
    main: html`
<h1>Try the API</h1>
<p class="lead">Made from the contracts that this gateway routes by, so it says what is enforced.
A program reads the same in <a href="/openapi.json">openapi.json</a>.</p>
${logInPanel(document, withTraces)}
${document.tags.map((tag) => section(document, tag))}`,
  });
  return { route: '/docs', respond: () => response };
}

/** `/openapi.json`. */
export function openApiPage(
  document: OpenApiDocument,
  headers: Readonly<Record<string, string>>,
): Page {
  const body = new TextEncoder().encode(JSON.stringify(document, undefined, 1));
  const response = {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  };
  return { route: '/openapi.json', respond: () => response };
}

function logInPanel({ paths }: OpenApiDocument, withTraces: boolean): Html | undefined {
  if (paths['/auth/v1/login']?.post === undefined) return undefined;
  return html`<section class="panel" id="log-in" data-traces="${withTraces ? 'yes' : 'no'}">
<h3>Who are you?</h3>
<p class="nojs">This page needs its script to send requests.</p>
<form class="try">
<div class="fields">
<label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<button type="button" class="quiet" name="log-out" hidden>Sign out</button>
</div>
<output class="muted">Not signed in: calls are sent without a token. New here? Open
<a href="#auth.CreateUser">sign-up</a> below; <code>gatehouse up</code> also shows three demo users.</output>
</form>
</section>`;
}

function section(document: OpenApiDocument, tag: OpenApiDocument['tags'][number]): Html {
  const operations = callsOf(document, tag.name).map((call) => operationDetails(document, call));
  return html`<h2 id="${tag.name}">${tag.name}</h2><p class="muted">${tag.description}</p>${operations}`;
}

function operationDetails(document: OpenApiDocument, call: Call): Html {
  const { path, method, operation } = call;
  const body = operation.requestBody?.content['application/json'];
  return html`<details class="op" id="${operation.operationId}">
<summary>${verb(method)} <code>${breakable(path)}</code>
<span class="what">${inline(operation.summary)}</span>${needs(operation)}</summary>
<div>
${paragraphs(operation.description)}
${tryForm(call)}
${operation.parameters === undefined ? undefined : parameterTable(operation)}
${body === undefined ? undefined : html`<h4>Body</h4>${fieldTable(document, body.schema, 'request')}`}
${responses(document, operation)}
</div>
</details>`;
}

function needs({ 'x-gatehouse-access': access }: Operation): Html {
  if (access.subject === 'ANYONE') return html`<span class="chip">anyone</span>`;
  const names = [...access.scopes, ...access.roles.map((role) => `role ${role}`)];
  const shown = names.length === 0 ? ['signed in'] : names;
  return html`${shown.map((name) => html`<span class="chip">${name}</span>`)}`;
}

function tryForm({ path, method, operation }: Call): Html {
  const body = operation.requestBody?.content['application/json'];
  const example = JSON.stringify(body?.example ?? {}, undefined, 2);
  const inputs = (operation.parameters ?? []).map(
    ({ name, in: place, required }) => html`<label>${name}
<input name="${place}:${name}" autocomplete="off" ${required ? html`required` : undefined}></label>`,
  );
  return html`<form class="try" data-method="${method}" data-path="${path}">
${inputs.length === 0 ? undefined : html`<div class="fields">${inputs}</div>`}
${body === undefined ? undefined : html`<label>Body <textarea name="body" spellcheck="false">${example}</textarea></label>`}
<div><button>Send</button></div>
<output></output>
</form>`;
}

function parameterTable({ parameters = [] }: Operation): Html {
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      html`<tr><td><code>${name}</code></td><td>in the ${place}</td>
<td>${wordsOf(schema, required ? 'required' : '')}</td><td>${inline(description ?? '')}</td></tr>`,
  );
  return html`<h4>Parameters</h4><div class="scroll"><table>${rows}</table></div>`;
}

function responses(document: OpenApiDocument, operation: Operation): Html {
  const entries = Object.entries(operation.responses);
  const [success, ...problems] = entries;
  const schema = contentOf(document, success?.[1])?.schema;
  return html`<h4>Responses</h4>
<p><strong class="good">${success?.[0]}</strong> ${contentOf(document, success?.[1]) === undefined ? 'without a body' : undefined}</p>
${schema === undefined ? undefined : fieldTable(document, schema, 'response')}
<details><summary class="muted">${problems.length} errors, each as problem+json</summary>
${problems.map(([status, response]) => problem(document, status, response))}</details>`;
}

function problem(
  document: OpenApiDocument,
  status: string,
  response: Response | { readonly $ref: string },
): Html {
  const [title = '', codes = ''] = resolve<Response>(document, response).description.split('\n\n');
  const lines = codes.split('\n').filter((line) => line.startsWith('- '));
  return html`<p><strong class="bad">${status}</strong> ${inline(title)}</p>
${lines.length === 0 ? undefined : html`<ul>${lines.map((line) => html`<li>${inline(line.slice(2))}</li>`)}</ul>`}`;
}

function contentOf(
  document: OpenApiDocument,
  response: Response | { readonly $ref: string } | undefined,
) {
  if (response === undefined) return undefined;
  return resolve<Response>(document, response).content?.['application/json'];
}
