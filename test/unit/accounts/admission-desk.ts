// An admission from a configuration, with a registry of its own and the rest of the main thread played by the test.

import { type Config, type ConfigInput } from '../../../config/schema.ts';
import { type AdmissionRequest, type Verdict } from '../../../caster/accounts/admission.ts';
import { ConfigAdmission } from '../../../caster/accounts/config-admission.ts';
import { type Session, SessionRegistry } from '../../../caster/accounts/session-registry.ts';
import { configWith } from '../net/fake-house.ts';

/** A day in 2026; the windows of a minute begin with the first failure after it. */
export const NOW_MS = Date.UTC(2026, 3, 17);

type Asked = Partial<Omit<AdmissionRequest, 'role'>>;

const FACTS = {
  version: 2,
  mountpoint: 'A',
  username: '',
  password: '',
  credentials: 'basic',
  address: '192.0.2.1',
  userAgent: 'NTRIP test/1',
  secure: false,
  worker: 0,
} as const;

export class AdmissionDesk {
  readonly registry = new SessionRegistry();
  readonly ended: { session: Session; reason: string }[] = [];
  readonly admission: ConfigAdmission;
  /** How long the base that holds a mountpoint has been silent. */
  silentMs = 0;
  nowMs = NOW_MS;

  constructor(config: Config) {
    this.admission = new ConfigAdmission(config, this.registry, {
      endSession: (session, reason) => {
        this.registry.close(session.id);
        this.ended.push({ session, reason });
      },
      baseSilentMs: () => this.silentMs,
    });
  }

  rover(asked: Asked = {}): Verdict {
    return this.admission.admit({ ...FACTS, ...asked, role: 'rover' }, this.nowMs);
  }

  base(asked: Asked = {}): Verdict {
    return this.admission.admit({ ...FACTS, ...asked, role: 'base' }, this.nowMs);
  }

  table(asked: Asked = {}): Verdict {
    return this.admission.admit(
      { ...FACTS, mountpoint: '', ...asked, role: 'table', isDemanded: true },
      this.nowMs,
    );
  }

  /** The session that this verdict opened. */
  sessionOf(verdict: Verdict): Session {
    const id = verdict.ok && verdict.role !== 'table' ? verdict.sessionId : '';
    const session = this.registry.get(id);
    if (session === undefined) throw new Error(`no session behind ${JSON.stringify(verdict)}`);
    return session;
  }
}

export function deskWith(overrides: ConfigInput): AdmissionDesk {
  return new AdmissionDesk(configWith(overrides));
}

/** `granted`, or the reason of the refusal. */
export function outcome(verdict: Verdict): string {
  return verdict.ok ? 'granted' : verdict.reason;
}
