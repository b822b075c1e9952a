// The schema as a tree of keys that can be walked: for messages, the annotated example, the reference page and reload.
// Made once from schema.ts; it adds nothing of its own.

import { z } from 'zod';
import { pathText, type ValuePath } from './problem.ts';
import { configSchema } from './schema.ts';
import { type KeyFacts } from './schema-parts.ts';

export interface Key extends KeyFacts {
  readonly name: string;
  /** `listen.ntripPort`, `mountpoints[].name`. */
  readonly path: string;
  readonly kind: 'map' | 'list' | 'text' | 'integer' | 'number' | 'boolean';
  readonly sentence: string;
  /** Must be given: has no default and is not optional. */
  readonly required: boolean;
  /** Undefined where there is none. */
  readonly defaultValue: unknown;
  /** Words it takes: all of them for a text, besides the numbers for a number. */
  readonly words: readonly string[];
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  /** Keys of a map. */
  readonly parts: readonly Key[];
  /** What a list is made of. */
  readonly item?: Key | undefined;
}

const typeName = z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean']);

/** What is read of JSON Schema 2020-12 as zod writes it, with our facts among it. */
const nodeSchema = z.object({
  type: typeName.optional(),
  description: z.string().default(''),
  default: z.unknown().optional(),
  enum: z.array(z.string()).default([]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).default([]),
  anyOf: z
    .array(
      z.object({
        type: typeName,
        const: z.string().optional(),
        minimum: z.number().optional(),
        maximum: z.number().optional(),
      }),
    )
    .default([]),
  unit: z.string().optional(),
  form: z.string().optional(),
  example: z.union([z.string(), z.number(), z.array(z.string())]).optional(),
  shown: z.boolean().optional(),
  secret: z.boolean().optional(),
  env: z.string().optional(),
  option: z.string().optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get items() {
    return nodeSchema.optional();
  },
});
type Node = z.output<typeof nodeSchema>;

const KINDS = {
  object: 'map',
  array: 'list',
  string: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
} as const;

function keyOf(name: string, path: string, node: Node, required: boolean): Key {
  // A choice of "a word or a number" (`off`, `auto`): the number gives the kind, the word is one of the words.
  const main = node.anyOf.find((choice) => choice.const === undefined) ?? node;
  const { unit, form, example, shown, secret, env, option } = node;
  return {
    name,
    path,
    kind: KINDS[main.type ?? 'string'],
    sentence: node.description,
    required,
    defaultValue: node.default,
    words: [...node.enum, ...node.anyOf.flatMap((choice) => choice.const ?? [])],
    least: main.minimum,
    most: main.maximum,
    parts: Object.entries(node.properties ?? {}).map(([part, partNode]) =>
      keyOf(part, path === '' ? part : `${path}.${part}`, partNode, node.required.includes(part)),
    ),
    item: node.items && keyOf('', `${path}[]`, node.items, false),
    ...{ unit, form, example, shown, secret, env, option },
  };
}

/** The whole file, as one map. */
export const ROOT_KEY: Key = keyOf(
  '',
  '',
  nodeSchema.parse(z.toJSONSchema(configSchema, { io: 'input' })),
  true,
);

/** Every key that holds a value of its own (sections and lists of sections are walked through), in file order. */
export const LEAF_KEYS: readonly Key[] = leavesOf(ROOT_KEY);

function leavesOf(key: Key): Key[] {
  if (key.kind === 'map') return key.parts.flatMap(leavesOf);
  if (key.item?.kind === 'map') return leavesOf(key.item);
  return [key];
}

/** The key of a value, or of an entry of a list; undefined where the schema knows none. */
export function keyAt(path: ValuePath): Key | undefined {
  let key: Key | undefined = ROOT_KEY;
  for (const step of path) {
    key = typeof step === 'number' ? key?.item : key?.parts.find((part) => part.name === step);
  }
  return key;
}

/** As pathText, but only as far as the schema knows the way: what comes after may be anything, even a secret. */
export function knownPathText(path: ValuePath): string {
  const unknown = path.findIndex((_, index) => keyAt(path.slice(0, index + 1)) === undefined);
  return pathText(unknown < 0 ? path : path.slice(0, unknown));
}

/** What a value must be, in words that go on from "give …". */
export function expectation(key: Key): string {
  const words = key.words.join(', ');
  switch (key.kind) {
    case 'map':
      return `keys and values: ${key.parts.map((part) => part.name).join(', ')}`;
    case 'list':
      return key.item?.form === undefined ? 'a list' : `a list, each entry ${key.item.form}`;
    case 'text':
      return words === '' ? (key.form ?? 'text') : `one of ${words}`;
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number': {
      if (key.form !== undefined) return key.form;
      const number = key.kind === 'integer' ? 'a whole number' : 'a number';
      const unit = key.unit === undefined ? '' : ` ${key.unit}`;
      return `${number} from ${key.least ?? '-∞'} to ${key.most ?? '∞'}${unit}${words === '' ? '' : `, or ${words}`}`;
    }
  }
}
