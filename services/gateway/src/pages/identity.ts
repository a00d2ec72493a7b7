/** What a span says of who asked, whom it was done for, and what was decided. */
import { type Html, html } from './html.ts';
import type { TraceSpan } from './trace-source.ts';

/**
 * The identity at one hop as a sentence; undefined where a span has none to tell.
 *
 * @param caused - the spans that this one caused: what a call carried is told by whom it reached.
 */
export function identityAt(span: TraceSpan, caused: readonly TraceSpan[]): Html | undefined {
  if (span.attributes['http.request.method'] !== undefined) return identityAtEdge(span);
  if (span.attributes['gatehouse.peer'] !== undefined) return identityInside(span);
  const statement = span.attributes['db.query.text'];
  if (statement !== undefined) return html`<code>${String(statement)}</code>`;
  return passportSent(caused);
}

function passportSent(caused: readonly TraceSpan[]): Html | undefined {
  const reached = caused.find(({ attributes }) => attributes['gatehouse.passport_txn']);
  if (reached === undefined) return undefined;
  return html`sends passport <code>${String(reached.attributes['gatehouse.passport_txn'])}</code>`;
}

function identityAtEdge({ attributes }: TraceSpan): Html {
  const who = tokenOf(attributes);
  return html`${who} from ${String(attributes['client.address'] ?? '')} ${verdict(attributes)}`;
}

function tokenOf(attributes: TraceSpan['attributes']): Html {
  const subject = attributes['gatehouse.subject'];
  if (subject !== undefined) {
    const scope = scopes(attributes['gatehouse.token_scope']);
    return html`access token of <code>${String(subject)}</code>${scope}`;
  }
  const isBad = attributes['error.type'] === 'gateway.invalid_token';
  return isBad ? html`an invalid access token,` : html`without an access token,`;
}

function identityInside({ attributes }: TraceSpan): Html {
  const caller = html`called by <code>${String(attributes['gatehouse.peer'])}</code>`;
  const subject = attributes['gatehouse.subject'];
  const passport =
    subject === undefined
      ? html`, without a passport`
      : html`, passport for <code>${String(subject)}</code>${scopes(attributes['gatehouse.passport_scope'])}
signed by <code>${String(attributes['gatehouse.passport_issuer'])}</code>`;
  return html`${caller}${passport} ${verdict(attributes)}`;
}

function scopes(scope: string | number | boolean | undefined): Html | undefined {
  if (scope === undefined || scope === '') return undefined;
  return html` with <code>${String(scope)}</code>`;
}

function verdict(attributes: TraceSpan['attributes']): Html | undefined {
  const decision = attributes['gatehouse.decision'];
  const code = attributes['error.type'];
  const refusal = code === undefined ? undefined : html` <span class="bad">${String(code)}</span>`;
  if (decision === undefined) return refusal;
  return decision === 'allow'
    ? html`→ <span class="good">allowed</span>${refusal}`
    : html`→ <span class="bad">denied: ${String(decision)}</span>${refusal}`;
}
