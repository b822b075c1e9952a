// What one field of a sourcetable filter may say, read into a tree and put to a field's text. Never throws, never
// recurses deeper than GROUPS_DEEP_MAX, and matches wildcards without backtracking over more than one of them.
//
//   or     = and  *( '|' and )                     50.8|50.9   GPS|GLO
//   and    = not  *( ( '+' | '&' ) not )           >=50+<=51   *GPS*&*GAL*
//   not    = '!' not | '(' or ')' | term           !(DEU|AUT)
//   term   = '~' number | [ compare ] value        ~53.1       >8.1      RTCM 3*
//   compare= '=' '==' '!=' '<' '>' '<=' '>=' '=<' '=>'
//   value  = text, '*' for any characters; parentheses inside a value belong to it: 1004(1)

export type FieldExpression =
  | { kind: 'any' | 'all'; parts: FieldExpression[] }
  | { kind: 'not'; part: FieldExpression }
  | { kind: 'compare'; operator: Comparison; value: string; number: number | undefined }
  /** True for every record that has a number; the nearest are chosen afterwards. */
  | { kind: 'nearest'; number: number };

type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

export type ExpressionErrorReason =
  'unexpected_end' | 'unexpected_sign' | 'not_a_number' | 'nearest_misplaced' | 'too_deep';

export type ParsedExpression =
  | { ok: true; expression: FieldExpression }
  /** `at` counts characters from the start of the expression. */
  | { ok: false; reason: ExpressionErrorReason; at: number };

const GROUPS_DEEP_MAX = 16;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const OPERATOR = /(?:==|=<|=>|!=|<=|>=|[=<>])/y;
const VALUE_END = new Set(['|', '+', '&', '!', '=', '<', '>', '~']);
const COMPARISON_OF: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '=<': '<=',
  '>=': '>=',
  '=>': '>=',
};

/** Reads `text`, which is not empty. */
export function parseExpression(text: string): ParsedExpression {
  const reader = new ExpressionReader(text);
  const expression = reader.readAny(0);
  if (reader.error !== undefined) return { ok: false, ...reader.error };
  if (reader.at < text.length) return { ok: false, reason: 'unexpected_sign', at: reader.at };
  return { ok: true, expression };
}

/** Every term of the tree, for checks that look at terms alone. */
export function termsOf(expression: FieldExpression): (FieldExpression & { kind: 'compare' | 'nearest' })[] {
  switch (expression.kind) {
    case 'any':
    case 'all':
      return expression.parts.flatMap(termsOf);
    case 'not':
      return termsOf(expression.part);
    case 'compare':
    case 'nearest':
      return [expression];
  }
}

/**
 * Whether a field agrees. `isNumeric` says how the standard defines the field; text is compared without case, and an
 * ordering of text is never true.
 */
export function agrees(expression: FieldExpression, field: string, isNumeric: boolean): boolean {
  switch (expression.kind) {
    case 'any':
      return expression.parts.some((part) => agrees(part, field, isNumeric));
    case 'all':
      return expression.parts.every((part) => agrees(part, field, isNumeric));
    case 'not':
      return !agrees(expression.part, field, isNumeric);
    case 'nearest':
      return isNumeric && NUMBER.test(field);
    case 'compare':
      return isNumeric && expression.number !== undefined
        ? field !== '' && compareNumbers(expression.operator, Number(field), expression.number)
        : compareTexts(expression.operator, field, expression.value);
  }
}

/** Whether all of `text` fits `pattern`, where `*` stands for any characters and case does not count. */
export function fitsPattern(text: string, pattern: string): boolean {
  const subject = text.toLowerCase();
  const [head = '', ...rest] = pattern.toLowerCase().split('*');
  const tail = rest.pop();
  if (tail === undefined) return subject === head;
  if (subject.length < head.length + tail.length || !subject.startsWith(head) || !subject.endsWith(tail))
    return false;
  const end = subject.length - tail.length;
  let at = head.length;
  for (const part of rest) {
    const found = subject.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function compareNumbers(operator: Comparison, field: number, value: number): boolean {
  switch (operator) {
    case '=':
      return field === value;
    case '!=':
      return field !== value;
    case '<':
      return field < value;
    case '>':
      return field > value;
    case '<=':
      return field <= value;
    case '>=':
      return field >= value;
  }
}

function compareTexts(operator: Comparison, field: string, value: string): boolean {
  if (operator === '=') return fitsPattern(field, value);
  return operator === '!=' && !fitsPattern(field, value);
}

class ExpressionReader {
  at = 0;
  error: { reason: ExpressionErrorReason; at: number } | undefined;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readAny(depth: number): FieldExpression {
    const parts = [this.#readAll(depth)];
    while (this.error === undefined && this.#take('|')) parts.push(this.#readAll(depth));
    return parts.length === 1 ? parts[0]! : this.#checked({ kind: 'any', parts });
  }

  #readAll(depth: number): FieldExpression {
    const parts = [this.#readNot(depth)];
    while (this.error === undefined && (this.#take('+') || this.#take('&'))) parts.push(this.#readNot(depth));
    return parts.length === 1 ? parts[0]! : { kind: 'all', parts };
  }

  #readNot(depth: number): FieldExpression {
    this.#skipBlanks();
    if (depth > GROUPS_DEEP_MAX) return this.#fail('too_deep');
    if (this.#text[this.at] === '!' && this.#text[this.at + 1] !== '=') {
      this.at++;
      return this.#checked({ kind: 'not', part: this.#readNot(depth + 1) });
    }
    if (this.#take('(')) {
      const inner = this.readAny(depth + 1);
      this.#skipBlanks();
      if (this.error === undefined && !this.#take(')')) return this.#fail('unexpected_end');
      return inner;
    }
    return this.#readTerm();
  }

  #readTerm(): FieldExpression {
    if (this.#take('~')) {
      const start = this.at;
      const value = this.#readValue();
      return NUMBER.test(value)
        ? { kind: 'nearest', number: Number(value) }
        : this.#fail('not_a_number', start);
    }
    OPERATOR.lastIndex = this.at;
    const sign = OPERATOR.exec(this.#text)?.[0];
    this.at += sign?.length ?? 0;
    const operator = sign === undefined ? '=' : COMPARISON_OF[sign]!;
    const value = this.#readValue();
    if (value === '') return this.#fail(this.at >= this.#text.length ? 'unexpected_end' : 'unexpected_sign');
    return { kind: 'compare', operator, value, number: NUMBER.test(value) ? Number(value) : undefined };
  }

  /** A sign in front belongs to the value; parentheses opened in it do too. */
  #readValue(): string {
    this.#skipBlanks();
    const start = this.at;
    let open = 0;
    for (; this.at < this.#text.length; this.at++) {
      const char = this.#text[this.at]!;
      if (char === '(' && this.at > start) open++;
      else if (char === '(') break;
      else if (char === ')' && --open < 0) break;
      else if (VALUE_END.has(char)) break;
    }
    return this.#text.slice(start, this.at).trimEnd();
  }

  /** The nearest records cannot be told where `~` is one of several ways to agree, or is denied. */
  #checked(expression: FieldExpression): FieldExpression {
    const misplaced = termsOf(expression).some((term) => term.kind === 'nearest');
    return misplaced && this.error === undefined ? this.#fail('nearest_misplaced') : expression;
  }

  #fail(reason: ExpressionErrorReason, at = this.at): FieldExpression {
    this.error ??= { reason, at };
    return { kind: 'all', parts: [] };
  }

  #take(sign: string): boolean {
    if (this.#text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  #skipBlanks(): void {
    while (this.#text[this.at] === ' ') this.at++;
  }
}
