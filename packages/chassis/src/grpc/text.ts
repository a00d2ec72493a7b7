/** Finds the one character that is good in JSON and protobuf and that Postgres cannot keep as text. */
import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

const NUL = '\u0000';

/**
 * Every text of a message that holds U+0000, however deep.
 *
 * @returns a path for each: JSON names, list indexes, map keys. Keys of maps are not looked at.
 */
export function textsWithNul(schema: DescMessage, message: Message): readonly string[][] {
  return inMessage(reflect(schema, message), []);
}

function inMessage(message: ReflectMessage, path: readonly string[]): string[][] {
  return message.fields
    .filter((field) => message.isSet(field))
    .flatMap((field) => inField(message, field, [...path, field.jsonName]));
}

function inField(message: ReflectMessage, field: DescField, path: string[]): string[][] {
  switch (field.fieldKind) {
    case 'message':
      return inMessage(message.get(field), path);
    case 'scalar':
      return field.scalar === ScalarType.STRING ? inText(message.get(field), path) : [];
    case 'list': {
      if (!holdsText(field)) return [];
      return [...message.get(field)].flatMap((item, index) => inItem(item, [...path, `${index}`]));
    }
    case 'map': {
      if (!holdsText(field)) return [];
      return [...message.get(field)].flatMap(([key, item]) => inItem(item, [...path, `${key}`]));
    }
    default:
      return [];
  }
}

/** Whether the items of a list or a map are texts or messages. */
function holdsText({ scalar, message }: DescField): boolean {
  return scalar === ScalarType.STRING || message !== undefined;
}

function inItem(item: unknown, path: string[]): string[][] {
  return typeof item === 'object' ? inMessage(item as ReflectMessage, path) : inText(item, path);
}

function inText(text: unknown, path: string[]): string[][] {
  return typeof text === 'string' && text.includes(NUL) ? [path] : [];
}
