import { stopPlatform } from '@gatehouse/platform';
import type { DataFlags } from './flags.ts';

export async function down({ data }: DataFlags): Promise<void> {
  const stopped = await stopPlatform(data, (line) => console.log(line));
  console.log(
    stopped
      ? 'Stopped. The data is kept: "gatehouse up" continues with it.'
      : `Nothing runs on ${data}. "gatehouse up" starts the platform.`,
  );
}
