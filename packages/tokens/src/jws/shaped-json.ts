/**
 * Payloads parsed by the shape of earlier ones. An issuer writes the same members in the same order
 * again and again: where a payload is of a shape seen before, one pass finds its values, and no member
 * can be there twice. Everything else, down to one space too many, goes the way of `parseJsonObject`.
 */
import { isObject, type JsonObject, parseJsonObject } from './strict-json.ts';

/** An object's members in order, and the text before the value of each. */
interface Shape {
  readonly names: readonly string[];
  /** `{"iss":`, `,"aud":` and so on. */
  readonly leads: readonly string[];
  /** Shapes of the values that are objects themselves. */
  readonly inner: readonly (Shape | undefined)[];
  /** Names and inner names as one text: equal for equal shapes. */
  readonly signature: string;
}

const MAX_SHAPES = 4;
const BOOLEANS = [
  ['true', true],
  ['false', false],
] as const;
/** More digits could be more than a number holds exactly. */
const MAX_DIGITS = 15;
// Names that have one spelling in JSON. `__proto__` is left to the parser that makes it a member.
const PLAIN_NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** 1 for the characters that stand for themselves in a string: visible ASCII and space, without two. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, code) => {
  return code >= 0x20 && code <= 0x7e && code !== QUOTE && code !== BACKSLASH ? 1 : 0;
});

/** Parses the payloads of one verifier. Feed it signed payloads only: it learns from them. */
export class ShapedJson {
  readonly #shapes: Shape[] = [];
  #text = '';
  #at = 0;

  /**
   * The same value, or the same error, as `parseJsonObject` gives.
   *
   * @throws TokenError `malformed`.
   */
  parse(bytes: Buffer): JsonObject {
    // Bytes beyond ASCII become characters that no shape has.
    this.#text = bytes.toString('latin1');
    for (const shape of this.#shapes) {
      this.#at = 0;
      const object = this.#object(shape);
      if (object !== undefined && this.#at === this.#text.length) return object;
    }
    const parsed = parseJsonObject(bytes);
    this.#learn(parsed);
    return parsed;
  }

  #learn(object: JsonObject): void {
    const shape = shapeOf(object);
    // A shape that is known and did not match would not match the next time either.
    if (shape === undefined || this.#knows(shape)) return;
    this.#shapes.unshift(shape);
    this.#shapes.length = Math.min(this.#shapes.length, MAX_SHAPES);
  }

  #knows({ signature }: Shape): boolean {
    return this.#shapes.some((known) => known.signature === signature);
  }

  #object(shape: Shape): JsonObject | undefined {
    const object: Record<string, unknown> = {};
    for (let index = 0; index < shape.names.length; index++) {
      const lead = shape.leads[index] ?? '';
      if (!this.#text.startsWith(lead, this.#at)) return undefined;
      this.#at += lead.length;
      const inner = shape.inner[index];
      const value = inner === undefined ? this.#value() : this.#object(inner);
      if (value === undefined) return undefined;
      object[shape.names[index] ?? ''] = value;
    }
    return this.#takes(CLOSE_OBJECT) ? object : undefined;
  }

  /** A text, a count, a boolean or a list of texts; undefined for all else, JSON or not. */
  #value(): unknown {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_ARRAY) return this.#strings();
    return code >= DIGIT_0 && code <= DIGIT_9 ? this.#count() : this.#boolean();
  }

  #boolean(): boolean | undefined {
    for (const [word, value] of BOOLEANS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return undefined;
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    while (PLAIN[text.charCodeAt(at)] === 1) at++;
    if (text.charCodeAt(at) !== QUOTE) return undefined;
    this.#at = at + 1;
    return text.slice(start, at);
  }

  #strings(): string[] | undefined {
    this.#at++;
    const list: string[] = [];
    if (this.#takes(CLOSE_ARRAY)) return list;
    do {
      const item = this.#text.charCodeAt(this.#at) === QUOTE ? this.#string() : undefined;
      if (item === undefined) return undefined;
      list.push(item);
    } while (this.#takes(COMMA));
    return this.#takes(CLOSE_ARRAY) ? list : undefined;
  }

  #count(): number | undefined {
    const start = this.#at;
    let value = 0;
    let code = this.#text.charCodeAt(start);
    while (code >= DIGIT_0 && code <= DIGIT_9) {
      value = value * 10 + (code - DIGIT_0);
      code = this.#text.charCodeAt(++this.#at);
    }
    const digits = this.#at - start;
    // JSON has no leading zeros.
    const isPlain = digits === 1 || this.#text.charCodeAt(start) !== DIGIT_0;
    return isPlain && digits <= MAX_DIGITS ? value : undefined;
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }
}

function shapeOf(object: JsonObject): Shape | undefined {
  const names = Object.keys(object);
  if (names.length === 0 || !names.every((name) => PLAIN_NAME.test(name))) return undefined;
  const values = Object.values(object);
  const inner = values.map((value) => (isObject(value) ? shapeOf(value) : undefined));
  return {
    names,
    leads: names.map((name, index) => `${index === 0 ? '{' : ','}"${name}":`),
    inner,
    signature: names.map((name, index) => `${name}{${inner[index]?.signature ?? ''}}`).join(),
  };
}
