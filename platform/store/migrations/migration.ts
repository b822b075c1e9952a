// What a migration is: statements that are written once and fit both databases after three words are put in.

export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly statements: (words: DialectWords) => readonly string[];
}

/**
 * `int` is every integer, `text` sorts by its bytes on both, `strict` ends a table. `later` adds what a table says of
 * one that is made after it, where the database does not let the table itself say so.
 */
export interface DialectWords {
  readonly int: string;
  readonly text: string;
  readonly strict: string;
  readonly dialect: 'sqlite' | 'postgres';
}

export const DIALECT_WORDS = {
  sqlite: { int: 'integer', text: 'text', strict: ' strict', dialect: 'sqlite' },
  postgres: { int: 'bigint', text: 'text collate "C"', strict: '', dialect: 'postgres' },
} as const satisfies Record<string, DialectWords>;
