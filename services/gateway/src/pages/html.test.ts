import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from './html.ts';
import { inline, paragraphs } from './markdown.ts';

test('every value is escaped, in text and in attributes', () => {
  const evil = `"><script>alert('1')</script>&`;
  assert.equal(
    html`<a title="${evil}">${evil}</a>`.text,
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>',
  );
});

test('HTML of ours stays; lists are joined, nothing is nothing', () => {
  assert.equal(
    html`${[html`<b>1</b>`, 2, undefined, ['<', [html`<i></i>`]]]}`.text,
    '<b>1</b>2&lt;<i></i>',
  );
});

test('what only looks like ours is text', () => {
  const forged = JSON.parse('{"text":"<script>"}');
  assert.throws(() => html`${forged}`);
});

test('of Markdown there are paragraphs and code', () => {
  assert.equal(
    html`${paragraphs('One `a<b`.\n\n*Two* [x](javascript:1)')}`.text,
    '<p>One <code>a&lt;b</code>.</p><p>*Two* [x](javascript:1)</p>',
  );
  assert.equal(html`${inline('plain')}`.text, 'plain');
});
