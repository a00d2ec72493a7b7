/** Runs the corpus through every contestant. */
import { type Contestant, contestants } from './contestants.ts';
import { accessTokens, type Corpus, passports, serviceTokens } from './corpus.ts';

/** What one contestant made of the vectors of one attack, or of all good ones. */
export interface Score {
  readonly accepted: number;
  readonly of: number;
}

/** Scores by attack (the empty one: good tokens) and contestant. */
export type Matrix = ReadonlyMap<string, ReadonlyMap<string, Score>>;

/** Under which the scores of good tokens stand. */
export const GOOD = '';

/** Every vector that is good, or is an instance of an attack, by every contestant. */
export async function runMatrix(): Promise<Matrix> {
  const matrix = new Map<string, Map<string, Score>>();
  for (const contestant of contestants) {
    for (const corpus of [accessTokens, serviceTokens, passports]) {
      for (const [attack, isAccepted] of await runCorpus(contestant, corpus)) {
        const row = matrix.get(attack) ?? new Map<string, Score>();
        const { accepted, of } = row.get(contestant.name) ?? { accepted: 0, of: 0 };
        row.set(contestant.name, { accepted: accepted + (isAccepted ? 1 : 0), of: of + 1 });
        matrix.set(attack, row);
      }
    }
  }
  return matrix;
}

async function runCorpus(
  { setUp }: Contestant,
  corpus: Corpus,
): Promise<readonly (readonly [string, boolean])[]> {
  const verify = setUp(corpus);
  const results: (readonly [string, boolean])[] = [];
  for (const { token, attack, error } of corpus.vectors) {
    if (error !== undefined && attack === undefined) continue;
    const isAccepted = await verify(token).then(
      () => true,
      () => false,
    );
    results.push([error === undefined ? GOOD : (attack ?? ''), isAccepted]);
  }
  return results;
}
