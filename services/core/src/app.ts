/** Core put together: its database, extension, the daily batch, and who may ask for what. */
import { runService, type ServiceApp, type ServiceContext } from '@gatehouse/chassis';
import { httpListener, sendResponse } from '@gatehouse/chassis/http';
import { LEASES } from '@gatehouse/postgres';
import { coreService } from './assets/service.ts';
import type { CoreTables } from './assets/tables.ts';
import { coreOperatorService } from './batch/operator-service.ts';
import { BatchRunner } from './batch/runner.ts';
import { startSchedule } from './batch/schedule.ts';
import { readCoreConfig } from './config.ts';
import { type ExtensionTarget, extensionClient } from './extension/client.ts';
import { extensionTarget } from './extension/target.ts';

/**
 * Composes the service.
 *
 * @param extension - where extension is called. Default: its replicas, with core's own service token.
 */
export async function build(
  context: ServiceContext,
  extension?: ExtensionTarget,
): Promise<ServiceApp> {
  const config = readCoreConfig(context.env);
  const { log, clock } = context;
  const database = await context.database<CoreTables>({
    migrations: new URL('../migrations/', import.meta.url),
    sets: [LEASES],
  });
  const target = extension ?? extensionTarget(context, config.hasClient);
  const updateAsset = extensionClient(target);
  const runner = new BatchRunner({
    database,
    updateAsset,
    concurrency: config.batchConcurrency,
    log,
  });
  context.onClose(() => runner.close());
  if (config.batchAtMs !== undefined) {
    const stop = startSchedule({ runner, database, atMs: config.batchAtMs, clock, log });
    context.onClose(async () => stop());
  }
  const nowMs = () => clock.nowMs();
  const listener = httpListener(context, {
    routes: (app) => {
      // Core was recorded as a client only: nobody calls it here but those who watch the port.
      app.get('/health', async (_request, reply) =>
        sendResponse(reply, { contentType: 'application/json', body: '{"status":"UP"}' }),
      );
    },
  });
  return {
    implementations: [
      coreService(database, nowMs),
      coreOperatorService({ database, runner, nowMs }),
    ],
    listeners: listener === undefined ? [] : [listener],
  };
}

// Started as a process, not imported by a test.
if (import.meta.main) await runService({ name: 'core', build });
