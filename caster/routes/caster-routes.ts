// Every resource of the caster, added to the HTTP interface at once.

import type { FastifyInstance } from 'fastify';
import { accountActionRoutes } from './account-action-routes.ts';
import { accountCreateRoutes } from './account-create-routes.ts';
import { accountPasswordRoutes } from './account-password-routes.ts';
import { accountRoutes } from './account-routes.ts';
import { appActionRoutes } from './app-action-routes.ts';
import { appRoutes } from './app-routes.ts';
import { balanceRoutes } from './balance-routes.ts';
import { billingPlanPreviewRoutes } from './billing-plan-preview-routes.ts';
import { billingPlanRoutes } from './billing-plan-routes.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { chargeRoutes } from './charge-routes.ts';
import { deviceBindRoutes } from './device-bind-routes.ts';
import { deviceRoutes } from './device-routes.ts';
import { exportRoutes } from './export-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { mountpointRoutes } from './mountpoint-routes.ts';
import type { CasterRoutesPorts } from './ports.ts';
import { refusalRoutes } from './refusal-routes.ts';
import { serviceSpecPreviewRoutes } from './service-spec-preview-routes.ts';
import { serviceSpecRoutes } from './service-spec-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { statementRoutes } from './statement-routes.ts';
import { terminalRoutes } from './terminal-routes.ts';
import { usageRoutes } from './usage-routes.ts';

/** For the reference: each tag with its sentence. */
export const CASTER_TAGS: Readonly<Record<string, string>> = {
  mountpoints: 'Names that bases push to and rovers listen to',
  'service-specs': 'What a service gives: corrections, area, sessions',
  'billing-plans': 'What a service costs',
  balances: 'What customers have left, and what it came from',
  apps: 'App keys and secrets, by which fleets log in',
  accounts: 'NTRIP user names and passwords, the second tier',
  devices: 'Physical devices, and what they are bound to',
  bulk: 'One request for many rows, and how far it is',
  exports: 'Whole lists as CSV',
  sessions: 'Who streams now, and who did',
  refusals: 'Why can’t it connect?',
  usage: 'What was used, added up, and the rows behind it',
  charges: 'What was charged, and what for',
  statements: 'What a customer was charged in a month',
  terminal: 'The signed API of devices',
};

export function casterRoutes(app: FastifyInstance, ports: CasterRoutesPorts): void {
  for (const add of [
    mountpointRoutes,
    serviceSpecRoutes,
    serviceSpecPreviewRoutes,
    billingPlanRoutes,
    billingPlanPreviewRoutes,
    balanceRoutes,
    appRoutes,
    appActionRoutes,
    accountCreateRoutes,
    accountRoutes,
    accountActionRoutes,
    accountPasswordRoutes,
    deviceBindRoutes,
    deviceRoutes,
    bulkRoutes,
    jobRoutes,
    exportRoutes,
    sessionRoutes,
    refusalRoutes,
    usageRoutes,
    chargeRoutes,
    statementRoutes,
    terminalRoutes,
  ]) {
    add(app, ports);
  }
}
