/** Prints a contract from its descriptor, for machines that cannot fetch its source. */
import { isFieldSet } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileOptionsSchema,
} from '@bufbuild/protobuf/wkt';

/** The end of "to max", exclusive: the highest field number and one. */
const MAX_RANGE_END = 536_870_912;

/**
 * Prints a proto2 file that means the same on the wire to whoever imports it.
 *
 * Not printed: comments, and options other than those of the file, so code that is generated from it
 * differs from what the source gives.
 *
 * @throws Error for another syntax, services, groups, maps and default values, which the file that
 *   this is for does not have.
 */
export function protoSourceOf(file: FileDescriptorProto): string {
  // A descriptor leaves out the name of the oldest syntax.
  if (file.syntax !== '') throw new Error(`${file.name}: ${file.syntax} is not printed`);
  if (file.service.length > 0) throw new Error(`${file.name}: services are not printed`);
  return `${[
    'syntax = "proto2";',
    `package ${file.package};`,
    ...file.dependency.map((name) => `import "${name}";`),
    ...optionsOf(file),
    ...file.messageType.flatMap((message) => messageLines(file, message)),
    ...file.enumType.flatMap(enumLines),
    ...file.extension.flatMap((field) => extensionLines(file, field)),
  ].join('\n')}\n`;
}

function optionsOf({ options }: FileDescriptorProto): readonly string[] {
  if (options === undefined) return [];
  return FileOptionsSchema.fields.flatMap((field) => {
    if (field.fieldKind !== 'scalar' || !isFieldSet(options, field)) return [];
    const value = Reflect.get(options, field.localName);
    return `option ${field.name} = ${JSON.stringify(value)};`;
  });
}

function messageLines(file: FileDescriptorProto, message: DescriptorProto): readonly string[] {
  if (message.options?.mapEntry) throw new Error(`${file.name}: maps are not printed`);
  const plain = message.field.filter((field) => !isInOneof(field));
  const ranges = message.extensionRange.map(({ start, end }) => {
    const last = end === MAX_RANGE_END ? 'max' : `${end - 1}`;
    return `extensions ${start} to ${last};`;
  });
  return block(`message ${message.name}`, [
    ...plain.map((field) => fieldLine(file, field)),
    ...message.oneofDecl.flatMap(({ name }, index) => {
      const fields = message.field.filter(
        (field) => isInOneof(field) && field.oneofIndex === index,
      );
      const lines = fields.map((field) => fieldLine(file, field));
      return lines.length === 0 ? [] : block(`oneof ${name}`, lines);
    }),
    ...ranges,
    // Here the end of a range is not in it, and in an enum it is.
    ...reserved(message.reservedName, message.reservedRange, -1),
    ...message.nestedType.flatMap((nested) => messageLines(file, nested)),
    ...message.enumType.flatMap(enumLines),
    ...message.extension.flatMap((field) => extensionLines(file, field)),
  ]);
}

function enumLines(described: EnumDescriptorProto): readonly string[] {
  const { name, value, reservedName, reservedRange } = described;
  return block(`enum ${name}`, [
    ...value.map((each) => `${each.name} = ${each.number};`),
    ...reserved(reservedName, reservedRange, 0),
  ]);
}

function reserved(
  names: readonly string[],
  ranges: readonly { readonly start: number; readonly end: number }[],
  toLast: number,
): readonly string[] {
  return [
    ...names.map((name) => `reserved "${name}";`),
    ...ranges.map(({ start, end }) => `reserved ${start} to ${end + toLast};`),
  ];
}

function extensionLines(file: FileDescriptorProto, field: FieldDescriptorProto): readonly string[] {
  return block(`extend ${field.extendee}`, [fieldLine(file, field)]);
}

function fieldLine(file: FileDescriptorProto, field: FieldDescriptorProto): string {
  if (field.defaultValue !== '') {
    throw new Error(`${file.name}: the default value of ${field.name} is not printed`);
  }
  return `${labelOf(field)}${typeOf(file, field)} ${field.name} = ${field.number};`;
}

function labelOf(field: FieldDescriptorProto): string {
  if (isInOneof(field)) return '';
  if (field.label === FieldDescriptorProto_Label.REPEATED) return 'repeated ';
  return field.label === FieldDescriptorProto_Label.REQUIRED ? 'required ' : 'optional ';
}

function typeOf(file: FileDescriptorProto, field: FieldDescriptorProto): string {
  if (field.typeName !== '') return field.typeName;
  const name = FieldDescriptorProto_Type[field.type]?.toLowerCase();
  if (name === undefined || name === 'group') {
    throw new Error(`${file.name}: the type of ${field.name} is not printed`);
  }
  return name;
}

function isInOneof(field: FieldDescriptorProto): boolean {
  return isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex);
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), '}'];
}
