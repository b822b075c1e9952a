// Looks into TypeScript and JavaScript by the compiler's own parser, so that a rule never trips over a comment or a
// string. Pure: text in, facts out.

import path from 'node:path';
import ts from 'typescript';
import { type TextFile } from './project-files.ts';

/** One import of a file, static, dynamic or of types only. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** True for `import('...')` in an expression. */
  readonly dynamic: boolean;
}

const parsed = new WeakMap<TextFile, ts.SourceFile>();

/** The syntax tree of a file; parsed once for each file object. */
export function syntaxOf(file: TextFile): ts.SourceFile {
  let tree = parsed.get(file);
  if (!tree) {
    tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
    parsed.set(file, tree);
  }
  return tree;
}

/** Calls `visit` for every node below and including `node`, outermost first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** `path:line`, as editors understand it. */
export function placeOf(file: TextFile, node: ts.Node): string {
  return `${file.path}:${lineOf(node)}`;
}

function lineOf(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

/** Everything a file imports or exports from elsewhere, in the order of the text. */
export function importsOf(file: TextFile): Import[] {
  const found: Import[] = [];
  const add = (literal: ts.Node | undefined, dynamic: boolean): void => {
    if (literal && ts.isStringLiteralLike(literal))
      found.push({ specifier: literal.text, line: lineOf(literal), dynamic });
  };
  walk(syntaxOf(file), (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], true);
  });
  return found;
}

/** The project path that a relative specifier in `file` means; undefined for packages and Node's own modules. */
export function importedPath(file: TextFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.join(path.posix.dirname(file.path), specifier);
}

/** `fastify` of `fastify/plugin`, `@clickhouse/client` of itself; undefined for relative and Node's own modules. */
export function importedPackage(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** The names of a dotted expression from left to right: `this.log.info` gives `this`, `log`, `info`. */
export function dottedNames(expression: ts.Expression): string[] {
  if (ts.isPropertyAccessExpression(expression))
    return [...dottedNames(expression.expression), expression.name.text];
  if (ts.isIdentifier(expression)) return [expression.text];
  if (expression.kind === ts.SyntaxKind.ThisKeyword) return ['this'];
  return [''];
}
