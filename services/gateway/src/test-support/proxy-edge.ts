import type { TestContext } from 'node:test';
import type { PipelineParts } from '../compose/parts.ts';
import { problemResponse } from '../receive/problem.ts';
import { createReceiver, type ReceiverOptions } from '../receive/receiver.ts';
import type { HttpRoute } from '../route/http-route.ts';
import { createRouteSet } from '../route/route-set.ts';
import { httpRoute, upstreamSettings } from './http-route.ts';
import { type Revoked, testPipeline } from './pipeline.ts';
import type { MakeReceiver } from './transports.ts';

export { clock, issuer, type Revoked } from './pipeline.ts';

/** A listening edge in front of one upstream. */
export async function proxyEdge(
  t: TestContext,
  upstreamPort: number,
  options: {
    readonly routes?: readonly Partial<HttpRoute>[];
    readonly parts?: Partial<PipelineParts>;
    readonly receiver?: Partial<ReceiverOptions>;
    readonly revoked?: Revoked;
    readonly make?: MakeReceiver;
  } = {},
) {
  const { make = createReceiver, parts = {}, revoked = {} } = options;
  const routes = (options.routes ?? [{}]).map((route) => httpRoute(route));
  const addresses = [{ host: '127.0.0.1', port: upstreamPort }];
  const external = createRouteSet(routes, new Map([['app', upstreamSettings({ addresses })]]));
  const { handle, live, lines, verifier, close } = testPipeline({ external, revoked, parts });
  const receiver = make({
    host: '127.0.0.1',
    port: 0,
    handle,
    wireFault: (error) => problemResponse({ error, headers: {} }, 'trace'),
    settleMs: 0,
    ...options.receiver,
  });
  const port = await receiver.start();
  t.after(async () => {
    live.endAll();
    await receiver.stop(0);
    await close();
  });
  return { port, receiver, live, lines, verifier };
}
