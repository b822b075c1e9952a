// The monthly statement of a customer: for programs, for spreadsheets, and as a page to print.

import type { FastifyInstance } from 'fastify';
import { STATEMENT_LINES_MAX } from '../../config/limits.ts';
import type { Actor } from '../../platform/http/actor.ts';
import { problem, type Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { casterProblem } from './caster-error-codes.ts';
import { METER_ERRORS, meterProblem } from './meter-problem.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { statementQuery, statementView, viewOfStatement } from './schemas/statement.ts';
import { makeStatement, type Statement, type StatementAsk } from './statement.ts';
import { STATEMENT_COLUMNS, statementCsv } from './statement-csv.ts';
import { STATEMENT_POLICY, statementPage } from './statement-page.ts';

const OF_STATEMENTS = {
  method: 'GET',
  tag: 'statements',
  scope: 'charges:read',
  query: statementQuery,
  errors: ['customer_not_found', 'statement_too_long', ...METER_ERRORS],
} as const;

type Asked = Omit<StatementAsk, 'customerId'> & { readonly customerId?: string | undefined };
type Made =
  { readonly ok: true; readonly statement: Statement } | { readonly ok: false; readonly problem: Problem };

export function statementRoutes(app: FastifyInstance, { store, metering }: CasterRoutesPorts): void {
  async function statementFor(actor: Actor, asked: Asked, requestId: string): Promise<Made> {
    const customerId = asked.customerId ?? actor.customerId;
    if (customerId === null) {
      const detail = 'customerId is missing: an operator has to say whose statement it shall be';
      return refused(problem('invalid_parameter', { param: 'customerId', detail }));
    }
    if (actor.customerId !== null && customerId !== actor.customerId) return noCustomer();
    const made = await makeStatement(store.db, metering, { ...asked, customerId }, Date.now());
    if (made.ok) return made;
    if (made.reason === 'no_customer') return noCustomer();
    if (made.reason === 'too_many_lines') {
      const detail = `it would have more than ${STATEMENT_LINES_MAX} lines`;
      return refused(casterProblem('statement_too_long', { detail }));
    }
    return refused(meterProblem(made, app.api.journal, requestId));
  }

  route(app, {
    ...OF_STATEMENTS,
    path: '/v1/statements',
    operationId: 'getStatement',
    summary: 'What a customer was charged in a month, by app, plan and period, with its balances',
    description: 'Its totals are those of GET /v1/charges with the same `from` and `to`.',
    response: { 200: statementView },
    handle: async ({ actor, query, requestId }) => {
      const made = await statementFor(actor, askOf(query), requestId);
      return made.ok ? { status: 200, body: viewOfStatement(made.statement) } : made.problem;
    },
  });

  route(app, {
    ...OF_STATEMENTS,
    path: '/v1/statements.csv',
    operationId: 'getStatementCsv',
    summary: 'The lines of a statement as CSV',
    response: {},
    file: { contentType: 'text/csv; charset=utf-8', description: STATEMENT_COLUMNS.join(',') },
    handle: async ({ actor, query, requestId }) => {
      const made = await statementFor(actor, askOf(query), requestId);
      if (!made.ok) return made.problem;
      return { file: { name: `${nameOf(made.statement)}.csv`, content: statementCsv(made.statement) } };
    },
  });

  route(app, {
    ...OF_STATEMENTS,
    path: '/v1/statements.html',
    operationId: 'getStatementPage',
    summary: 'A statement as a page to print, which loads nothing from anywhere',
    response: {},
    file: { contentType: 'text/html; charset=utf-8', description: 'The statement' },
    handle: async ({ actor, query, requestId, reply }) => {
      const made = await statementFor(actor, askOf(query), requestId);
      if (!made.ok) return made.problem;
      reply.header('content-security-policy', STATEMENT_POLICY);
      const content = statementPage(made.statement);
      return { file: { name: `${nameOf(made.statement)}.html`, content, isShown: true } };
    },
  });
}

function askOf({ customerId, appId, month, timeZone }: Partial<Asked> & Pick<Asked, 'timeZone'>): Asked {
  return { customerId, appId, month, timeZone };
}

function nameOf({ customerId, month }: Statement): string {
  return `statement-${customerId.replaceAll(/\W/g, '-')}-${month}`;
}

function noCustomer(): Made {
  return refused(problem('customer_not_found', { param: 'customerId' }));
}

function refused(answer: Problem): Made {
  return { ok: false, problem: answer };
}
