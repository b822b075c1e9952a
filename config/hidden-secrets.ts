// A configuration file as it may be shown: each secret in it stands behind a mark, and comes back in its place when the
// text is sent back. A mark is good where a secret is good and nowhere else, so that no edit can bring one into sight.
// What no key of the schema stands for is hidden too, as it may be a secret under a misspelled name.

import { isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { keyAt, LEAF_KEYS } from './keys.ts';
import { CONFIG_DEPTH_MAX } from './limits.ts';
import { type Problem, type ValuePath } from './problem.ts';

export interface HiddenText {
  readonly text: string;
  /** By the number of its mark: as it stands in the file. */
  readonly secrets: readonly string[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const MARK = /__hidden_(\d{1,6})__/g;
const markOf = (index: number): string => `__hidden_${index}__`;

/** What a comment may hold that is switched off: a key that is secret, or an address with a password in it. */
const SECRET_NAMES = [...new Set(LEAF_KEYS.filter(({ secret }) => secret === true).map(({ name }) => name))];
const SECRET_COMMENT = new RegExp(`(${SECRET_NAMES.join('|')}|pass|secret|token|密码)|://[^/\\s]*@`, 'i');

/** Undefined for a text that is not YAML: nobody knows what in it is a secret. */
export function hideSecrets(text: string): HiddenText | undefined {
  const document = parse(text);
  if (document.errors.length > 0) return undefined;
  const spans = [
    ...secretSpans(document).map(({ from, to }) => ({ from, to: to - trailingBreaks(text.slice(from, to)) })),
    ...commentSpans(text).filter(({ from, to }) => SECRET_COMMENT.test(text.slice(from, to))),
  ].toSorted((a, b) => a.from - b.from);
  const secrets: string[] = [];
  let shown = '';
  let at = 0;
  for (const { from, to } of spans) {
    // An alias stands for a node that was hidden already.
    if (from < at || from === to) continue;
    const secret = text.slice(from, to);
    shown += `${text.slice(at, from)}${secret.startsWith('#') ? '# ' : ''}${markOf(secrets.length)}`;
    secrets.push(secret);
    at = to;
  }
  return { text: shown + text.slice(at), secrets };
}

export interface RestoredText {
  readonly text: string;
  /** Marks where no secret may stand, or that stand for none. */
  readonly problems: readonly Problem[];
}

/** Puts the secrets back in the places of their marks. `file` is for the places of problems. */
export function restoreSecrets(sent: string, secrets: readonly string[], file: string): RestoredText {
  const lines = new LineCounter();
  const document = parseDocument(sent, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  // What is not YAML is told as such, and needs no secrets for it.
  if (document.errors.length > 0) return { text: sent, problems: [] };
  const places = [
    ...secretSpans(document).map((span) => ({ ...span, isComment: false })),
    ...commentSpans(sent).map((span) => ({ ...span, isComment: true })),
  ];
  const problems: Problem[] = [];
  let text = '';
  let at = 0;
  for (const match of sent.matchAll(MARK)) {
    const secret = secrets[Number(match[1])];
    const place = places.find(({ from, to }) => match.index >= from && match.index + match[0].length <= to);
    const isWhole =
      place !== undefined && sent.slice(place.from, place.to).replace(/^# |['"\s]/g, '') === match[0];
    if (secret === undefined || !isWhole || secret.startsWith('#') !== place.isComment) {
      const { line, col } = lines.linePos(match.index);
      problems.push({
        code: 'config_hidden_misplaced',
        where: `${file}:${line}:${col}`,
        path: '',
        message: `${match[0]} stands where no secret of the file may stand`,
        fix: 'leave it where it was, or write the value itself',
      });
      continue;
    }
    text += sent.slice(at, place.from) + secret;
    at = place.to - trailingBreaks(sent.slice(place.from, place.to));
  }
  return { text: text + sent.slice(at), problems };
}

const parse = (text: string): Document => parseDocument(text, { prettyErrors: false, uniqueKeys: false });

const trailingBreaks = (text: string): number => /\s*$/.exec(text)![0].length;

/** Scalars of secret keys, and of keys that the schema does not know. */
function secretSpans(document: Document): Span[] {
  const spans: Span[] = [];
  const walk = (node: unknown, path: ValuePath): void => {
    if (isMap(node) && path.length <= CONFIG_DEPTH_MAX) {
      for (const { key, value } of node.items) walk(value, [...path, isScalar(key) ? String(key.value) : '']);
    } else if (isSeq(node) && path.length <= CONFIG_DEPTH_MAX) {
      node.items.forEach((item, index) => walk(item, [...path, index]));
    } else if (isNode(node) && node.range != null && path.length > 0) {
      const key = keyAt(path);
      if (key === undefined || key.secret === true) spans.push({ from: node.range[0], to: node.range[1] });
    }
  };
  walk(document.contents, []);
  return spans;
}

const isNode = (node: unknown): node is Node => isMap(node) || isSeq(node) || isScalar(node);

/** Tokens that tell of the text and are no part of it. */
const SIGNS = new Set(['\u0002', '\u0018', '\u001f']);

function commentSpans(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  let isScalarNext = false;
  for (const token of new Lexer().lex(text)) {
    if (SIGNS.has(token)) {
      isScalarNext = token === '\u001f';
      continue;
    }
    if (token.startsWith('#') && !isScalarNext) spans.push({ from: at, to: at + token.length });
    isScalarNext = false;
    at += token.length;
  }
  return spans;
}
