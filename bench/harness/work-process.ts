/** The process of one piece of work: prepares it, then does a round each time it is told to. */

/** Work that is prepared. */
export interface Work {
  /** Operations in one round. */
  readonly operations: number;
  run(): void | Promise<void>;
}

const [moduleHref = '', name = ''] = process.argv.slice(2);
const { works } = (await import(moduleHref)) as {
  works: Readonly<Record<string, () => Promise<Work>>>;
};
const work = await works[name]?.();
if (work === undefined) throw new Error(`there is no work ${name}`);

process.on('message', () => {
  void round(work);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

async function round({ operations, run }: Work): Promise<void> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  process.send?.({ operations, cpuSeconds: (user + system) / 1e6 });
}
