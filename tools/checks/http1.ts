/**
 * HTTP/1 is known in packages/wire: how a message is framed, and what becomes of its fields. Elsewhere no
 * text of its syntax is read or written, and no table says which fields are between two hops.
 */
import ts from 'typescript';
import { type Allowed, isAllowed, isTest, type Source } from './rule.ts';

/** Why a file outside packages/wire may know some of it. */
export const HTTP1_ALLOWED: readonly Allowed[] = [
  {
    path: 'packages/client/src/http/headers.ts',
    reason:
      'names what the executor sets itself and a caller may not; node:http frames the message',
  },
];

/** Fields of framing and of one hop. A file may well read one or two of them; a table has more. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'expect', 'content-length', 'host', 'http2-settings', 'proxy-authenticate'],
]);
const TABLE = 4;
/** A status line or a request line, and the end of a head. */
const SYNTAX = /HTTP\/1\.|\r\n\r\n/;

/** Finds HTTP/1 knowledge outside packages/wire. */
export function http1OnlyInWire({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file) || file.startsWith('packages/wire/')) return undefined;
  if (isAllowed(file, HTTP1_ALLOWED)) return undefined;
  if (isText(node) && SYNTAX.test(textOf(node))) {
    return 'only packages/wire reads and writes the syntax of HTTP/1';
  }
  const isTable = fieldsIn(node).filter((name) => FIELDS.has(name)).length >= TABLE;
  return isTable ? 'only packages/wire has tables of header fields' : undefined;
}

/** Of a regular expression, whose text is as it is spelled: what it looks for. */
function textOf(node: ts.LiteralLikeNode): string {
  if (!ts.isRegularExpressionLiteral(node)) return node.text;
  const { text } = node;
  return text
    .replaceAll('\\r', '\r')
    .replaceAll('\\n', '\n')
    .replaceAll(/\\([/.])/g, '$1');
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isRegularExpressionLiteral(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

/** Names in a list, in an object, or in the labels of a switch. */
function fieldsIn(node: ts.Node): readonly string[] {
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(nameOf);
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.flatMap(({ name }) => (name === undefined ? [] : nameOf(name)));
  }
  if (!ts.isCaseBlock(node)) return [];
  return node.clauses.flatMap((clause) =>
    ts.isCaseClause(clause) ? nameOf(clause.expression) : [],
  );
}

function nameOf(node: ts.Node): readonly string[] {
  if (ts.isStringLiteralLike(node) || ts.isIdentifier(node)) return [node.text.toLowerCase()];
  // A row of a Map: its first cell.
  if (ts.isArrayLiteralExpression(node)) return node.elements.slice(0, 1).flatMap(nameOf);
  return [];
}
