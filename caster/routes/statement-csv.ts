// The lines of a statement as a table, one currency amount a line, exact to the millionth.

import { decimalOf } from '../metering/rating/money.ts';
import { type Cell, csvLine } from './csv.ts';
import type { NamedLine, Statement } from './statement.ts';

type Column = readonly [name: string, cell: (line: NamedLine, statement: Statement) => Cell];

const COLUMNS: readonly Column[] = [
  ['month', (_, { month }) => month],
  ['customerId', (_, { customerId }) => customerId],
  ['customerName', (_, { customerName }) => customerName],
  ['appId', ({ appId }) => appId],
  ['appName', ({ appName }) => appName],
  ['billingPlanId', ({ billingPlanId }) => billingPlanId],
  ['billingPlanName', ({ billingPlanName }) => billingPlanName],
  ['periodKey', ({ periodKey }) => periodKey],
  ['kind', ({ kind }) => kind],
  ['counts', ({ counts }) => counts],
  ['units', ({ units }) => units],
  ['charges', ({ charges }) => charges],
  ['currency', ({ currency }) => currency],
  ['amount', ({ amountMicros }) => ({ decimal: decimalOf(amountMicros) })],
  ['amountMicros', ({ amountMicros }) => ({ decimal: String(amountMicros) })],
];

export const STATEMENT_COLUMNS = COLUMNS.map(([name]) => name);

export function statementCsv(statement: Statement): string {
  const lines = statement.lines.map((line) => csvLine(COLUMNS.map(([, cell]) => cell(line, statement))));
  return [csvLine(STATEMENT_COLUMNS), ...lines].join('');
}
