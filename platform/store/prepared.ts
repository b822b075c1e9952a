// Queries that run at every login: built and compiled once, then only bound. Building and compiling one costs about as
// much as running it on SQLite; PostgreSQL gets it as a prepared statement and plans it once per connection.
//
//   const findApp = prepare(store, (db, value: Value<{ appKey: string }>) =>
//     db.selectFrom('apps').selectAll().where('app_key', '=', value('appKey')));
//   const app = await findApp.first({ appKey });

import { type CompiledQuery, type QueryResult } from 'kysely';
import { type Compilable, type Kysely, type Transaction } from './sql.ts';
import { type Store } from './store-types.ts';
import { type Tables } from './tables.ts';

/** Stands in a query for what is bound at each call. */
export type Value<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name];

export interface Prepared<Values, Row> {
  /** Rows of a query; within a `write()` its `tx` must be given. */
  all(values: Values, tx?: Transaction<Tables>): Promise<Row[]>;
  first(values: Values, tx?: Transaction<Tables>): Promise<Row | undefined>;
  /** Rows that an insert, update or delete touched. */
  run(values: Values, tx?: Transaction<Tables>): Promise<number>;
}

/** What the drivers get: the same text always has the same name. */
export interface NamedQuery extends CompiledQuery {
  readonly preparedName: string;
}

class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

let namesGiven = 0;

/** Whatever is compared with a column must be a value, never a literal null: `value('x')` of null matches nothing. */
export function prepare<Values, Row>(
  store: Pick<Store, 'db'>,
  build: (db: Kysely<Tables>, value: Value<Values>) => Compilable<Row>,
): Prepared<Values, Row> {
  // The slot travels through the builder in the place of a value, and is looked for among the parameters.
  const compiled = build(store.db, (name) => new Slot(name) as never).compile();
  const preparedName = `rovercast_${++namesGiven}`;
  const parameters = compiled.parameters;

  function execute(values: Values, tx: Transaction<Tables> | undefined): Promise<QueryResult<Row>> {
    const given = values as Readonly<Record<string, unknown>>;
    const bound = parameters.map((parameter) =>
      parameter instanceof Slot ? given[parameter.name] : parameter,
    );
    const query: NamedQuery = { ...compiled, parameters: bound, preparedName };
    return (tx ?? store.db).executeQuery(query);
  }

  return {
    all: async (values, tx) => (await execute(values, tx)).rows,
    first: async (values, tx) => (await execute(values, tx)).rows[0],
    run: async (values, tx) => Number((await execute(values, tx)).numAffectedRows ?? 0n),
  };
}
