// What others need of the query builder. It is imported here and in this folder only, so that it can be replaced.

export {
  sql,
  type Compilable,
  type ExpressionBuilder,
  type Generated,
  type Insertable,
  type Kysely,
  type RawBuilder,
  type Selectable,
  type SelectQueryBuilder,
  type Transaction,
  type Updateable,
} from 'kysely';
