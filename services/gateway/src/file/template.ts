/** The path of a route, and the prefix that a rewrite takes from it. */
import type { Report } from './report.ts';

const VARIABLE = /^\{([^=}]*)(=\*\*)?\}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
// pchar without what needs encoding, without `;`, and without what templates mean something by.
const LITERAL = /^[A-Za-z0-9._~!$&'()+,=:@-]+$/;

/** Reports everything that is wrong with a path at `path` of a route. */
export function checkTemplate(template: string, report: Report): void {
  for (const [message, hint] of templateFaults(template)) report.add(['path'], message, hint);
}

type Fault = readonly [message: string, hint?: string];

function templateFaults(template: string): readonly Fault[] {
  if (!template.startsWith('/')) {
    return [['A path begins with a slash.', `Write "/${template}".`]];
  }
  if (template.length > 1024) return [['The path is longer than 1024 characters.']];
  const segments = template === '/' ? [] : template.slice(1).split('/');
  const names = new Set<string>();
  return segments.flatMap((segment, index): readonly Fault[] => {
    const isLast = index === segments.length - 1;
    if (segment === '' && isLast) return [];
    const [, name, rest] = VARIABLE.exec(segment) ?? [];
    if (name === undefined) {
      const fault = literalFault(segment);
      return fault === undefined ? [] : [fault];
    }
    const isTwice = names.has(name);
    names.add(name);
    if (!NAME.test(name)) {
      return [[`"${segment}": a variable is called by letters, digits and "_".`]];
    }
    if (isTwice) return [[`{${name}} comes twice.`]];
    if (rest === undefined || isLast) return [];
    return [[`"${segment}" must be the last segment: it takes all that follow.`]];
  });
}

function literalFault(segment: string): Fault | undefined {
  if (segment === '') return ['The path has an empty segment.'];
  if (segment === '.' || segment === '..') return ['The path has a dot segment.'];
  if (segment === '*' || segment === '**') {
    return [`"${segment}" is not a segment here.`, 'Write {path=**} for all that follow.'];
  }
  if (segment.startsWith(':')) {
    return [`"${segment}" is not a variable here.`, `Write {${segment.slice(1)}}.`];
  }
  if (/[{}]/.test(segment)) {
    return [`"${segment}": a variable is a whole segment: {name}, or {name=**} as the last.`];
  }
  if (segment.includes('%')) {
    return [`"${segment}": a path is written decoded, so there is no %.`, 'Use a variable.'];
  }
  if (!LITERAL.test(segment)) {
    return [`"${segment}" has a character that may not stand in a segment.`, 'Use a variable.'];
  }
  return undefined;
}

/** A prefix as a rewrite has it: `/` or literal segments without a slash at the end. */
export function isLiteralPrefix(prefix: string): boolean {
  if (prefix === '/') return true;
  if (!prefix.startsWith('/') || prefix.length > 1024) return false;
  return prefix
    .slice(1)
    .split('/')
    .every((segment) => literalFault(segment) === undefined);
}

/** Whether every path of a template begins with the segments of a prefix. */
export function beginsWith(template: string, prefix: string): boolean {
  return prefix === '/' || template === prefix || template.startsWith(`${prefix}/`);
}

/** The template with its variables unnamed: two with an equal shape match the same paths. */
export function shapeOf(template: string): string {
  return template
    .split('/')
    .map((segment) => segment.replace(VARIABLE, (_all, _name, rest) => `{${rest ?? ''}}`))
    .join('/');
}
