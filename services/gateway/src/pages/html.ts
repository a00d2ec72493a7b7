/** HTML from templates in which every value is escaped, unless it is HTML of ours already. */

/** A piece of HTML that is safe to stand in a page. Made by {@link html} only. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. `undefined` is nothing. */
export type Fragment = Html | string | number | undefined | readonly Fragment[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template. Its values are escaped for text and for attributes in quotes.
 *
 * Not safe: a value as the name of a tag or an attribute, without quotes, or inside `<script>` and
 * `<style>`. A URL is escaped and not judged.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  const parts = strings.map((text, index) => `${text}${textOf(values[index])}`);
  return new Html(parts.join(''));
}

function textOf(value: Fragment): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value.map(textOf).join('');
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
