/** Core over real gRPC on a real Postgres, beside a model of extension. */
import type { ServiceClient } from '@gatehouse/chassis';
import {
  CoreOperatorService,
  CoreService,
  UpdateAssetsProgress_State,
} from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';
import { type Database, openDatabase } from '@gatehouse/postgres';
import {
  createTestAuthority,
  createTestClock,
  createTestIssuer,
  startTestPostgres,
  startTestService,
  type TestAuthority,
  type TestPostgres,
  type TestService,
} from '@gatehouse/testing';
import { build } from '../app.ts';
import type { CoreTables } from '../assets/tables.ts';
import { type ModelExtension, modelExtension } from './extension.ts';

/** Noon of 26 November 2026 in Seoul. */
export const NOON_MS = Date.parse('2026-11-26T03:00:00Z');
export const TODAY = '2026-11-26';

export interface Rig {
  readonly extension: ModelExtension;
  readonly tables: Database<CoreTables>;
  readonly people: ServiceClient<typeof CoreService>;
  readonly operator: ServiceClient<typeof CoreOperatorService>;
  /** Another replica, and the operator's way to it. */
  replica(): Promise<{ service: TestService; operator: ServiceClient<typeof CoreOperatorService> }>;
  /** A passport of a person, by number. */
  passport(person: number, scope?: string): string;
  /** Assets of as many people, numbered from `first`, which have their value of the day before. */
  seed(people: number, asset: bigint, first?: number): Promise<void>;
  close(): Promise<void>;
}

export const subjectOf = (person: number): string => `usr_${String(person).padStart(26, '0')}`;

/**
 * @param real - settings of a real way to extension, in place of the model.
 * @param given - a Postgres of one's own, for a test that hurts it.
 */
export async function startRig(
  real?: Readonly<Record<string, string>>,
  given?: TestPostgres,
): Promise<Rig> {
  const closers: (() => Promise<void>)[] = [];
  const opened = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    closers.unshift(() => part.close());
    return part;
  };
  const issuer = createTestIssuer();
  const extension = modelExtension();
  const postgres = opened(given ?? (await startTestPostgres()));
  const authority: TestAuthority = opened(await createTestAuthority());
  const url = await postgres.createDatabase();
  const clientOf = async <S extends typeof CoreService | typeof CoreOperatorService>(
    workload: string,
    service: S,
    port: number | undefined,
  ) => {
    let client: ServiceClient<S> | undefined;
    opened(
      await startTestService({
        name: workload,
        authority,
        env: { GATEHOUSE_UPSTREAMS: `core=localhost:${port}` },
        build: async (context) => {
          client = context.client(service);
          return { implementations: [] };
        },
      }),
    );
    if (client === undefined) throw new Error('the client was not made');
    return client;
  };
  const start = async () =>
    opened(
      await startTestService({
        name: 'core',
        authority,
        env: { DATABASE_URL: url, GATEHOUSE_BATCH_AT: 'off', ...real },
        clock: createTestClock(NOON_MS),
        build: async (context) => ({
          ...(await build(context, real === undefined ? extension : undefined)),
          passports: issuer.gate(),
        }),
      }),
    );
  const core = await start();
  const tables = opened(
    openDatabase<CoreTables>({ url, name: 'test', log: { info: () => {}, warn: () => {} } }),
  );
  return {
    extension,
    tables,
    people: await clientOf('gateway', CoreService, core.grpcPort),
    operator: await clientOf('operator', CoreOperatorService, core.grpcPort),
    replica: async () => {
      const service = await start();
      return {
        service,
        operator: await clientOf('operator', CoreOperatorService, service.grpcPort),
      };
    },
    passport: (person, scope = 'asset:read asset:write') =>
      issuer.passport({ sub: subjectOf(person), scope }),
    seed: (people, asset, first = 1_000) =>
      tables.transaction(async (tx) => {
        const [opened_at, recorded_at, day] = [new Date(NOON_MS), new Date(NOON_MS), '2026-11-25'];
        const rows = await tx
          .insertInto('asset')
          .values(
            Array.from({ length: people }, (_, person) => ({
              subject: subjectOf(person + first),
              opened_with: asset,
              opened_at,
              current_day: day,
              asset,
            })),
          )
          .returning('user_id')
          .execute();
        const history = { day, original_asset: asset, multiplier: '1', asset, recorded_at };
        await tx
          .insertInto('asset_history')
          .values(rows.map(({ user_id }) => ({ user_id, ...history })))
          .execute();
      }),
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

const NAMES = new Map<number, string>(
  Object.entries(UpdateAssetsProgress_State).map(([name, number]) => [number, name]),
);

/** Follows a run to its end. @returns its last word. */
export async function runToTheEnd(
  operator: ServiceClient<typeof CoreOperatorService>,
  date = '',
): Promise<{ state: string; total: bigint; updated: bigint; failed: bigint }> {
  let last = { state: 'none', total: 0n, updated: 0n, failed: 0n };
  for await (const { state, total, updated, failed } of operator.updateAssets({ date })) {
    last = { state: NAMES.get(state) ?? 'none', total, updated, failed };
  }
  return last;
}
