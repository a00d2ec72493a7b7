/**
 * Where keys may be fetched from.
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address, or has
 *   credentials in it.
 */
export function safeUrl(given: URL | string): URL {
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the URL of a key set holds no credentials');
  }
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return url;
  throw new TypeError('a key set is fetched over https, or over http from a loopback address');
}
