// A test's name is a sentence: read alone in a report, it says what holds (style: CONTRIBUTING.md).

import ts from 'typescript';
import { type TextFile } from './project-files.ts';
import { placeOf, syntaxOf, walk } from './syntax.ts';

const TEST_FUNCTIONS = ['test', 'it'];
const WORDS_MIN = 3;

/**
 * The names of tests in this file that are no sentence; names that only a table or an expression
 * spells out cannot be judged here.
 */
export function nameFindings(file: TextFile): string[] {
  if (!file.path.endsWith('.test.ts')) return [];
  const findings: string[] = [];
  walk(syntaxOf(file), (node) => {
    if (!ts.isCallExpression(node) || !TEST_FUNCTIONS.includes(rootName(node.expression))) return;
    const name = node.arguments[0];
    if (!name || !(ts.isStringLiteralLike(name) || ts.isTemplateExpression(name))) return;
    if (isSentence(textOf(name))) return;
    findings.push(
      `${placeOf(file, name)}: ${name.getText()} is no sentence: begin with a word and say in ${WORDS_MIN} or more what holds`,
    );
  });
  return findings;
}

/** `test` of `test`, `test.skip`, `test.each(table)` and of any longer chain. */
function rootName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return rootName(expression.expression);
  if (ts.isTaggedTemplateExpression(expression)) return rootName(expression.tag);
  return '';
}

function textOf(name: ts.StringLiteralLike | ts.TemplateExpression): string {
  return ts.isStringLiteralLike(name)
    ? name.text
    : name
        .getText()
        .slice(1, -1)
        .replaceAll(/\$\{[^}]*\}/g, 'X');
}

function isSentence(name: string): boolean {
  if (/^(%[sdifjo#]|\$[\w.]+)$/.test(name)) return true;
  return /^["'`(]?[\p{L}\p{N}$%]/u.test(name) && name.trim().split(/\s+/).length >= WORDS_MIN;
}
