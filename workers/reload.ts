// Takes a changed configuration over while the process runs, as far as that can be done.

import { diffConfigs } from '../config/reload.ts';
import type { Config } from '../config/schema.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { Caster } from './caster.ts';
import type { CertificateWatch } from './certificate-watch.ts';
import { readTlsMaterial } from './tls-material.ts';

/** The configuration in force afterwards. A certificate is read anew every time, since its file may have changed. */
export function reload(
  { caster, journal, certificate }: { caster: Caster; journal: Journal; certificate: CertificateWatch },
  before: Config,
  next: Config,
): Config {
  const reading = readTlsMaterial(next);
  if (!reading.ok) {
    const { code, message, fix } = reading.problem;
    journal.record('error', 'reload_refused', { code, detail: message, fix });
    return before;
  }
  certificate.use(reading.expiresAtMs);
  caster.reload(next, reading.tls);
  const { changed } = diffConfigs(before, next);
  for (const { path, live } of changed) {
    if (live) journal.record('info', 'setting_changed', { path });
    else journal.record('warn', 'setting_waits', { path, detail: 'takes effect at the next start' });
  }
  journal.record('info', 'reloaded', { settingsChanged: changed.length, sessions: caster.sessions.size });
  return next;
}
