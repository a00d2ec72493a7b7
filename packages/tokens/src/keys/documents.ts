/** The two kinds of document that publish keys. */
import { type KeyMap, type KeySetReading, readKeySet, unchanged } from './key-set.ts';
import { readPublicKey } from './public-key.ts';

/** How a document is asked for, known, and read. */
export interface KeyDocument {
  readonly accept: string;
  readonly mediaType: RegExp;
  /** @throws TypeError when it is no such document. */
  readonly read: (document: Buffer, known: KeyMap) => KeySetReading;
}

/** RFC 7517, section 5; by section 8.5, or with the plain type that most servers send. */
export const JWK_SET: KeyDocument = {
  accept: 'application/jwk-set+json, application/json',
  mediaType: /^application\/(?:jwk-set\+)?json *(?:;|$)/i,
  read: readKeySet,
};

/** One public key as text, without a name. */
export const PUBLIC_KEY_TEXT: KeyDocument = {
  accept: 'text/plain',
  mediaType: /^text\/plain *(?:;|$)/i,
  read: (document, known) => {
    const key = readPublicKey(document.toString('latin1'));
    return { keys: new Map([[key.kid, unchanged(known.get(key.kid), key)]]), refused: [] };
  },
};
