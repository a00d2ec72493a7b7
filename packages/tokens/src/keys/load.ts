import { type FetchDocument, type FetchedDocument, MAX_DOCUMENT_BYTES } from './fetch-document.ts';

/**
 * One attempt to load a document, within a time.
 *
 * @throws Error when it takes too long, is aborted, or is not a document of this media type, of at most
 *   256 kB, with status 200.
 */
export async function loadDocument(options: {
  readonly fetchWith: FetchDocument;
  readonly url: URL;
  readonly mediaType: RegExp;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<Buffer> {
  const ending = new AbortController();
  const onAbort = () => ending.abort(new Error('the key set was closed'));
  options.signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () => ending.abort(new Error('the key set took too long')),
    options.timeoutMs,
  );
  timer.unref();
  try {
    const fetched = options.fetchWith(options.url, ending.signal);
    // Raced too, since a fetch of someone else's may not heed the signal.
    const document = await Promise.race([fetched, whenAborted(ending.signal)]);
    return checkDocument(document, options.mediaType);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = () => reject(signal.reason as Error);
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

/** @throws Error when it is not of status 200, this media type and at most 256 kB. */
export function checkDocument(document: FetchedDocument, mediaType: RegExp): Buffer {
  const { status, contentType, body } = document;
  if (status !== 200) throw new Error(`the key set was answered with status ${status}`);
  if (!mediaType.test(contentType)) throw new Error('the key set is of another media type');
  if (body.length > MAX_DOCUMENT_BYTES) throw new Error('the key set is over 256 kB');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
