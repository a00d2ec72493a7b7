/** `/orders/{id}`, `/files/{path=**}`: literal segments, whole-segment variables, a rest at the end. */

const VARIABLE = /^\{([^=}]+)\}$/;
const REST = /^\{([^=}]+)=\*\*\}$/;

/** One segment of a template. */
export interface TemplateSegment {
  readonly kind: 'literal' | 'variable' | 'rest';
  /** The literal, or the name of the variable. */
  readonly text: string;
}

/** The segments of a template; `/` has none. */
export function templateSegments(template: string): readonly TemplateSegment[] {
  if (template === '/') return [];
  return template.slice(1).split('/').map(readSegment);
}

function readSegment(segment: string): TemplateSegment {
  const rest = REST.exec(segment)?.[1];
  if (rest !== undefined) return { kind: 'rest', text: rest };
  const variable = VARIABLE.exec(segment)?.[1];
  if (variable !== undefined) return { kind: 'variable', text: variable };
  return { kind: 'literal', text: segment };
}

/** Finds what stands for each variable, in a path that the template matched. */
export type VariablesOf = (segments: readonly string[]) => Readonly<Record<string, string>>;

/** A rest is joined by slashes, for people to read. */
export function variablesOf(template: string): VariablesOf {
  const named = templateSegments(template).flatMap(({ kind, text }, index) =>
    kind === 'literal' ? [] : [{ text, index, isRest: kind === 'rest' }],
  );
  return (segments) => {
    const found: [string, string][] = named.map(({ text, index, isRest }) => [
      text,
      isRest ? segments.slice(index).join('/') : (segments[index] ?? ''),
    ]);
    return Object.fromEntries(found);
  };
}
