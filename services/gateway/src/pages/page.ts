/** What a page is, and the frame that every one of them stands in. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { EdgeResponse } from '../receive/seam.ts';
import { type Fragment, Html, html } from './html.ts';

/** What is different on each page. */
export interface PageContent {
  readonly title: string;
  /** Whether the trace view can be reached from here. */
  readonly withTraces: boolean;
  readonly main: Fragment;
  /** A file in assets/, run when the page is there. */
  readonly script?: 'docs.js' | 'traces.js';
  /** Default 200. */
  readonly status?: number;
}

const ICON = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
  '<path fill="none" stroke="#3b6fd4" stroke-width="3" stroke-linecap="round" ',
  'd="M5 27V14a11 11 0 0 1 22 0v13M11 27V15a5 5 0 0 1 10 0v12M3 27h26"/></svg>',
].join('');
const ICON_URL = `data:image/svg+xml,${encodeURIComponent(ICON)}`;

const encoder = new TextEncoder();
const style = asset('style.css');
const scripts = { 'docs.js': asset('docs.js'), 'traces.js': asset('traces.js') };

/**
 * Makes the response of a whole page.
 *
 * Style and script stand in the page, and the policy names them by their hash: nothing else runs, and
 * nothing is fetched but from here (CSP level 3, section 2.3.1).
 */
export function pageResponse(content: PageContent): EdgeResponse {
  const { title, main, withTraces, status = 200 } = content;
  const script = content.script === undefined ? undefined : scripts[content.script];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Gatehouse</title>
<link rel="icon" href="${ICON_URL}">
<style>${new Html(style.text)}</style>
</head>
<body>
<header>
<a class="brand" href="/">${new Html(ICON)}<span>Gatehouse</span></a>
<nav>
<a href="/docs">Try the API</a>
${withTraces ? html`<a href="/traces">Traces</a>` : undefined}
<a href="/openapi.json">openapi.json</a>
</nav>
</header>
<main>${main}</main>
${script === undefined ? undefined : html`<script>${new Html(script.text)}</script>`}
</body>
</html>
`;
  return {
    status,
    headers: {
      ...COMMON_HEADERS,
      ...pageHeaders(script),
      'content-type': 'text/html; charset=utf-8',
    },
    body: encoder.encode(page.text),
  };
}

function pageHeaders(script: Asset | undefined): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `style-src '${style.hash}'`,
    ...(script === undefined ? [] : [`script-src '${script.hash}'`, "connect-src 'self'"]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  };
}

interface Asset {
  readonly text: string;
  /** As a content security policy names it. */
  readonly hash: string;
}

function asset(name: string): Asset {
  const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}
