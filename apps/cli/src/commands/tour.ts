import { stopSignals } from '../terminal/signals.ts';
import { showDenied } from '../tour/denials.ts';
import { createEdge } from '../tour/edge.ts';
import { ends, heading, type Line, paragraph, print } from '../tour/page.ts';
import { showAllowed } from '../tour/requests.ts';
import { findOrStart, type TouredPlatform } from '../tour/running.ts';
import type { DataFlags } from './flags.ts';

export async function tour({ data }: DataFlags): Promise<void> {
  const { stop: signal } = stopSignals();
  const onLine = (line: string) => print([['dim', line]]);
  try {
    const platform = await findOrStart({ dataDir: data, signal, onLine });
    try {
      await show(platform, signal);
    } finally {
      await platform.release();
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

async function show(platform: TouredPlatform, signal: AbortSignal): Promise<void> {
  const { edgeUrl, tracesUrl } = platform;
  const printAll = (lines: readonly Line[]) => {
    for (const line of lines) print(line);
  };
  const stage = { edge: createEdge(edgeUrl, signal), tracesUrl, signal, show: printAll };
  printAll([
    ends([['bold', 'Gatehouse: the identity of a request, hop by hop']], [['dim', edgeUrl]]),
    ...paragraph(
      'Every line below comes from the running platform: its responses, its contracts, its spans.',
      0,
    ),
  ]);
  const person = await showAllowed(stage);
  await showDenied(stage, person, platform);
  printAll([
    [''],
    ...paragraph(`Ada was ${person.email}. Her post is deleted; her account stays.`),
    [''],
    heading('What to do next'),
    ...paragraph('npm start                            start the platform, to try it yourself'),
    ...paragraph('npx gatehouse new service NAME       create a service with all of this'),
  ]);
}
