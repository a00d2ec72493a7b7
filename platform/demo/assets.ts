/** An asset with some history for each demo user, so that a chart has something to show. */
import { GatehouseError } from '@gatehouse/errors';
import { connectToCore, type OperatorTarget } from '../clients/operator.ts';
import { createEdge } from './edge.ts';
import { type DemoUser, onceForDemoUsers } from './users.ts';

const DAYS = 60;
const BEGAN_WITH = 1_000_000n;
const DAY_MS = 86_400_000;
const SEOUL_OFFSET_MS = 9 * 3_600_000;
/** Eight decimals, at most 5 % up or down, as extension's. */
const ONE = 100_000_000n;
const SPREAD = 0.05;

/**
 * Imports sixty days of invented history for each demo user, ending today in Asia/Seoul. Repeatable:
 * a user who has an asset keeps it, and a later start does nothing.
 *
 * @throws PlatformError or GatehouseError when the platform rejects a request.
 */
export async function ensureDemoAssets(
  demoFile: string,
  { edgeUrl, target }: { readonly edgeUrl: string; readonly target: OperatorTarget },
): Promise<void> {
  await onceForDemoUsers(demoFile, async (users) => {
    const edge = createEdge(edgeUrl);
    const { client, close } = await connectToCore(target);
    const give = async (user: DemoUser): Promise<void> => {
      const session = await edge.login(user);
      const history = inventHistory(Date.now(), Math.random);
      await client.importAsset({ subject: session.userId, history }).catch(unlessKnown);
      await edge.logout(session);
    };
    try {
      await Promise.all(users.map(give));
    } finally {
      close();
    }
  });
}

interface HistoryDay {
  readonly date: string;
  readonly originalAsset: bigint;
  /** Decimal text. */
  readonly multiplier: string;
  readonly asset: bigint;
}

/** A random walk, exact to the last digit. */
export function inventHistory(nowMs: number, random: () => number): HistoryDay[] {
  const days: HistoryDay[] = [];
  let asset = BEGAN_WITH;
  for (let ago = DAYS - 1; ago >= 0; ago -= 1) {
    const isFirst = days.length === 0;
    const drawn = isFirst ? 1 : 1 + SPREAD * (random() + random() + random() - 1.5) * (2 / 3);
    const units = BigInt(Math.round(drawn * Number(ONE)));
    const originalAsset = asset;
    asset = (originalAsset * units + ONE / 2n) / ONE;
    const date = new Date(nowMs + SEOUL_OFFSET_MS - ago * DAY_MS).toISOString().slice(0, 10);
    days.push({ date, originalAsset, multiplier: decimal(units), asset });
  }
  return days;
}

function decimal(units: bigint): string {
  return `${units / ONE}.${String(units % ONE).padStart(8, '0')}`;
}

function unlessKnown(error: unknown): void {
  if (!(error instanceof GatehouseError) || error.code !== 'core.asset_known') throw error;
}
