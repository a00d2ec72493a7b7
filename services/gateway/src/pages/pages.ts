/** The pages of the edge, by path. A contract's path comes first, so no page can stand before one. */

import { createOpenApiDocument } from '../openapi/document.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { Page } from '../route/page.ts';
import type { PageTree } from '../route/route.ts';
import { createPageTree, type RoutedMethod } from '../route/route.ts';
import { docsPage, openApiPage } from './docs.ts';
import { homePage } from './home.ts';
import { traceListPage } from './trace-list.ts';
import { createTraceSource } from './trace-source.ts';
import { tracePage } from './trace-waterfall.ts';

/**
 * Makes the pages: `/`, `/docs` and `/openapi.json`, and with a trace view `/traces`.
 *
 * @param parts.traceView - base of the collector; absent: there is no trace view.
 */
export function createPages(parts: {
  readonly methods: readonly RoutedMethod[];
  readonly traceView: URL | undefined;
}): PageTree {
  const { methods, traceView } = parts;
  const withTraces = traceView !== undefined;
  const document = createOpenApiDocument(methods);
  return createPageTree([
    homePage({ document, withTraces }),
    docsPage({ document, withTraces }),
    openApiPage(document, COMMON_HEADERS),
    ...(traceView === undefined ? [] : tracePages(traceView, methods)),
  ]);
}

function tracePages(traceView: URL, methods: readonly RoutedMethod[]): readonly Page[] {
  const source = createTraceSource(traceView);
  return [traceListPage(source), tracePage(source, methods)];
}
