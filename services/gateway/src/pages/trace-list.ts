/** `/traces`: the last requests, newest first. */

import type { Page } from '../route/page.ts';
import { type Html, html } from './html.ts';
import { assertLocal } from './local.ts';
import { pageResponse } from './page.ts';
import type { TraceSource, TraceSummary } from './trace-source.ts';

export function traceListPage(source: TraceSource): Page {
  return {
    route: '/traces',
    respond: async (request) => {
      assertLocal(request);
      const traces = await source.list();
      const requests = traces.filter(isRequest);
      const inside = traces.filter((trace) => !isRequest(trace));
      return pageResponse({
        title: 'Traces',
        withTraces: true,
        script: 'traces.js',
        main: html`
<h1>The last requests</h1>
<p class="lead">Each with its whole way: which process did what, for whom, and how long it took. Kept
in memory, the last 200, on this machine only. They come within about a second.</p>
${requests.length === 0 ? NOTHING_YET : table(requests)}
${inside.length === 0 ? undefined : html`<details><summary class="muted">Work that began inside: ${inside.length}</summary>${table(inside)}</details>`}`,
      });
    },
  };
}

const NOTHING_YET: Html = html`<p class="panel">Nothing yet. <a href="/docs">Try a call</a>, and look
again.</p>`;

/** Whether it began with a request from outside, and not with work of a process’s own. */
function isRequest({ first }: TraceSummary): boolean {
  return first.attributes['http.request.method'] !== undefined;
}

function table(traces: readonly TraceSummary[]): Html {
  return html`<div class="scroll"><table class="list">
<thead><tr><th>UTC</th><th>Request</th><th>Response</th><th>As</th><th>Through</th>
<th class="number">Took</th></tr></thead>
<tbody>${traces.map(row)}</tbody></table></div>`;
}

function row({ traceId, first, durationMs, services }: TraceSummary): Html {
  return html`<tr>
<td class="mono muted">${new Date(first.startMs).toISOString().slice(11, 23)}</td>
<td class="wide"><a href="/traces/${traceId}">${first.name}</a></td>
<td>${statusOf(first.attributes)}</td>
<td>${String(first.attributes['gatehouse.subject_kind'] ?? 'nobody')}</td>
<td class="muted">${services.join(' → ')}</td>
<td class="number">${durationMs.toFixed(1)} ms</td>
</tr>`;
}

/** The status of a response in its colour, with the code of an error. */
export function statusOf(attributes: TraceSummary['first']['attributes']): Html {
  const status = Number(attributes['http.response.status_code'] ?? 0);
  const code = attributes['error.type'];
  return html`<strong class="${status >= 400 ? 'bad' : 'good'}">${status === 0 ? '–' : status}</strong>
${code === undefined ? undefined : html`<span class="muted">${String(code)}</span>`}`;
}
