// YAML text as plain data, with the place of every key and value, and every mistake in it. It reads on after a mistake,
// so that one run reports as many as there are; it never throws, and never shows text of the file.

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { keyAt, knownPathText } from './keys.ts';
import { CONFIG_DEPTH_MAX, CONFIG_VALUES_MAX } from './limits.ts';
import { Places } from './places.ts';
import { type Problem, type ValuePath } from './problem.ts';
import { syntaxSentence } from './yaml-syntax.ts';

export interface YamlReading {
  /** Maps (without prototype), arrays, texts, numbers, booleans and null. */
  readonly value: unknown;
  readonly places: Places;
  readonly problems: Problem[];
}

export function readYaml(text: string, file: string): YamlReading {
  const lineCounter = new LineCounter();
  // Duplicate keys are looked for below: the library compares each key with all others of its map.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  const placeAt = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };

  const places = new Places(`${file}:1:1`);
  const problems: Problem[] = [];
  // One line with a mistake often leads to several errors; the first is the one to mend.
  const faultyLines = new Set<number>();
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = lineCounter.linePos(error.pos[0]);
    if (faultyLines.has(line)) continue;
    faultyLines.add(line);
    problems.push({ ...syntaxSentence(error.code), where: placeAt(error.pos[0]), path: '' });
  }
  const value = new YamlWalk(placeAt, places, problems).valueOf(document.contents, [], undefined);
  return { value, places, problems };
}

/** One walk over the parsed document: plain data comes back, places and problems are gathered. */
class YamlWalk {
  readonly #placeAt: (offset: number) => string;
  readonly #places: Places;
  readonly #problems: Problem[];
  /** Anchors met so far: an alias stands for the last one of its name before it. */
  readonly #anchors = new Map<string, Node>();
  #values = 0;
  #tooMuch = false;

  constructor(placeAt: (offset: number) => string, places: Places, problems: Problem[]) {
    this.#placeAt = placeAt;
    this.#places = places;
    this.#problems = problems;
  }

  valueOf(node: unknown, path: ValuePath, keyPlace: string | undefined): unknown {
    if (!isNode(node)) {
      if (keyPlace !== undefined) this.#places.set(path, keyPlace, keyPlace);
      return null;
    }
    const place = this.#placeAt(node.range?.[0] ?? 0);
    this.#values++;
    if (path.length > CONFIG_DEPTH_MAX || this.#values > CONFIG_VALUES_MAX) {
      if (!this.#tooMuch)
        this.#problems.push({ ...syntaxSentence('RESOURCE_EXHAUSTION'), where: place, path: '' });
      this.#tooMuch = true;
      return null;
    }
    if (isAlias(node)) {
      const anchored = this.#anchors.get(node.source);
      if (anchored !== undefined) return this.valueOf(anchored, path, keyPlace);
      this.#problems.push({ ...syntaxSentence('BAD_ALIAS'), where: place, path: knownPathText(path) });
      this.#places.set(path, place, keyPlace);
      return null;
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    // An empty value stands after its colon, where nobody looks for it: its key is the place to show.
    const empty = isScalar(node) && node.value === null;
    this.#places.set(path, empty && keyPlace !== undefined ? keyPlace : place, keyPlace);
    if (isMap(node)) return this.#mapOf(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.valueOf(item, [...path, index], undefined));
    return isScalar(node) ? this.#scalarOf(node.value, place, path) : null;
  }

  #mapOf(node: YAMLMap, path: ValuePath): Record<string, unknown> {
    // Without a prototype `__proto__` is a key like any other, and reported as unknown.
    const map = Object.create(null) as Record<string, unknown>;
    const keyPlaces = new Map<string, string>();
    for (const pair of node.items) {
      const { key } = pair;
      const place = this.#placeAt((isNode(key) ? key.range?.[0] : undefined) ?? node.range?.[0] ?? 0);
      const name = isScalar(key) ? String(key.value) : '';
      const first = keyPlaces.get(name);
      if (first !== undefined) {
        this.#problems.push({
          code: 'config_duplicate_key',
          where: place,
          path: knownPathText([...path, name]),
          message: `${keyAt([...path, name]) === undefined ? 'this key' : name} is given twice, first at ${first}`,
          fix: 'keep one of them',
        });
        continue;
      }
      keyPlaces.set(name, place);
      map[name] = this.valueOf(pair.value, [...path, name], place);
    }
    return map;
  }

  #scalarOf(value: unknown, place: string, path: ValuePath): unknown {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      typeof value === 'number'
    ) {
      return value;
    }
    // Dates and binary values, which `%YAML 1.1` switches on.
    this.#problems.push({
      ...syntaxSentence('TAG_RESOLVE_FAILED'),
      message: 'a kind of value that is not used here',
      where: place,
      path: knownPathText(path),
    });
    return null;
  }
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}
