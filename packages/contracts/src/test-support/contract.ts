/** Builds a contract as the compiler would hand it over, so that a test may write a wrong one. */
import {
  create,
  createFileRegistry,
  type DescService,
  type MessageInitShape,
  setExtension,
} from '@bufbuild/protobuf';
import {
  EmptySchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  MethodOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import {
  file_gatehouse_access_v1_access,
  RuleSchema,
  rule as ruleOption,
  success_status,
} from '../gen/gatehouse/access/v1/access_pb.ts';
import { file_google_api_annotations, http } from '../gen/google/api/annotations_pb.ts';
import { HttpRuleSchema } from '../gen/google/api/http_pb.ts';

/** The one method of a contract. */
export interface MethodSketch {
  /** Absent: the method has no rule. */
  readonly rule?: MessageInitShape<typeof RuleSchema>;
  readonly http?: MessageInitShape<typeof HttpRuleSchema>;
  readonly successStatus?: number;
  /** Default `gatehouse.sample.v1`. */
  readonly package?: string;
  readonly serverStreaming?: boolean;
}

const DEPENDENCIES = [
  file_gatehouse_access_v1_access,
  file_google_api_annotations,
  EmptySchema.file,
];

/**
 * A service `SampleService` with one method `Do(DoRequest) returns (google.protobuf.Empty)`, whose
 * request has the string `item_id`, the message `nested` and the repeated string `tags`.
 */
export function contractWith(sketch: MethodSketch): DescService {
  const packageName = sketch.package ?? 'gatehouse.sample.v1';
  const file = create(FileDescriptorProtoSchema, {
    name: 'sample.proto',
    package: packageName,
    syntax: 'proto3',
    dependency: DEPENDENCIES.map(({ proto }) => proto.name),
    messageType: [{ name: 'DoRequest', field: fields(packageName) }],
    service: [
      {
        name: 'SampleService',
        method: [
          {
            name: 'Do',
            inputType: `.${packageName}.DoRequest`,
            outputType: `.${EmptySchema.typeName}`,
            serverStreaming: sketch.serverStreaming ?? false,
            options: optionsOf(sketch),
          },
        ],
      },
    ],
  });
  const registry = createFileRegistry(file, (name) =>
    DEPENDENCIES.find(({ proto }) => proto.name === name),
  );
  const service = registry.getService(`${packageName}.SampleService`);
  if (service === undefined) throw new Error('the sketch has no service');
  return service;
}

function fields(packageName: string) {
  const { STRING, MESSAGE } = FieldDescriptorProto_Type;
  const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;
  return [
    { name: 'item_id', number: 1, type: STRING, label: OPTIONAL },
    {
      name: 'nested',
      number: 2,
      type: MESSAGE,
      label: OPTIONAL,
      typeName: `.${packageName}.DoRequest`,
    },
    { name: 'tags', number: 3, type: STRING, label: REPEATED },
  ];
}

function optionsOf({ rule, http: binding, successStatus }: MethodSketch) {
  const options = create(MethodOptionsSchema);
  if (rule !== undefined) setExtension(options, ruleOption, create(RuleSchema, rule));
  if (binding !== undefined) setExtension(options, http, create(HttpRuleSchema, binding));
  if (successStatus !== undefined) setExtension(options, success_status, successStatus);
  return options;
}
