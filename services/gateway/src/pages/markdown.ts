import { type Fragment, html } from './html.ts';

/**
 * The little of Markdown that the contracts' comments have: paragraphs, and `code` in backticks.
 * Everything else is text.
 */
export function paragraphs(text: string): Fragment {
  return text.split(/\n{2,}/).map((paragraph) => html`<p>${inline(paragraph)}</p>`);
}

/** Text with `code` in backticks. */
export function inline(text: string): Fragment {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}
