/**
 * A function of a text whose results are kept, since few texts come again and again and a client can
 * make up any number: when so many are kept, all of them are forgotten. What it throws is not kept.
 *
 * @param limit - most results that are kept.
 * @param make - depends on the text alone.
 */
export function remembered<Result extends NonNullable<unknown>>(
  limit: number,
  make: (text: string) => Result,
): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    const made = make(text);
    if (known.size >= limit) known.clear();
    known.set(text, made);
    return made;
  };
}
