/** Lines of at most 80 columns, laid out before they are coloured, so that colours move nothing. */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan' | 'yellow';

/** Text, with a style or without. */
export type Piece = string | readonly [Style, string];

export type Line = readonly Piece[];

export const WIDTH = 80;

const LABEL_WIDTH = 10;

/**
 * Prints a line to standard output: with colours on a terminal, and without where the output is none
 * or NO_COLOR is set (no-color.org).
 */
export function print(line: Line): void {
  const texts = line.map((piece) =>
    typeof piece === 'string' ? piece : styleText(piece[0], piece[1], { stream: process.stdout }),
  );
  console.log(texts.join('').trimEnd());
}

/** The same without any colour. */
export function plainText(line: Line): string {
  return line.map(textOf).join('').trimEnd();
}

/** Two texts, at both ends of a line; the left one is cut where both do not fit. */
export function ends(left: Line, right: Line): Line {
  const room = WIDTH - lengthOf(right) - 2;
  const kept = cutLine(left, room);
  return [...kept, ' '.repeat(WIDTH - lengthOf(right) - lengthOf(kept)), ...right];
}

/** A ruled heading. */
export function heading(text: string): Line {
  const left = `━━ ${text} `;
  return [['bold', left + '━'.repeat(Math.max(0, WIDTH - left.length))]];
}

/**
 * A label and its value, which goes on below itself where it is long.
 *
 * @param edge - what stands at the left of each line.
 */
export function field(edge: Line, label: string, value: Piece): readonly Line[] {
  const text = textOf(value);
  const room = WIDTH - lengthOf(edge) - LABEL_WIDTH - 1;
  return wrap(text, room).map((part, index) => [
    ...edge,
    ['dim', `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)} `],
    typeof value === 'string' ? part : [value[0], part],
  ]);
}

/** A paragraph, indented. */
export function paragraph(text: string, indent = 1): readonly Line[] {
  return wrap(text, WIDTH - indent).map((part) => [' '.repeat(indent), part]);
}

/** One line of a text; an ellipsis stands for what does not fit. */
export function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

function wrap(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => chunks(each, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= room) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

// An id or a URL may be longer than a line.
function chunks(word: string, room: number): readonly string[] {
  const parts = [];
  for (let start = 0; start < word.length; start += room)
    parts.push(word.slice(start, start + room));
  return parts.length === 0 ? [''] : parts;
}

function cutLine(line: Line, room: number): Line {
  let left = room;
  return line.map((piece) => {
    const text = cut(textOf(piece), left);
    left -= text.length;
    return typeof piece === 'string' ? text : [piece[0], text];
  });
}

function textOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : piece[1];
}

function lengthOf(line: Line): number {
  return line.reduce((sum, piece) => sum + textOf(piece).length, 0);
}
