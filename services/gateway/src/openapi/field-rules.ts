/** The field rules of a contract in the words of JSON Schema. */
import { type DescField, getOption, hasOption, isFieldSet } from '@bufbuild/protobuf';
import {
  type FieldRules,
  field as fieldOption,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from '@gatehouse/contracts/gen/buf/validate/validate_pb.ts';
import type { Schema } from './schema-types.ts';

/** What the rules of a field say: of the field, and of each item where it is a list. */
export interface SaidByRules {
  readonly field: Schema;
  readonly items: Schema;
  /** Sentences of the rules that JSON Schema has no words for. */
  readonly remarks: readonly string[];
}

const NOTHING: SaidByRules = { field: {}, items: {}, remarks: [] };

/**
 * Reads the rules of a field.
 *
 * Said: lengths, patterns, e-mail, lists of allowed values, bounds of 32-bit and floating numbers,
 * sizes and uniqueness of lists; rules in CEL by their message. Other rules are enforced all the
 * same, and not said. Which members are required is found elsewhere, by asking the validator.
 */
export function rulesOf(field: DescField): SaidByRules {
  if (!hasOption(field, fieldOption)) return NOTHING;
  const rules = getOption(field, fieldOption);
  const remarks = rules.cel.map(({ message }) => `${capital(message)}.`);
  if (rules.type.case === 'repeated') {
    const { items } = rules.type.value;
    return {
      field: listRules(rules.type.value),
      items: items === undefined ? {} : valueRules(items),
      remarks,
    };
  }
  return { field: valueRules(rules), items: {}, remarks };
}

function valueRules({ type }: FieldRules): Schema {
  switch (type.case) {
    case 'string':
      return stringRules(type.value);
    case 'int32':
    case 'uint32':
    case 'float':
    case 'double':
      return numberRules(type.value);
    default:
      return {};
  }
}

function stringRules(rules: StringRules): Schema {
  const { field } = StringRulesSchema;
  const isSet = (name: 'minLen' | 'maxLen' | 'len' | 'pattern'): boolean =>
    isFieldSet(rules, field[name]);
  return {
    ...(isSet('minLen') ? { minLength: Number(rules.minLen) } : {}),
    ...(isSet('maxLen') ? { maxLength: Number(rules.maxLen) } : {}),
    ...(isSet('len') ? { minLength: Number(rules.len), maxLength: Number(rules.len) } : {}),
    ...(isSet('pattern') ? { pattern: rules.pattern } : {}),
    ...(rules.in.length > 0 ? { enum: rules.in } : {}),
    ...(rules.wellKnown.case === 'email' ? { format: 'email' } : {}),
    ...(rules.wellKnown.case === 'uuid' ? { format: 'uuid' } : {}),
  };
}

interface NumberRules {
  readonly greaterThan: {
    readonly case?: 'gt' | 'gte' | undefined;
    readonly value?: number | undefined;
  };
  readonly lessThan: {
    readonly case?: 'lt' | 'lte' | undefined;
    readonly value?: number | undefined;
  };
  readonly in: readonly number[];
}

function numberRules(rules: NumberRules): Schema {
  const { greaterThan, lessThan } = rules;
  return {
    ...(greaterThan.case === 'gt' ? { exclusiveMinimum: greaterThan.value } : {}),
    ...(greaterThan.case === 'gte' ? { minimum: greaterThan.value } : {}),
    ...(lessThan.case === 'lt' ? { exclusiveMaximum: lessThan.value } : {}),
    ...(lessThan.case === 'lte' ? { maximum: lessThan.value } : {}),
    ...(rules.in.length > 0 ? { enum: rules.in } : {}),
  };
}

function listRules(rules: RepeatedRules): Schema {
  const { field } = RepeatedRulesSchema;
  return {
    ...(isFieldSet(rules, field.minItems) ? { minItems: Number(rules.minItems) } : {}),
    ...(isFieldSet(rules, field.maxItems) ? { maxItems: Number(rules.maxItems) } : {}),
    ...(rules.unique ? { uniqueItems: true } : {}),
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
