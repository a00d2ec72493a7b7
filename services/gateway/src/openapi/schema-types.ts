/** The parts of OpenAPI 3.1 that our document is made of. Source: spec.openapis.org/oas/v3.1.1. */

/** A JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema by which an object is described. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly description?: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

/** One value in a path or a query. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

/** A body with its schema. */
export interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
}

/** A response. */
export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Schema>>;
  readonly content?: Readonly<Record<string, Content>>;
}

/** What the contract's access rule says, for those who read the document by program. */
export interface AccessExtension {
  /** Id of the method in its contract. */
  readonly method: string;
  readonly service: string;
  readonly subject: 'ANYONE' | 'SIGNED_IN';
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly authLevel: number;
  readonly fresh: boolean;
}

/** One call. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, Content>>;
  };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-gatehouse-access': AccessExtension;
}

/** The whole document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** Path → lower-case verb → operation. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema | ObjectSchema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, Schema>>;
  };
}
