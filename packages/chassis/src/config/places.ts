import type { EnvReader } from './env-reader.ts';
import { ConfigError } from './errors.ts';

const ENTRY = /^([a-z][a-z0-9-]*)=(.+)$/;

/** A setting that says where services are: `name=place, …`. A name may repeat, once for each endpoint. */
export interface PlaceSetting<Place> {
  readonly variable: string;
  /** How a place is written, and an entry that is good. */
  readonly form: string;
  readonly example: string;
  /** @returns undefined when the text is no place. */
  readonly parse: (text: string) => Place | undefined;
}

/** @throws ConfigError when an entry is none. */
export function readPlaces<Place>(
  env: EnvReader,
  { variable, form, example, parse }: PlaceSetting<Place>,
): ReadonlyMap<string, readonly Place[]> {
  const entries = env.list(variable).map((entry) => {
    const [, name = '', text = ''] = ENTRY.exec(entry) ?? [];
    const place = parse(text);
    if (place !== undefined) return { name, place };
    throw new ConfigError(variable, `must be name=${form}, …, such as ${example}`);
  });
  const byName = Map.groupBy(entries, ({ name }) => name);
  return new Map([...byName].map(([name, found]) => [name, found.map(({ place }) => place)]));
}

/** @throws ConfigError when the service has no place. */
export function placesOf<Place>(
  places: ReadonlyMap<string, readonly Place[]>,
  service: string,
  { variable, form }: PlaceSetting<Place>,
): readonly Place[] {
  const found = places.get(service);
  if (found !== undefined) return found;
  throw new ConfigError(variable, `must name ${service}: add ${service}=${form}`);
}
