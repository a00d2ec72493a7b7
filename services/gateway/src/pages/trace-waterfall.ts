/** `/traces/{trace_id}`: one request as a waterfall over the processes, with the identity at each hop. */
import { edgeErrors } from '../errors.ts';
import { accessSentence } from '../openapi/operation.ts';
import type { Page } from '../route/page.ts';
import type { RoutedMethod } from '../route/route.ts';
import { type Html, html } from './html.ts';
import { identityAt } from './identity.ts';
import { assertLocal } from './local.ts';
import { inline } from './markdown.ts';
import { pageResponse } from './page.ts';
import { statusOf } from './trace-list.ts';
import type { TraceSource, TraceSpan } from './trace-source.ts';

const TRACE_ID = /^[0-9a-f]{32}$/;
const COLOURS = 6;
const MAX_INDENT = 4;

/** @param methods - the calls of the edge, to tell the rule that a request was held to. */
export function tracePage(source: TraceSource, methods: readonly RoutedMethod[]): Page {
  return {
    route: '/traces/{trace_id}',
    respond: async (request) => {
      assertLocal(request);
      const traceId = request.segments[1] ?? '';
      if (!TRACE_ID.test(traceId)) throw edgeErrors.NOT_FOUND();
      const spans = await source.spansOf(traceId);
      const [first] = spans;
      if (first === undefined) return notFound(traceId);
      return pageResponse({
        title: first.name,
        withTraces: true,
        main: html`
<p><a href="/traces">← The last requests</a></p>
<h1>${first.name}</h1>
<p>${summary(spans)}</p>
${ruleOf(first, methods)}
<div class="spans">${waterfall(spans)}</div>
<p class="muted">Trace <code>${traceId}</code>. Open a row for everything that it says. No token is in
here: processes tell who and what, never with which secret.</p>`,
      });
    },
  };
}

function notFound(traceId: string) {
  return pageResponse({
    title: 'Trace not found',
    withTraces: true,
    status: 404,
    script: 'traces.js',
    main: html`<h1>Trace not found</h1>
<p class="lead">Spans come within about a second, so it may appear. Only the last 200 are kept.</p>
<p><code>${traceId}</code></p><p><a href="/traces">The last requests</a></p>`,
  });
}

function summary(spans: readonly TraceSpan[]): Html {
  const services = [...new Set(spans.map(({ service }) => service))];
  const { startMs, endMs } = extentOf(spans);
  const edge = spans.find(
    ({ attributes }) => attributes['http.response.status_code'] !== undefined,
  );
  return html`${edge === undefined ? undefined : statusOf(edge.attributes)}
<span class="chip">${(endMs - startMs).toFixed(1)} ms</span>
<span class="chip">${spans.length} ${spans.length === 1 ? 'span' : 'spans'}</span>
<span class="chip">${services.join(' → ')}</span>`;
}

function ruleOf({ attributes }: TraceSpan, methods: readonly RoutedMethod[]): Html | undefined {
  const method = methods.find(({ id }) => id === attributes['rpc.method']);
  if (method === undefined) return undefined;
  return html`<p class="muted">The rule of <code>${method.id}</code>: ${inline(accessSentence(method))}</p>`;
}

interface Row {
  readonly span: TraceSpan;
  readonly caused: readonly TraceSpan[];
  readonly depth: number;
}

interface Scale {
  readonly startMs: number;
  readonly endMs: number;
  /** In order of their first span: the colour of each. */
  readonly services: readonly string[];
}

function waterfall(spans: readonly TraceSpan[]): readonly Html[] {
  const services = [...new Set(spans.map(({ service }) => service))];
  const scale = { ...extentOf(spans), services };
  return rowsOf(spans).map((row) => spanRow(row, scale));
}

/** Each span below the one that caused it. */
function rowsOf(spans: readonly TraceSpan[]): readonly Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ spanId, parentSpanId }) =>
    known.has(parentSpanId) && parentSpanId !== spanId ? parentSpanId : '',
  );
  const rows: Row[] = [];
  const shown = new Set<string>();
  const show = (span: TraceSpan, depth: number): void => {
    if (shown.has(span.spanId)) return;
    shown.add(span.spanId);
    const caused = (children.get(span.spanId) ?? []).toSorted(byTime);
    rows.push({ span, caused, depth });
    for (const child of caused) show(child, depth + 1);
  };
  for (const root of children.get('') ?? []) show(root, 0);
  // Spans that claim to cause each other have no first one.
  for (const span of spans) show(span, 0);
  return rows;
}

/** Starts are told in whole milliseconds: of two in the same one, the first to end came first. */
function byTime(a: TraceSpan, b: TraceSpan): number {
  return a.startMs - b.startMs || a.durationMs - b.durationMs;
}

function spanRow({ span, caused, depth }: Row, scale: Scale): Html {
  const { service, name, kind, durationMs, attributes } = span;
  const colour = scale.services.indexOf(service) % COLOURS;
  const identity = identityAt(span, caused);
  return html`<details class="span s${colour} d${Math.min(depth, MAX_INDENT)}">
<summary>
<span class="name"><b class="service">${service}</b> <span class="doing">${shortName(name)}</span>${kind === 'CLIENT' && attributes['rpc.method'] !== undefined ? html`<span class="chip">call</span>` : undefined}</span>
${bar(span, scale)}
<span class="took">${durationMs.toFixed(1)} ms</span>
${identity === undefined ? undefined : html`<span class="who">${identity}</span>`}
</summary>
<div class="more scroll"><table>
<tr><td>name</td><td><code>${name}</code></td></tr>
<tr><td>kind</td><td>${kind}</td></tr>
${Object.entries(attributes).map(
  ([key, value]) => html`<tr><td>${key}</td><td><code>${String(value)}</code></td></tr>`,
)}
</table></div>
</details>`;
}

/** An SVG, since the page’s policy lets no style be written on an element. */
function bar({ startMs, durationMs, name }: TraceSpan, scale: Scale): Html {
  const whole = Math.max(scale.endMs - scale.startMs, 0.001);
  const left = ((startMs - scale.startMs) / whole) * 1_000;
  const width = Math.max((durationMs / whole) * 1_000, 4);
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${name}">
<rect class="track" width="1000" height="10"/>
<rect class="time" x="${Math.min(left, 996).toFixed(1)}" width="${width.toFixed(1)}" height="10"/>
</svg>`;
}

function extentOf(spans: readonly TraceSpan[]): { startMs: number; endMs: number } {
  return {
    startMs: Math.min(...spans.map(({ startMs }) => startMs)),
    endMs: Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs)),
  };
}

/** `BoardService/GetPost`: the package says what the process already says. */
function shortName(name: string): string {
  return name.replace(/^gatehouse\.[a-z_]+\.v[0-9]+\./, '');
}
