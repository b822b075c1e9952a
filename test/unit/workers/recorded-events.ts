// Finds the events that the program can record, in its sources: every call of record, recordSampled or log that names
// one, with its level and fields as far as the text alone tells them.

import ts from 'typescript';
import { type TextFile } from '../../tidy/project-files.ts';
import { placeOf, syntaxOf, walk } from '../../tidy/syntax.ts';

export interface RecordedEvent {
  readonly name: string;
  /** Undefined where it is only known when it happens. */
  readonly level: string | undefined;
  readonly fields: ReadonlySet<string>;
  /** Whether there may be fields that the text does not name. */
  readonly open: boolean;
  readonly place: string;
}

/** Where the arguments of each function stand; the fields follow the event. */
const LEVEL_AT: Readonly<Record<string, number>> = { record: 0, recordSampled: 1, log: 0 };
const WORKER_FOLDER = 'caster/net/';

export function recordedEvents(file: TextFile): RecordedEvent[] {
  const found: RecordedEvent[] = [];
  walk(syntaxOf(file), (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    if (node.expression.expression.getText() === 'console') return;
    const levelAt = LEVEL_AT[node.expression.name.text];
    const [level, name, fields] = levelAt === undefined ? [] : node.arguments.slice(levelAt);
    if (name === undefined || !ts.isStringLiteral(name)) return;
    const named = namesIn(fields);
    // What a worker logs gets its number on the main thread.
    if (file.path.startsWith(WORKER_FOLDER)) named.fields.add('worker');
    found.push({ name: name.text, level: literalOf(level), ...named, place: placeOf(file, node) });
  });
  return [...found, ...ownLines(file)];
}

/** The log's own lines, which no journal carries: `writeLine({ event: 'name', level: 'warn', fields: { … } })`. */
function ownLines(file: TextFile): RecordedEvent[] {
  if (!file.path.endsWith('platform/observe/log.ts')) return [];
  const found: RecordedEvent[] = [];
  walk(syntaxOf(file), (node) => {
    if (!ts.isObjectLiteralExpression(node)) return;
    const name = literalOf(valueOf(node, 'event'));
    if (name === undefined) return;
    const level = literalOf(valueOf(node, 'level'));
    found.push({ name, level, ...namesIn(valueOf(node, 'fields')), place: placeOf(file, node) });
  });
  return found;
}

function valueOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of object.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
  }
  return undefined;
}

function literalOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteral(node) ? node.text : undefined;
}

/** The names of an object's properties, those behind spreads of constants included. */
function namesIn(value: ts.Expression | undefined): { fields: Set<string>; open: boolean } {
  const fields = new Set<string>();
  if (value === undefined) return { fields, open: false };
  const object = ts.isIdentifier(value) ? constantOf(value) : value;
  if (object === undefined || !ts.isObjectLiteralExpression(object)) return { fields, open: true };
  let open = false;
  for (const property of object.properties) {
    if (ts.isSpreadAssignment(property)) {
      const spread = namesIn(property.expression);
      for (const name of spread.fields) fields.add(name);
      open ||= spread.open;
    } else if (isUndefined(property)) {
      fields.delete(property.name.getText());
    } else {
      fields.add(property.name.getText());
    }
  }
  return { fields, open };
}

/** `name: undefined` takes away a field that a spread in front of it has brought. */
function isUndefined(property: ts.ObjectLiteralElementLike): boolean {
  return ts.isPropertyAssignment(property) && property.initializer.getText() === 'undefined';
}

/** What the nearest `const name = …` around this identifier says. */
function constantOf(identifier: ts.Identifier): ts.Expression | undefined {
  for (let scope: ts.Node = identifier.parent; !ts.isSourceFile(scope); scope = scope.parent) {
    if (!ts.isBlock(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const declaration = statement.declarationList.declarations.find(
        ({ name }) => name.getText() === identifier.text,
      );
      if (declaration !== undefined) return declaration.initializer;
    }
  }
  return undefined;
}
