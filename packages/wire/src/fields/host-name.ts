/**
 * The host of a request as a name to route by.
 *
 * Source: RFC 9110, section 4.2.3 (its case does not matter); RFC 3986, section 3.2.2.
 */

const MAX_CHARACTERS = 253;
const PORT = /:[0-9]{1,5}$/;

/**
 * Lower case, without the port.
 *
 * @param host - well-formed, as `readHeaders` leaves it.
 * @returns undefined for a name with an empty label (`example.org.`): a server behind us may take it
 * for the one without, so it is neither.
 */
export function hostName(host: string): string | undefined {
  const name = host.replace(PORT, '').toLowerCase();
  if (name.startsWith('[')) return name;
  const hasEmptyLabel = name.startsWith('.') || name.endsWith('.') || name.includes('..');
  return name === '' || name.length > MAX_CHARACTERS || hasEmptyLabel ? undefined : name;
}

/** Each longer part of a name that a wildcard can stand for, longest first: `.b.c`, `.c` of `a.b.c`. */
export function* parentsOf(name: string): Generator<string> {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    yield name.slice(dot);
  }
}
