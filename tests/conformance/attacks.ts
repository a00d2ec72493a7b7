/** The published attacks on verifiers of tokens, and the tests of ours that name them. */

/** One attack. */
export interface Attack {
  /** As vectors name it. */
  readonly name: string;
  /** Where it was published, or which text forbids it. */
  readonly source: string;
  /** Tests in packages/tokens, by their exact names. */
  readonly tests: readonly string[];
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'alg none',
    source: 'CVE-2015-9235; RFC 8725, 2.1',
    tests: ['alg none, in every spelling, with and without a signature (CVE-2015-9235)'],
  },
  {
    name: 'HS/RS confusion',
    source: 'CVE-2016-10555; RFC 8725, 2.1',
    tests: ['HS256 keyed with the RSA public key (CVE-2016-10555)'],
  },
  {
    name: 'alg switched within a family',
    source: 'RFC 8725, 3.1',
    tests: [
      'another algorithm than the one pinned to the kind and the key',
      'RS256 alone, whatever the header says',
      'alg is one of the list and that of the key',
    ],
  },
  {
    name: 'crit',
    source: 'RFC 7515, 4.1.11',
    tests: ['crit with a known, an unknown or no extension (RFC 7515, section 4.1.11)'],
  },
  {
    name: 'b64',
    source: 'RFC 7797',
    tests: ['b64 false: a payload that is not encoded (RFC 7797)'],
  },
  { name: 'zip', source: 'CVE-2024-33664; RFC 8725, 3.6', tests: ['zip: a payload that grows'] },
  {
    name: 'duplicate members',
    source: 'RFC 7515, 4; RFC 8259, 4',
    tests: [
      'a member twice, in the header and in the signed payload',
      'a member that is there twice is refused at any depth and in any spelling',
      'a member twice, one too many, one missing or another order is no shape seen before',
      'an issuer named twice is refused before anybody is chosen',
    ],
  },
  {
    name: 'missing or bad times',
    source: 'RFC 7519, 4.1.4 to 4.1.6',
    tests: [
      'exp must be there and be a whole number of seconds in a sane range',
      'exp as a number that JSON has but no clock has is refused',
      'iat is required, nbf is not, and both are times',
      'a life that ends before it begins is refused',
    ],
  },
  {
    name: 'clock skew at its edges',
    source: 'RFC 7519, 4.1.4 and 4.1.5',
    tests: [
      'a token is expired from the second of its exp on, without leeway',
      'a leeway for exp must be asked for',
      'iat and nbf may be five seconds ahead, not six',
    ],
  },
  {
    name: 'ECDSA values out of range',
    source: 'CVE-2022-21449',
    tests: [
      'ES256 with r or s zero or beyond the order (CVE-2022-21449), or in DER',
      'zero and numbers from the order of the group on are refused (CVE-2022-21449)',
    ],
  },
  {
    name: 'malleable signatures',
    source: 'SEC 1, 4.1; ECDSA by definition',
    tests: ['ES256 is malleable: the other form verifies, but is another token to the cache'],
  },
  {
    name: 'embedded key',
    source: 'CVE-2018-0114; RFC 8725, 3.10',
    tests: ['a key of its own: jwk, jku, x5c, x5u (CVE-2018-0114)'],
  },
  {
    name: 'key from elsewhere',
    source: 'RFC 8725, 3.10',
    tests: [
      'a key of its own: jwk, jku, x5c, x5u (CVE-2018-0114)',
      'a redirect is not followed',
      'a jwks_uri that is no https address is not fetched',
    ],
  },
  {
    name: 'kid as input',
    source: 'RFC 8725, 3.10',
    tests: [
      'a kid that is a path, a query, a command or a name of the prototype',
      'a kid of ten kilobytes',
      'a kid that is a name of the prototype is a kid like any other',
    ],
  },
  {
    name: 'non-canonical base64url',
    source: 'RFC 4648, 3.5; RFC 7515, 2',
    tests: [
      'another spelling of the same signature, header or payload',
      'every other spelling of the same bytes is refused',
      'a character beyond ASCII, or of plain base64, is refused in every part',
    ],
  },
  {
    name: 'huge tokens',
    source: 'denial of service (CWE-400)',
    tests: [
      'a token of a megabyte',
      '8192 characters are looked at, one more is not, nor is a megabyte',
      'the depth is bounded, before anything is parsed',
    ],
  },
  {
    name: 'typ mix-up',
    source: 'RFC 8725, 2.8 and 3.11',
    tests: [
      'typ in another spelling is refused, though RFC 7515 would allow it',
      'a token with typ, kid, aud or anything else in its header is of another profile',
      'no other verifier takes such a token, nor finds such a key',
      'typ is one of the list, exactly; none at all has to be asked for',
    ],
  },
  {
    name: 'another issuer with the same kid',
    source: 'RFC 8725, 3.8',
    tests: [
      "another issuer's token, signed with a key of the same kid",
      'a key that belongs to another issuer in a shared set',
      'tokens of each issuer are good, though their keys have the same kid',
      "a token that names one issuer and is signed with the other's key is refused",
      'metadata that names another issuer gives no key, however alike',
    ],
  },
  {
    name: '__proto__ claims',
    source: 'prototype pollution (CWE-1321)',
    tests: [
      '__proto__ and constructor as claims',
      '__proto__ as a claim, at any depth, is refused where all claims are returned',
      'own reads no member of a prototype',
    ],
  },
  {
    name: 'payload mutated by a caller',
    source: 'CWE-471',
    tests: ['a caller who changes the claims it got changes nothing for the next one'],
  },
  {
    name: 'truncated after a cache hit',
    source: 'caches keyed by less than the whole token',
    tests: ['a token cut short after the whole one was cached'],
  },
  {
    name: 'key removed while cached',
    source: 'RFC 7517, 5',
    tests: [
      'a token whose key is removed while it is cached is refused',
      'a token whose kid got another key while it was cached is refused',
    ],
  },
  {
    name: 'expired while cached',
    source: 'CWE-613',
    tests: ['a cached token expires in its second'],
  },
  {
    name: 'revoked while cached',
    source: 'CWE-613',
    tests: ['a token revoked while cached is refused at once'],
  },
  {
    name: 'cnf that cannot be checked',
    source: 'RFC 7800; RFC 8705; RFC 9449',
    tests: ['a token bound to a key that we cannot check is refused, whatever its cnf is'],
  },
  {
    name: 'weak RSA keys',
    source: 'RFC 7518, 3.3; CVE-2006-4339',
    tests: [
      'an RSA key of 1024 bits never becomes a key',
      'an RSA modulus outside 2048 to 8192 bits is refused',
      'an RSA exponent that is small, even, huge or padded is refused',
    ],
  },
  {
    name: 'hostile key sets',
    source: 'RFC 8725, 3.10',
    tests: [
      'a private member is refused, whatever its value',
      'reading stops at 256 kB, also when the server never stops',
      'a small answer that unpacks to more than 256 kB is refused',
      'a server that never answers, or never ends its answer, fails the attempt in time',
      'an answer that is no key set keeps what is known',
    ],
  },
  {
    name: 'storms of unknown kids',
    source: 'denial of service (CWE-400)',
    tests: [
      'refresh asks at most once per cool-down, counted from attempts, good or not',
      'a hundred who ask at once share one attempt',
      'what is not of this kind asks for no keys',
    ],
  },
];
