/** The pages of the edge, by path. A contract's path comes first, so no page can stand before one. */

import { createOpenApiDocument } from '../openapi/document.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { RoutedMethod } from '../route/route-table.ts';
import { docsPage, openApiPage } from './docs.ts';
import { homePage } from './home.ts';
import type { Page } from './page.ts';
import { traceListPage } from './trace-list.ts';
import { createTraceSource } from './trace-source.ts';
import { tracePage } from './trace-waterfall.ts';

/** Finds pages. */
export interface PageTable {
  /** @returns undefined for a path that is no page. A trailing slash is another path. */
  find(segments: readonly string[]): Page | undefined;
}

/**
 * Makes the pages: `/`, `/docs` and `/openapi.json`, and with a trace view `/traces`.
 *
 * @param parts.traceView - base of the collector; absent: there is no trace view.
 */
export function createPageTable(parts: {
  readonly methods: readonly RoutedMethod[];
  readonly traceView: URL | undefined;
}): PageTable {
  const { methods, traceView } = parts;
  const withTraces = traceView !== undefined;
  const document = createOpenApiDocument(methods);
  const pages = [
    homePage({ document, withTraces }),
    docsPage({ document, withTraces }),
    openApiPage(document, COMMON_HEADERS),
    ...(traceView === undefined ? [] : tracePages(traceView, methods)),
  ];
  const routes = pages.map((page) => ({ page, segments: segmentsOf(page.route) }));
  return {
    find: (segments) => routes.find((route) => matches(route.segments, segments))?.page,
  };
}

function tracePages(traceView: URL, methods: readonly RoutedMethod[]): readonly Page[] {
  const source = createTraceSource(traceView);
  return [traceListPage(source), tracePage(source, methods)];
}

function segmentsOf(route: string): readonly string[] {
  return route === '/' ? [] : route.slice(1).split('/');
}

function matches(route: readonly string[], segments: readonly string[]): boolean {
  return (
    route.length === segments.length &&
    route.every((segment, index) => segment.startsWith('{') || segment === segments[index])
  );
}
