// What a HOT file must not do (DESIGN §5.9): it runs for every rover and epoch, so it allocates nothing per rover,
// waits for nothing, asks no clock and logs nothing. The bench in its first line proves that it pays.

import ts from 'typescript';
import { type TextFile } from './project-files.ts';
import { dottedNames, placeOf, syntaxOf, walk } from './syntax.ts';

const HOT_LINE = /^\/\/ HOT: (?<bench>bench\/[\w./-]+)/;
const LOOKS_HOT = /^\/\/ *HOT\b/i;
const LOGGERS = ['console', 'log', 'logger'];

/** Dotted calls that a HOT file must not make, with what to do instead. */
const BANNED_CALLS: Readonly<Record<string, string>> = {
  'Date.now': 'take nowMs as an argument',
  'performance.now': 'take nowMs as an argument',
  'process.hrtime': 'take nowMs as an argument',
  'Buffer.concat': 'keep the pieces, or write into a buffer made once',
};

/** True for a file whose first line calls it HOT, well formed or not. */
export function isHot(file: TextFile): boolean {
  return LOOKS_HOT.test(file.text);
}

/** What is wrong in a HOT file, one sentence each; nothing for any other. `benchExists` is asked for its bench. */
export function hotFindings(file: TextFile, benchExists: (path: string) => boolean): string[] {
  if (!isHot(file)) return [];
  const findings: string[] = [];
  const bench = HOT_LINE.exec(file.text)?.groups?.bench;
  if (bench === undefined)
    findings.push(`${file.path}:1: write the first line as: // HOT: bench/<the file of its bench>`);
  else if (!benchExists(bench))
    findings.push(`${file.path}:1: there is no ${bench}: write that bench, or name the right one`);

  walk(syntaxOf(file), (node) => {
    const wrong = wrongIn(node);
    if (wrong !== undefined) findings.push(`${placeOf(file, node)}: ${wrong}`);
  });
  return findings;
}

function wrongIn(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) {
    return 'a HOT file waits for nothing: do the asynchronous part elsewhere';
  }
  if (ts.isForOfStatement(node) && node.awaitModifier) return 'a HOT file waits for nothing: no for await';
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) {
    return 'a spread allocates: pass or set the fields one by one';
  }
  if (ts.isNewExpression(node) && dottedNames(node.expression).join('.') === 'Date') {
    return 'a HOT file asks no clock: take nowMs as an argument';
  }
  if (!ts.isCallExpression(node)) return undefined;
  const names = dottedNames(node.expression);
  const instead = BANNED_CALLS[names.join('.')];
  if (instead !== undefined) return `no ${names.join('.')} in a HOT file: ${instead}`;
  const owners = names.length === 1 ? names : names.slice(0, -1);
  if (owners.some((name) => LOGGERS.includes(name)))
    return 'a HOT file logs nothing: count, and let the caller tell';
  return undefined;
}
