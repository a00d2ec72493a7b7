/**
 * Rules of the house that a list of imports does not show. Each file is read as a syntax tree, so
 * that words in comments and strings do not count.
 */
import ts from 'typescript';
import { http1OnlyInWire } from './http1.ts';
import { type Finding, isGenerated, isTest, type Rule, type Source } from './rule.ts';
import { serviceNamedAtHome, servicesOf } from './service-names.ts';

/** Longest file, tests and generated code excepted. */
export const MAX_LINES = 300;

const RULES: readonly Rule[] = [
  environmentOnlyInConfig,
  cryptoByName,
  signingOnlyInTokens,
  webCryptoOnlyInTheAuthority,
  mintingOnlyInAuthAndGateway,
  noSkippedTest,
  http1OnlyInWire,
  serviceNamedAtHome(servicesOf()),
];

/**
 * Checks one file.
 *
 * @param file - its path from the project's folder, which says what it may do.
 * @param text - its content.
 */
export function findingsOf(file: string, text: string): readonly Finding[] {
  if (isGenerated(file)) return [];
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const source: Source = { file, tree };
  return [...sizeFindings(file, text), ...commentFindings(file, text), ...treeFindings(source)];
}

function treeFindings(source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    for (const rule of RULES) {
      const message = rule(source, node);
      if (message === undefined) continue;
      const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
      findings.push({ file: source.file, line: line + 1, message });
    }
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return findings;
}

function sizeFindings(file: string, text: string): readonly Finding[] {
  const lineCount = text.split('\n').length - 1;
  if (isTest(file) || lineCount <= MAX_LINES) return [];
  return [{ file, line: MAX_LINES, message: `has ${lineCount} lines, above ${MAX_LINES}` }];
}

function commentFindings(file: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((content, index) => {
    const match = /^\s*(?:\/\/|\/?\*).*?(@ts-ignore|@ts-nocheck|\bTODO\b|\bFIXME\b)/.exec(content);
    if (match === null) return [];
    return [{ file, line: index + 1, message: `${match[1]} is not used here` }];
  });
}

function environmentOnlyInConfig({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file) || file.endsWith('/config.ts')) return undefined;
  const message = 'the environment is read in config.ts only';
  if (isMember(node, 'process', 'env')) return message;
  if (importedNames(node, ['process', 'node:process']).includes('env')) return message;
  const takesApart =
    ts.isVariableDeclaration(node) &&
    ts.isObjectBindingPattern(node.name) &&
    node.initializer?.getText() === 'process';
  return takesApart && /\benv\b/.test(node.name.getText()) ? message : undefined;
}

// Without this, the rules below could not see what is used of it.
function cryptoByName({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file)) return undefined;
  const names = importedNames(node, CRYPTO);
  const isWhole = names.includes('*') || names.includes('default');
  return isWhole ? 'node:crypto is imported by name, so that a tool sees what of it' : undefined;
}

function signingOnlyInTokens({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file) || file.startsWith('packages/tokens/')) return undefined;
  const isSigning = importedNames(node, CRYPTO).some((name) =>
    /^(sign|createSign|Sign)$/.test(name),
  );
  return isSigning ? 'only packages/tokens signs' : undefined;
}

// The authority signs certificates with it, which are no tokens. A page has no other crypto to verify
// with: tokens/browser.
function webCryptoOnlyInTheAuthority({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file) || /^(platform\/ca|packages\/tokens\/src\/browser)\//.test(file)) {
    return undefined;
  }
  const isUsed =
    importedNames(node, CRYPTO).some((name) => /^(webcrypto|subtle)$/.test(name)) ||
    isMember(node, 'crypto', 'subtle') ||
    isMember(node, 'webcrypto', 'subtle');
  return isUsed
    ? 'Web Crypto can sign, and is used in platform/ca and tokens/browser only'
    : undefined;
}

// The tour forges tokens to show that they are refused.
const MINTERS = /^(packages\/tokens\/|services\/(auth|gateway)\/|apps\/cli\/src\/tour\/forge\.ts$)/;

function mintingOnlyInAuthAndGateway({ file }: Source, node: ts.Node): string | undefined {
  if (isTest(file) || MINTERS.test(file)) return undefined;
  const names = importedNames(node, ['@gatehouse/tokens']);
  const mints = names.some((name) => name.startsWith('mint') || name === 'generateSigningKey');
  return mints || names.includes('*') ? 'only auth and the gateway mint tokens' : undefined;
}

function noSkippedTest({ file }: Source, node: ts.Node): string | undefined {
  if (!file.endsWith('.test.ts')) return undefined;
  const message = 'no test is skipped, marked for later, or run alone';
  for (const runner of ['test', 'it', 'describe', 'suite', 't']) {
    for (const way of ['skip', 'todo', 'only']) if (isMember(node, runner, way)) return message;
  }
  if (
    !ts.isCallExpression(node) ||
    !/^(test|it|describe|suite|t\.test)$/.test(node.expression.getText())
  ) {
    return undefined;
  }
  const options = node.arguments.find((argument) => ts.isObjectLiteralExpression(argument));
  const names = options?.properties.map((property) => property.name?.getText()) ?? [];
  return names.some((name) => /^(skip|todo|only)$/.test(name ?? '')) ? message : undefined;
}

const CRYPTO = ['crypto', 'node:crypto'];

/** What a statement or a dynamic import takes from one of some modules: names, `default`, `*`. */
function importedNames(node: ts.Node, modules: readonly string[]): readonly string[] {
  const isOne = (specifier: ts.Node | undefined): boolean =>
    specifier !== undefined && ts.isStringLiteral(specifier) && modules.includes(specifier.text);
  if (ts.isCallExpression(node)) {
    const isImport =
      node.expression.kind === ts.SyntaxKind.ImportKeyword ||
      /^(require|process\.getBuiltinModule)$/.test(node.expression.getText());
    return isImport && isOne(node.arguments[0]) ? ['*'] : [];
  }
  if (ts.isExportDeclaration(node) && isOne(node.moduleSpecifier)) {
    const named = node.exportClause;
    if (named === undefined || !ts.isNamedExports(named)) return ['*'];
    return named.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
  }
  if (!ts.isImportDeclaration(node) || !isOne(node.moduleSpecifier)) return [];
  const clause = node.importClause;
  const bindings = clause?.namedBindings;
  const named =
    bindings === undefined ? [] : ts.isNamespaceImport(bindings) ? ['*'] : namesOf(bindings);
  return clause?.name === undefined ? named : ['default', ...named];
}

function namesOf(bindings: ts.NamedImports): readonly string[] {
  // A type signs nothing.
  if (bindings.parent.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  return bindings.elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ propertyName, name }) => (propertyName ?? name).text);
}

/** True for `object.member`, `globalThis.object.member` and `object['member']`. */
function isMember(node: ts.Node, object: string, member: string): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return node.name.text === member && isObject(node.expression, object);
  }
  if (!ts.isElementAccessExpression(node) || !isObject(node.expression, object)) return false;
  const { argumentExpression } = node;
  return ts.isStringLiteralLike(argumentExpression) && argumentExpression.text === member;
}

function isObject(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node)) return node.text === name;
  return ts.isPropertyAccessExpression(node) && node.name.text === name;
}
