/** As much of Markdown as tests of our pages need. */

/** One fenced block of code. */
export interface CodeBlock {
  /** What stands behind the fence: `sh`. */
  readonly language: string;
  readonly text: string;
  /** What the comment in the line above the fence says: `<!-- runnable -->`. */
  readonly mark: string | undefined;
}

const FENCED = /^(?:<!-- *(.*?) *-->\n)?```(\w*)\n([\s\S]*?)^```$/gm;

/** Every fenced block, in order. */
export function codeBlocksOf(text: string): readonly CodeBlock[] {
  return [...text.matchAll(FENCED)].map(([, mark, language = '', code = '']) => ({
    mark,
    language,
    text: code,
  }));
}

/** Targets of links and pictures that stay inside the clone; not those in code. */
export function linksOf(text: string): readonly string[] {
  const prose = text.replace(FENCED, '').replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)/g)].map(([, target]) => target);
  const listed = [...prose.matchAll(/^\[[^\]]+\]: (\S+)/gm)].map(([, target]) => target);
  return [...inline, ...listed].filter(
    (target): target is string => target !== undefined && !/^[a-z]+:/.test(target),
  );
}

/** The anchors of headings: lower case, words joined by dashes, a repeat numbered. */
export function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...text.replace(FENCED, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
