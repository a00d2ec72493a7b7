import { stopSignals } from '../signals.ts';
import { createEdge } from '../tour/edge.ts';
import { ends, heading, type Line, paragraph, print } from '../tour/page.ts';
import { playRefusals } from '../tour/refusals.ts';
import { findOrStart, type TouredPlatform } from '../tour/running.ts';
import { playStory } from '../tour/story.ts';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const tour: Command = {
  name: 'tour',
  summary: 'follows requests through the platform, and shows who is refused and why',
  flags: [DATA_HELP],
  run: async (args) => {
    const flags = parseFlags('tour', args, { data: DATA_FLAG });
    const { stop: signal } = stopSignals();
    const onLine = (line: string) => print([['dim', line]]);
    try {
      const platform = await findOrStart({ dataDir: flags.data, signal, onLine });
      try {
        await play(platform, signal);
      } finally {
        await platform.leave();
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
    return 0;
  },
};

async function play(platform: TouredPlatform, signal: AbortSignal): Promise<void> {
  const { edgeUrl, tracesUrl } = platform;
  const show = (lines: readonly Line[]) => {
    for (const line of lines) print(line);
  };
  const stage = { edge: createEdge(edgeUrl, signal), tracesUrl, signal, show };
  show([
    ends([['bold', 'Gatehouse: the identity of a request, hop by hop']], [['dim', edgeUrl]]),
    ...paragraph(
      'Every line below is what the running platform said: its answers, its contracts, its spans.',
      0,
    ),
  ]);
  const person = await playStory(stage);
  await playRefusals(stage, person, platform);
  show([
    [''],
    ...paragraph(`Ada was ${person.email}. Her post is deleted; her account stays.`),
    [''],
    heading('What to do next'),
    ...paragraph('npm start                            the platform, to try things yourself'),
    ...paragraph('npx gatehouse new service NAME       a service of your own, with all of this'),
  ]);
}
