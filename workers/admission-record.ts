// What is written down of each answer to a login: the log, the store's refusals, and rows of logins for metering.

import type { AdmissionRequest, Grant, Refusal } from '../caster/accounts/admission.ts';
import { REFUSAL_REASONS } from '../caster/accounts/refusal-reason.ts';
import type { SecondTier } from '../caster/accounts/second-tier.ts';
import type { SessionRegistry } from '../caster/accounts/session-registry.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { LoginRows } from './login-rows.ts';
import { ledgerTermsOf } from './session-meter.ts';

export interface AdmissionRecordOptions {
  readonly journal: Journal;
  readonly tier: SecondTier | undefined;
  readonly logins: LoginRows | undefined;
  readonly sessions: SessionRegistry;
}

export class AdmissionRecord {
  readonly #options: AdmissionRecordOptions;

  constructor(options: AdmissionRecordOptions) {
    this.#options = options;
  }

  refused(request: AdmissionRequest, refusal: Refusal): void {
    const { journal, tier, logins } = this.#options;
    const { role, version, mountpoint, address, userAgent, username } = request;
    const { reason, retryAfterS, step, detail } = refusal;
    const { status, text, fix } = REFUSAL_REASONS[reason];
    const account = username === '' ? undefined : username;
    const fields = { role, reason, status, mountpoint, account, address, version, userAgent, retryAfterS };
    const told = { ...fields, step, detail, text, fix };
    journal.recordSampled(`${reason} ${address}`, 'info', 'refused', told);
    tier?.refused({ role, username, address, mountpoint }, refusal);
    if (request.role !== 'table') logins?.refused(request, refusal);
  }

  granted(request: AdmissionRequest, grant: Grant): void {
    if (grant.role === 'table' || request.role === 'table') return;
    const { journal, tier, logins, sessions } = this.#options;
    const { role, version, mountpoint, address, userAgent, worker, secure } = request;
    const account = grant.role === 'rover' ? grant.account : undefined;
    const session = grant.sessionId;
    const fields = { session, role, mountpoint, account, address, version, worker, secure, userAgent };
    journal.record('info', 'session_opened', fields);
    logins?.accepted(request, grant, {
      session: sessions.get(session),
      terms: ledgerTermsOf(tier, grant),
    });
  }
}
